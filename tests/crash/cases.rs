//! Which cases of a matrix run, and two at a time.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::time::Instant;

/// All of them with `KRUN_MATRIX=all`, else every `every`-th.
pub(super) fn chosen<T>(all: impl IntoIterator<Item = T>, every: usize) -> Vec<T> {
    let asked = std::env::var("KRUN_MATRIX").unwrap_or_default();
    if asked == "all" {
        return all.into_iter().collect();
    }
    let offset = asked.parse().unwrap_or(0) % every;
    all.into_iter().skip(offset).step_by(every).collect()
}

/// Fails with every case that failed, by its name.
pub(super) fn run<T: Send>(matrix: &str, cases: Vec<T>, name: impl Fn(&T) -> String + Sync, case: impl Fn(&T) + Sync) {
    let (began, size) = (Instant::now(), cases.len());
    let (cases, failed) = (Mutex::new(cases.into_iter()), Mutex::new(Vec::new()));
    let next = || cases.lock().expect("no case panics here").next();
    let work = || {
        while let Some(one) = next() {
            if let Err(why) = panic::catch_unwind(AssertUnwindSafe(|| case(&one))) {
                let said = why.downcast_ref::<String>().cloned();
                let said = said.or_else(|| why.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let mut failed = failed.lock().expect("no case panics here");
                failed.push(format!("{}\n{}", name(&one), said.unwrap_or_default()));
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let failed = failed.into_inner().expect("no case panics here");
    println!("{matrix}: {size} cases, {} failed, {:.0} s", failed.len(), began.elapsed().as_secs_f64());
    assert!(failed.is_empty(), "{matrix}: {} of {size} failed:\n\n{}", failed.len(), failed.join("\n\n"));
}
