//! Which steps, preflights and temporaries stand open on the screen: the indentation of a line, and the name that is
//! still to be said.

use super::in_place::is_inside;
use crate::event::{Path, path_text};
use jiff::Timestamp;

#[derive(Debug, Clone)]
struct Open {
    path: Path,
    since: Timestamp,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    open: Vec<Open>,
}

impl Tree {
    pub(super) fn begin(&mut self, path: &[String], now: Timestamp) {
        self.open.retain(|open| open.path != path);
        self.open.push(Open { path: path.to_vec(), since: now });
    }

    /// Closes it and all inside it; gives when it began, where that was seen.
    pub(super) fn end(&mut self, path: &[String]) -> Option<Timestamp> {
        let since = self.open.iter().find(|open| open.path == path).map(|open| open.since);
        self.open.retain(|open| open.path != path && !is_inside(&open.path, path));
        since
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    pub(super) fn innermost(&self) -> Option<&[String]> {
        self.open.last().map(|open| open.path.as_slice())
    }

    /// Where a line stands that belongs to no path.
    pub(super) fn depth_here(&self) -> usize {
        self.innermost().map_or(0, |path| self.depth_inside(path))
    }

    /// The same of one item of a `parallel` that works on several at once; the empty path is none.
    pub(super) fn depth_in(&self, item: &[String]) -> usize {
        let innermost = self.open.iter().rev().find(|open| open.path.starts_with(item));
        innermost.map_or(0, |open| self.depth_inside(&open.path))
    }

    /// Where the line of a step stands: below what is open around it.
    pub(super) fn depth(&self, path: &[String]) -> usize {
        self.open.iter().filter(|open| is_inside(path, &open.path)).count()
    }

    /// Where what happens in a step stands: one level more, if the step itself is open.
    pub(super) fn depth_inside(&self, path: &[String]) -> usize {
        self.depth(path) + usize::from(self.open.iter().any(|open| open.path == path))
    }

    /// The names that the lines around it do not say already.
    pub(super) fn label(&self, path: &[String]) -> String {
        let around = self.open.iter().filter(|open| is_inside(path, &open.path));
        let said = around.map(|open| open.path.len()).max().unwrap_or(0);
        path_text(path.get(said..).unwrap_or(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(names: &[&str]) -> Path {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_label_says_what_the_lines_around_it_do_not() {
        let mut tree = Tree::default();
        assert_eq!(tree.label(&path(&["canary", "swap", "stop"])), "canary › swap › stop");
        tree.begin(&path(&["canary", "swap"]), Timestamp::UNIX_EPOCH);
        assert_eq!(tree.label(&path(&["canary", "swap", "stop"])), "stop");
        assert_eq!((tree.depth(&path(&["canary", "swap", "stop"])), tree.depth(&path(&["other"]))), (1, 0));
        assert_eq!((tree.depth_inside(&path(&["canary", "swap"])), tree.depth_here()), (1, 1));
    }

    #[test]
    fn an_end_closes_what_was_left_open_inside() {
        let mut tree = Tree::default();
        let (outer, inner) = (path(&["a"]), path(&["a", "b"]));
        tree.begin(&outer, Timestamp::UNIX_EPOCH);
        tree.begin(&inner, Timestamp::UNIX_EPOCH);
        assert_eq!(tree.end(&outer), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(tree.innermost(), None);
        assert_eq!(tree.end(&inner), None);
    }
}
