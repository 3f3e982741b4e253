//! The flow words that take closures: which name a part of a run, and what may happen in which closure.

use crate::script::tree::Call;

/// What a closure of a flow word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Effects belong here.
    Changes,
    /// Only looks.
    Looks,
    /// As the code around.
    Around,
}

/// A flow word: what its closures are for, in their order; the last role holds for all further ones.
struct Scope {
    name: &'static str,
    roles: &'static [Role],
    /// Its first argument is a name, unique within its parent.
    is_named: bool,
}

const SCOPES: &[Scope] = &[
    Scope { name: "step", roles: &[Role::Changes], is_named: true },
    Scope { name: "all_or_nothing", roles: &[Role::Changes], is_named: true },
    Scope { name: "parallel", roles: &[Role::Changes], is_named: true },
    Scope { name: "temporarily", roles: &[Role::Changes, Role::Around], is_named: true },
    Scope { name: "preflight", roles: &[Role::Looks], is_named: true },
    Scope { name: "guard", roles: &[Role::Looks, Role::Around], is_named: true },
    Scope { name: "canary", roles: &[Role::Around], is_named: true },
    Scope { name: "wait_until", roles: &[Role::Looks], is_named: false },
    Scope { name: "within", roles: &[Role::Around], is_named: false },
    Scope { name: "retry", roles: &[Role::Around], is_named: false },
];

fn scope(call: &Call) -> Option<&'static Scope> {
    SCOPES.iter().find(|scope| call.is_plain() && scope.name == call.name())
}

/// What the `nth` closure of a call is for; none where the call is no flow word.
pub(super) fn role(call: &Call, nth: usize) -> Option<Role> {
    let roles = scope(call)?.roles;
    roles.get(nth).or(roles.last()).copied()
}

/// Is the first argument of this call the name of a part of the run?
pub(in crate::script) fn is_named(call: &Call) -> bool {
    scope(call).is_some_and(|scope| scope.is_named)
}
