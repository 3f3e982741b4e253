//! Types and calls as a script author knows them: `string`, `int`, `Cluster`, never a Rust name.

/// The script's word for a type, from whatever Rhai calls it.
pub(super) fn word(rust: &str) -> String {
    let name = rust.trim();
    if name.contains('|') {
        // How Rhai writes "any kind of string".
        return "string".to_owned();
    }
    let name = name.trim_start_matches('&').trim_start_matches("mut ").trim();
    let bare = name.split('<').next().unwrap_or(name);
    let last = bare.rsplit("::").next().unwrap_or(bare);
    let known = match last {
        "INT" | "i64" | "i32" | "u64" | "u32" | "usize" => "int",
        "FLOAT" | "f64" | "f32" => "float",
        "str" | "String" | "ImmutableString" | "SmartString" => "string",
        "Map" | "BTreeMap" => "map",
        "Array" | "Vec" => "array",
        "Blob" => "blob",
        "Fn" | "FnPtr" => "closure",
        "()" | "" => "()",
        "Dynamic" | "?" | "_" => "any value",
        "Range" | "RangeInclusive" | "ExclusiveRange" | "InclusiveRange" | "StepRange" | "range=" => "range",
        other => other,
    };
    known.to_owned()
}

/// A call that Rhai describes as `upgrade::each (i64, &str | ImmutableString | String)`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) name: String,
    /// Words of types.
    pub(super) args: Vec<String>,
}

pub(super) fn described(signature: &str) -> Described {
    let Some((name, args)) = signature.split_once(" (") else {
        return Described { name: signature.trim().to_owned(), args: Vec::new() };
    };
    let args = args.strip_suffix(')').unwrap_or(args);
    Described { name: name.to_owned(), args: split_args(args).iter().map(|arg| word(arg)).collect() }
}

/// Splits at the commas that are not inside `<…>` or `(…)`.
fn split_args(args: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in args.char_indices() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&args[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&args[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// `an int`, `a string`.
pub(super) fn with_article(word: &str) -> String {
    match word.chars().next() {
        Some('a' | 'e' | 'i' | 'o' | 'A' | 'E' | 'I' | 'O') if word != "any value" => format!("an {word}"),
        Some('(') | None => "`()`".to_owned(),
        _ if word == "any value" => word.to_owned(),
        _ => format!("a {word}"),
    }
}

/// Rust paths and string types inside a text of Rhai's, replaced by the script's words.
pub(super) fn cleaned(text: &str) -> String {
    let text = text.replace("&str | ImmutableString | String", "string");
    let mut clean = String::with_capacity(text.len());
    let mut name = String::new();
    for c in text.chars().chain(std::iter::once('\n')) {
        if c.is_alphanumeric() || matches!(c, '_' | ':') {
            name.push(c);
            continue;
        }
        let is_type = name.contains("::") || matches!(name.as_str(), "i64" | "f64" | "ImmutableString" | "FnPtr");
        clean.push_str(&if is_type && !name.ends_with(':') { word(&name) } else { name.clone() });
        name.clear();
        clean.push(c);
    }
    clean.pop();
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rust_name_survives() {
        let names = [
            ("alloc::string::String", "string"),
            ("&str | ImmutableString | String", "string"),
            ("i64", "int"),
            ("f64", "float"),
            ("&mut krun::bind::cluster::Cluster", "Cluster"),
            ("core::ops::range::Range<i64>", "range"),
            ("rhai::types::dynamic::Dynamic", "any value"),
            ("Fn", "closure"),
            ("()", "()"),
            ("bool", "bool"),
        ];
        for (rust, script) in names {
            assert_eq!(word(rust), script);
        }
    }

    #[test]
    fn a_signature_is_read() {
        let call = described("upgrade::each (i64, &str | ImmutableString | String, alloc::vec::Vec<(u8, u8)>)");
        assert_eq!(call.name, "upgrade::each");
        assert_eq!(call.args, ["int", "string", "array"]);
        assert_eq!(described("f ()").args, Vec::<String>::new());
        assert_eq!(described("f").name, "f");
    }

    #[test]
    fn texts_are_cleaned() {
        assert_eq!(cleaned("cannot convert i64 to alloc::string::String"), "cannot convert int to string");
        assert_eq!(cleaned("Division by zero: 1 / 0"), "Division by zero: 1 / 0");
    }
}
