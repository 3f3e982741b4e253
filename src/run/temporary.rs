//! `temporarily`: for what must not outlive the work.

use crate::error::Error;
use crate::event::{Path, Record, path_text};
use crate::run::session::Session;
use crate::run::step::check_name;
use crate::run::stop::Level;
use crate::run::track::Scope;
use crate::run::trouble::{Halt, Trouble};

#[derive(Default)]
struct Known {
    open: bool,
    work_done: bool,
}

impl Session {
    /// Makes `change`, does `work`, and puts the change back; with `keep` only where the work went through.
    pub fn temporarily<T>(
        &self,
        name: &str,
        keep: bool,
        change: impl FnOnce() -> Result<(), Trouble>,
        work: impl FnOnce() -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        check_name("temporarily", name)?;
        let track = self.track();
        if let Some(place) =
            track.reads_only().or(track.has(Scope::Change).then_some("the change of another temporarily"))
        {
            return Err(Error::new("TEMPORARY_MISPLACED", format!("temporarily `{name}` stands inside {place}"))
                .hint("put it around the work that needs it")
                .into());
        }
        self.safe_point()?;
        let path = track.path_to(name);
        self.refuse_a_second("TEMPORARY_NAME_TWICE", "temporarily", &path)?;
        let known = self.known_temporary(&path);
        if known.work_done {
            // Made, used, and perhaps put back by an earlier session: what its work gave is recorded.
            let result = self.within(Scope::OverWork, Some(name), work);
            return if known.open { self.leave(&path, keep, result) } else { result };
        }
        self.record(Record::TemporaryOpened { path: path.clone(), keep })?;
        if let Err(trouble) = self.within(Scope::Change, Some(name), change) {
            // Made for the first time, nothing depends on it yet.
            let put_back = if known.open && keep { Ok(()) } else { self.close(&path, false) };
            return Err(put_back.err().unwrap_or(trouble));
        }
        let result = self.within(Scope::Work, Some(name), work);
        if result.is_ok() {
            self.record(Record::TemporaryWorkDone { path: path.clone() })?;
        }
        self.leave(&path, keep, result)
    }

    fn leave<T>(&self, path: &Path, keep: bool, result: Result<T, Trouble>) -> Result<T, Trouble> {
        match result {
            Ok(value) => self.close(path, true).map(|()| value),
            Err(trouble) if keep => Err(trouble),
            Err(trouble) => Err(self.close(path, false).err().unwrap_or(trouble)),
        }
    }

    /// Puts back what is in place. After a second Ctrl-C, or where nothing can be recorded, it stays and is listed.
    pub(crate) fn close(&self, path: &Path, finished: bool) -> Result<(), Trouble> {
        if !self.may_put_back() {
            return if finished { Err(Halt::Interrupted.into()) } else { Ok(()) };
        }
        let in_place = self.state().history.in_place_of(path);
        let outstanding = self.put_back_all(&in_place)?;
        if outstanding.is_empty() {
            self.record(Record::TemporaryClosed { path: path.clone(), finished })?;
            return Ok(());
        }
        let text = format!("`{}` could not be put back: {}", path_text(path), outstanding.join("; "));
        Err(Halt::Broken(Error::new("OUTSTANDING", text)).into())
    }

    pub(crate) fn may_put_back(&self) -> bool {
        self.journal_is_sound() && self.holds_lock() && self.stop().level() < Level::Now
    }

    /// What the journal says of it, in this attempt of the step around it.
    fn known_temporary(&self, path: &Path) -> Known {
        let state = self.state();
        let since = state.history.parent_begun(path);
        let known = state.history.temporaries.iter().find(|temporary| temporary.path == *path);
        known.map_or(Known::default(), |known| Known {
            open: known.open,
            work_done: known.work_done.is_some_and(|done| done > since),
        })
    }

    /// Entered again by a `retry` or by a new attempt of the step around it is no second one.
    pub(crate) fn refuse_a_second(&self, code: &str, word: &str, path: &Path) -> Result<(), Error> {
        let mut state = self.state();
        let now = (state.current_try(), state.history.parent_begun(path));
        if state.scopes_entered.insert(path.clone(), now) != Some(now) {
            return Ok(());
        }
        Err(Error::new(code, format!("{word} `{}` was entered already", path_text(path)))
            .hint("names are unique within their parent; in a loop put the item into the name"))
    }
}
