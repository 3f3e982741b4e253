//! The standard library that is embedded in krun: one entry a file of `stdlib/`.
//!
//! A file `std/NAME.rhai` beside the runbook wins over the embedded one.

/// Name and text of each module, by name.
const MODULES: &[(&str, &str)] = &[
    ("diet", include_str!("../../stdlib/diet.rhai")),
    ("findings", include_str!("../../stdlib/findings.rhai")),
    ("guards", include_str!("../../stdlib/guards.rhai")),
    ("load", include_str!("../../stdlib/load.rhai")),
    ("moving", include_str!("../../stdlib/moving.rhai")),
    ("newcomer", include_str!("../../stdlib/newcomer.rhai")),
    ("readers", include_str!("../../stdlib/readers.rhai")),
    ("reassign", include_str!("../../stdlib/reassign.rhai")),
    ("releases", include_str!("../../stdlib/releases.rhai")),
    ("rolling", include_str!("../../stdlib/rolling.rhai")),
    ("stopping", include_str!("../../stdlib/stopping.rhai")),
    ("thinning", include_str!("../../stdlib/thinning.rhai")),
    ("throttle", include_str!("../../stdlib/throttle.rhai")),
    ("upgrade", include_str!("../../stdlib/upgrade.rhai")),
    ("verify", include_str!("../../stdlib/verify.rhai")),
];

/// The text of the embedded module `std/NAME`.
pub fn text(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names that can stand behind `std/`.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}
