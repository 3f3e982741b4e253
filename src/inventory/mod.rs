//! krun.toml: which clusters there are.
