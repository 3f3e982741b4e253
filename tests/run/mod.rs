//! The run's own record: the journal on a real disk, cut and damaged.

mod journal;
