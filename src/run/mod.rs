//! A run: session, step, the door, journal, undo, stop.
//!
//! | file | what it holds |
//! |---|---|
//! | `session` | one process at work on one run, and the one way to record what happens |
//! | `journal`, `history` | the durable record, and what it says |
//! | `door` | the one way to change the world; effects as data |
//! | `put_back`, `abort` | undo over the journal |
//! | `step`, `temporary`, `wait`, `question` | what a script calls |
//! | `track` | where a thread of the script is |
//! | `stop`, `lock`, `holders` | signals; one run a cluster; what other runs hold |
//! | `store`, `values` | the folder of a run, and what is too large for its journal |

pub mod abort;
pub mod door;
pub mod history;
mod holders;
pub mod journal;
pub mod kill_point;
pub mod lock;
mod present;
mod put_back;
pub mod question;
pub mod session;
mod step;
pub mod stop;
pub mod store;
mod temporary;
mod track;
pub mod trouble;
mod values;
pub mod wait;
