//! Parameters that are asked for and not declared, and the other way round.

use super::Program;
use crate::script::declaration::{self, NAME};
use crate::script::problem::Problem;
use crate::script::tree;
use crate::suggestion::did_you_mean_name;
use std::collections::BTreeSet;

pub(super) fn wrong(program: &Program) -> Vec<Problem> {
    let Some(main) = &program.main else { return Vec::new() };
    let (declared, mut problems) = declaration::read(main.ast, main.file);
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for unit in program.units() {
        unit.visit(&mut |node| {
            let Some(call) = node.call().filter(|call| call.is_plain() && call.name() == "param") else { return };
            let [name] = call.args() else { return };
            let Some(text) = tree::literal(name) else {
                let problem = Problem::error("PARAM_COMPUTED", "the name of a parameter must be a literal text")
                    .hint("write it out, as in `param(\"to\")`: only then can a missing one be named before the run");
                problems.push(problem.at(unit.file, name.start_position(), "this is computed"));
                return;
            };
            asked.insert(text.to_owned());
            if declared.iter().any(|param| param.name == text) {
                return;
            }
            let known = declared.iter().map(|param| param.name.as_str());
            let hint = did_you_mean_name(text, known).unwrap_or_else(|| {
                let entry = format!("{text}: #{{ kind: \"string\", help: \"…\" }}");
                if declared.is_empty() {
                    format!("declare it in {}: `const {NAME} = #{{ {entry} }};`", main.file.name())
                } else {
                    format!("declare it in the `{NAME}` of {}: `{entry}`", main.file.name())
                }
            });
            let problem = Problem::error("PARAM_UNDECLARED", format!("the parameter `{text}` is not declared"));
            problems.push(problem.hint(hint).at(unit.file, name.start_position(), "asked for here"));
        });
    }
    // Which ones a computed name asks for is not known.
    let computed = problems.iter().any(|problem| problem.code == "PARAM_COMPUTED");
    for param in declared.iter().filter(|param| !computed && !asked.contains(&param.name)) {
        let problem =
            Problem::warning("PARAM_UNUSED", format!("the parameter `{}` is declared and never used", param.name));
        problems.push(problem.hint(format!("read it with `param(\"{}\")`, or take it away", param.name)).at(
            main.file,
            param.position,
            "declared here",
        ));
    }
    problems
}
