//! What an `import` may name, and where it leads.
//!
//! A path is a literal and relative to the folder of the runbook, also in a file that is itself imported: one path means
//! one file, whoever writes it. It cannot leave that folder. `std/NAME` is the embedded library, unless the folder has a
//! file `std/NAME.rhai`.

use super::tree;
use rhai::{AST, Expr, Ident, Position, Stmt};

/// One `import` statement.
pub(super) struct Import {
    /// None where the path is computed.
    pub(super) path: Option<String>,
    pub(super) path_position: Position,
    pub(super) alias: Option<(String, Position)>,
}

/// All imports of a file, also those inside functions and closures.
pub(super) fn of(ast: &AST) -> Vec<Import> {
    let import = |(path, alias): (Expr, Ident)| Import {
        path: tree::literal(&path).map(str::to_owned),
        path_position: path.start_position(),
        alias: (!alias.name.is_empty()).then(|| (alias.name.to_string(), alias.pos)),
    };
    tree::imports(ast).into_iter().map(import).collect()
}

/// The imports of a text that stand in no block and no function: they hold for what comes after it.
pub(super) fn at_the_top(ast: &AST) -> impl Iterator<Item = (&str, &str)> {
    ast.statements().iter().filter_map(|statement| match statement {
        Stmt::Import(parts, _) if !parts.1.name.is_empty() => Some((tree::literal(&parts.0)?, parts.1.name.as_str())),
        _ => None,
    })
}

/// A module by the path of its file below the runbook's folder: `std/reassign.rhai`, `lib/checks.rhai`.
pub type Key = String;

/// The key of an import path, or what is wrong with the path.
pub(super) fn key(path: &str) -> Result<Key, &'static str> {
    if path.trim().is_empty() {
        return Err("it is empty");
    }
    if path.starts_with('/') || path.contains('\\') || path.contains(':') {
        return Err("it must be relative to the runbook's folder, with `/` between folders");
    }
    if path.chars().any(char::is_control) {
        return Err("it contains a control character");
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => return Err("it leaves the runbook's folder"),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    match path.strip_suffix(".rhai").unwrap_or(&path) {
        "" => Err("it names no file"),
        stem => Ok(format!("{stem}.rhai")),
    }
}

/// `reassign` of `std/reassign.rhai`.
pub(super) fn std_name(key: &str) -> Option<&str> {
    key.strip_prefix("std/")?.strip_suffix(".rhai")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_has_one_key() {
        for path in ["lib/checks", "./lib/checks", "lib//checks", "lib/checks.rhai"] {
            assert_eq!(key(path).as_deref(), Ok("lib/checks.rhai"), "{path}");
        }
        assert_eq!(std_name("std/reassign.rhai"), Some("reassign"));
        assert_eq!(std_name("lib/reassign.rhai"), None);
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        for path in ["../x", "lib/../../x", "/etc/x", "C:x", "lib\\x", "", " ", ".", "./", "a\nb", ".rhai"] {
            assert!(key(path).is_err(), "{path:?}");
        }
    }
}
