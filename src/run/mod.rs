//! A run: session, step, the door, journal, undo, stop.
//!
//! | file | what it holds |
//! |---|---|
//! | `session` | one process at work on one run, and the one way to record what happens |
//! | `finish` | how that ends |
//! | `journal`, `history`, `keys`, `writers` | the durable record, what it says, which effects are the same, and who wrote last |
//! | `effects`, `door`, `settle` | effects as data; the one way to change the world; what became of a change |
//! | `put_back`, `abort` | undo over the journal |
//! | `by_hand` | what an operator would type instead of `krun abort` |
//! | `step`, `temporary`, `wait`, `question`, `window`, `pause` | what a script calls |
//! | `parallel`, `items`, `claims` | a step for each item, what a journal says of them, what each may change |
//! | `canary`, `guard`, `background` | the scopes of a canary and a guard; threads beside the script's |
//! | `track` | where a thread of the script is |
//! | `typed` | a run whose steps are the lines of `krun repl` |
//! | `stop`, `lock`, `holders` | signals; one run a cluster; what other runs hold |
//! | `store`, `values` | the folder of a run, and what is too large for its journal |

pub mod abort;
pub mod background;
mod by_hand;
pub mod canary;
mod claims;
mod door;
mod earlier;
pub mod effects;
mod finish;
pub mod guard;
pub mod history;
mod holders;
mod items;
pub mod journal;
mod keys;
pub mod kill_point;
pub mod lock;
pub mod parallel;
mod pause;
mod present;
mod put_back;
pub mod question;
pub mod session;
mod settle;
mod step;
pub mod stop;
pub mod store;
mod temporary;
mod track;
pub mod trouble;
pub mod typed;
mod values;
pub mod wait;
mod window;
mod writers;
