//! `temporarily`: for what must not outlive the work.

use crate::error::Error;
use crate::event::{Path, Record, path_text};
use crate::run::session::Session;
use crate::run::step::check_name;
use crate::run::stop::Level;
use crate::run::track::Scope;
use crate::run::trouble::{Halt, Trouble};

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
        let (was_open, was_finished) = self.known_temporary(&path);
        if was_finished {
            return self.within(Scope::OverWork, Some(name), work);
        }
        self.record(Record::TemporaryOpened { path: path.clone(), keep })?;
        if let Err(trouble) = self.within(Scope::Change, Some(name), change) {
            // Made for the first time, nothing depends on it yet.
            let put_back = if was_open && keep { Ok(()) } else { self.close(&path, false) };
            return Err(put_back.err().unwrap_or(trouble));
        }
        let result = self.within(Scope::Work, Some(name), work);
        match result {
            Ok(value) => self.close(&path, true).map(|()| value),
            Err(trouble) if keep => Err(trouble),
            Err(trouble) => Err(self.close(&path, false).err().unwrap_or(trouble)),
        }
    }

    /// Puts back what is in place. After a second Ctrl-C, or where nothing can be recorded, it stays and is listed.
    fn close(&self, path: &Path, finished: bool) -> Result<(), Trouble> {
        if !self.journal_is_sound() || self.stop().level() >= Level::Now {
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

    /// Whether it is open, and whether its work went through before.
    fn known_temporary(&self, path: &Path) -> (bool, bool) {
        let state = self.state();
        let known = state.history.temporaries.iter().find(|temporary| temporary.path == *path);
        known.map_or((false, false), |temporary| (temporary.open, temporary.finished))
    }
}
