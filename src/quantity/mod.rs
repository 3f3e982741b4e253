//! Quantities as operators write them: `"500MB"`, `"50MB/s"`, `"1h30m"`, `"2.6.3"`, `"01:00-05:00 Asia/Seoul"`.
//!
//! A text that is none is an error with what was wrong, where in the text, and an example.

pub mod duration;
mod number;
mod rate;
mod size;
mod version;
mod window;

pub use rate::Rate;
pub use size::Size;
pub use version::Version;
pub use window::Window;
