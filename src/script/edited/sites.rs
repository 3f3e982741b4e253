//! Where a text names its steps, and how well a recorded name fits such a place.

use super::code::Code;
use super::{Recorded, RecordedKind};
use crate::script::check::scopes::is_named;
use crate::script::check::{Program, Unit};
use crate::script::tree::Call;
use rhai::Expr;

/// A call of `step`, `parallel` or `temporarily`.
#[derive(Debug)]
pub(super) struct Site {
    word: String,
    name: Pattern,
    /// What it does, as a digest.
    pub(super) code: String,
    /// In the runbook or a file beside it, not in the standard library.
    pub(super) is_own: bool,
}

impl Site {
    pub(super) fn is_step(&self) -> bool {
        self.word == "step"
    }

    /// The name, with `…` for what only a run knows.
    pub(super) fn shown(&self) -> String {
        self.name.0.iter().map(|part| part.as_deref().unwrap_or("…")).collect()
    }
}

/// The parts of a name; none is a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern(Vec<Option<String>>);

pub(super) fn of(program: &Program) -> Vec<Site> {
    let mut sites = Vec::new();
    let code = Code::of(program);
    for unit in program.units() {
        let is_own = program.own_units().any(|own| own.file.name() == unit.file.name());
        unit.visit(&mut |node| sites.extend(node.call().and_then(|call| site(&code, unit, &call, is_own))));
    }
    sites
}

fn site(code: &Code, unit: &Unit, call: &Call, is_own: bool) -> Option<Site> {
    if !is_named(call) || !["step", "parallel", "temporarily"].contains(&call.name()) {
        return None;
    }
    let (name, rest) = call.args().split_first()?;
    let digest = code.of_arguments(unit, rest);
    Some(Site { word: call.name().to_owned(), name: pattern(name), code: digest, is_own })
}

fn pattern(name: &Expr) -> Pattern {
    let mut parts = Vec::new();
    read(name, &mut parts);
    parts.dedup_by(|right, left| right.is_none() && left.is_none());
    Pattern(parts)
}

fn read(name: &Expr, parts: &mut Vec<Option<String>>) {
    match name {
        Expr::StringConstant(text, _) => parts.push(Some(text.to_string())),
        Expr::InterpolatedString(pieces, _) => pieces.iter().for_each(|piece| read(piece, parts)),
        // `"move topic " + topic`
        Expr::FnCall(callee, _) if callee.is_operator_call() && callee.name == "+" => {
            callee.args.iter().for_each(|side| read(side, parts));
        }
        _ => parts.push(None),
    }
}

impl Pattern {
    fn fits(&self, name: &str) -> bool {
        fits(&self.0, name)
    }

    /// How much of the name stands in the text; a name without gaps fits best of all.
    fn weight(&self) -> (bool, usize) {
        let written = self.0.iter().flatten().map(String::len).sum();
        (self.0.iter().all(Option::is_some), written)
    }
}

fn fits(parts: &[Option<String>], name: &str) -> bool {
    match parts.split_first() {
        None => name.is_empty(),
        Some((Some(text), rest)) => name.strip_prefix(text.as_str()).is_some_and(|name| fits(rest, name)),
        Some((None, [])) => true,
        Some((None, rest)) => name.char_indices().any(|(at, _)| fits(rest, &name[at..])) || fits(rest, ""),
    }
}

/// The places that can have given a recorded name and fit it best.
pub(super) fn best<'s>(sites: &'s [Site], one: &Recorded) -> Vec<&'s Site> {
    let (word, back) = match one.kind {
        RecordedKind::Step => ("step", 1),
        RecordedKind::Item => ("parallel", 2),
        RecordedKind::Temporary => ("temporarily", 1),
    };
    let Some(name) = one.path.len().checked_sub(back).and_then(|at| one.path.get(at)) else { return Vec::new() };
    let fitting: Vec<&Site> = sites.iter().filter(|site| site.word == word && site.name.fits(name)).collect();
    let most = fitting.iter().map(|site| site.name.weight()).max();
    fitting.into_iter().filter(|site| Some(site.name.weight()) == most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(parts: &[&str]) -> Pattern {
        Pattern(parts.iter().map(|part| (*part != "…").then(|| (*part).to_owned())).collect())
    }

    #[test]
    fn a_gap_takes_any_text_and_nothing() {
        assert!(pattern(&["move topic ", "…"]).fits("move topic orders"));
        assert!(pattern(&["…", " of ", "…"]).fits("a of b of c") && pattern(&["a", "…"]).fits("a"));
        assert!(!pattern(&["move topic ", "…", "!"]).fits("move topic orders") && !pattern(&["a"]).fits("ab"));
        assert!(pattern(&["…", "é"]).fits("éé"));
    }

    #[test]
    fn a_name_that_is_written_out_fits_best() {
        let site = |parts: &[&str], code: &str| Site {
            word: "step".to_owned(),
            name: pattern(parts),
            code: code.to_owned(),
            is_own: true,
        };
        let sites = [site(&["…"], "any"), site(&["move ", "…"], "move"), site(&["move a"], "a")];
        let best = |name: &str| {
            let one = Recorded { path: vec![name.to_owned()], kind: RecordedKind::Step, is_finished: true };
            super::best(&sites, &one).into_iter().map(|site| site.code.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            (best("move a"), best("move b"), best("x")),
            (vec!["a".to_owned()], vec!["move".to_owned()], vec!["any".to_owned()])
        );
    }
}
