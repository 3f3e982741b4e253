//! The one integration-test binary.

mod real;
