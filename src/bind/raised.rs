//! Errors on their way through a script.

use crate::error::Error;
use crate::event::Place;

/// What `catch (e)` receives: a krun error with the place where it was first raised.
///
/// Rhai replaces the position of an error that a script throws again, so the origin travels with the value.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    pub error: Error,
    pub place: Option<Place>,
    /// The number of the failed step that the error passed, once it has passed one.
    pub failure: Option<u64>,
}
