//! What a journal says of the items of a `parallel`: what happens in one says nothing about another.

use crate::event::Path;
use crate::run::history::History;

impl History {
    /// The pending failures that are over, since the script went on at `path`. That other items of a `parallel` go on says
    /// nothing of the one that failed: whoever called `parallel` has not seen its failure yet.
    pub(super) fn followed_by(&mut self, path: &[String]) -> Vec<u64> {
        let pending = std::mem::take(&mut self.pending);
        let (still, over): (Vec<_>, Vec<_>) = pending.into_iter().partition(|one| {
            self.around_both(path, &one.step).is_some_and(|parallel| path.get(parallel) != one.step.get(parallel))
        });
        self.pending = still;
        over.into_iter().map(|one| one.failure).collect()
    }

    /// Whether these two lie in different items of one `parallel`.
    pub(super) fn are_in_different_items(&self, one: &[String], other: &[String]) -> bool {
        let around = self.around_both(one, other);
        around.is_some_and(|at| one.len() > at && other.len() > at && one[at] != other[at])
    }

    /// The steps of a `parallel` that were begun and are not finished, of items that it has no more.
    pub(super) fn items_passed_by(&self, parallel: &[String], items: &[String]) -> Vec<Path> {
        let is_gone = |step: &Path| {
            step.starts_with(parallel) && step.get(parallel.len()).is_some_and(|item| !items.contains(item))
        };
        self.unfinished_steps().into_iter().filter(is_gone).collect()
    }

    /// How many names lead to the innermost `parallel` that both lie in.
    fn around_both(&self, one: &[String], other: &[String]) -> Option<usize> {
        let common = one.iter().zip(other).take_while(|(left, right)| left == right).count();
        (1..=common).rev().find(|length| self.parallels.contains(&one[..*length]))
    }
}
