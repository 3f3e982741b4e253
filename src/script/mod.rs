//! Runbooks as Rhai: source, resolver, checker, diagnostics.
