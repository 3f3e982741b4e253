//! Makes `catch (e)` give one kind of error. Rhai gives its own errors as maps with a text of Rhai's; whoever reads the
//! variable of a `catch` gets what a host function would have raised: `.code`, `.message`, `.hint`, `.retriable`.

use super::api::HostApi;
use super::{caught, wording};
use crate::bind::raised::Raised;
use rhai::{AST, ASTNode, Dynamic, Engine, Expr, Map, Stmt};
use std::collections::BTreeSet;

/// The names that a file's `catch (name)` gives.
pub(super) fn variables(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::TryCatch(parts, _))) = path.last()
            && let Expr::Variable(variable, ..) = &parts.expr
        {
            names.insert(variable.1.to_string());
        }
        true
    });
    names
}

/// Answers for the variables of these names, where they hold an error of the language.
#[expect(deprecated, reason = "volatile, not deprecated, says Rhai; its version is pinned")]
pub fn unify(engine: &mut Engine, names: BTreeSet<String>) {
    if names.is_empty() {
        return;
    }
    let api = HostApi::of(engine);
    engine.on_var(move |name, _, context| {
        if !names.contains(name) {
            return Ok(None);
        }
        let value = context.scope().get(name);
        let caught = value.and_then(Dynamic::read_lock::<Map>).and_then(|map| caught::read(&map));
        Ok(caught.map(|caught| {
            let error = wording::built_in(&caught.error, &api);
            Dynamic::from(Raised { place: caught.place, ..Raised::new(error) })
        }))
    });
}
