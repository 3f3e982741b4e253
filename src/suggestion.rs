//! "Did you mean": the known word nearest to an unknown one.

/// The candidate nearest to `word`, if it is near enough to be what was meant: the same word in another case, or at most
/// a third of its characters (one at least) inserted, dropped, replaced or swapped with their neighbour. Never the word
/// itself: it may be known and still be wrong where it stands.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = word.to_lowercase().chars().collect();
    let limit = (wanted.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// The sentence for a hint, without a capital and without a full stop: `did you mean "orders"?`, or nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|candidate| format!("did you mean \"{candidate}\"?"))
}

/// The same for a name in code: ``did you mean `step`?``, or nothing.
pub fn did_you_mean_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Edits between two words, a swap of neighbours being one (the restricted Damerau-Levenshtein distance).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut edits = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                edits = edits.min(before_last[j - 1] + 1);
            }
            row.push(edits);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let words = ["bootstrap_servers", "cluster_id", "hosts", "brokers"];
        assert_eq!(nearest("bootstrap_server", words), Some("bootstrap_servers"));
        assert_eq!(nearest("borkers", words), Some("brokers"));
        assert_eq!(nearest("HOSTS", words), Some("hosts"));
        assert_eq!(nearest("timeout", words), None);
        assert_eq!(nearest("x", ["y"]), None, "a word that shares nothing is no suggestion");
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("stpe", ["alter_configs", "step"]), Some("step"));
        assert_eq!(nearest("step", ["step", "stop"]), Some("stop"), "a word is no suggestion for itself");
    }
}
