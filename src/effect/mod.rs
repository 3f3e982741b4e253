//! Effects: one file an effect.
