//! What was typed before, in a file of the state folder that only its owner can read, and without secrets.

use crate::error::Error;
use crate::run::store::{StateRoot, make_folder};
use crate::secret;
use reedline::{
    FileBackedHistory, History, HistoryItem, HistoryItemId, HistorySessionId, Result, SearchDirection, SearchQuery,
};
use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

/// So many texts are kept.
const KEPT: usize = 1000;

/// The history, but for what is not to be kept.
pub(super) struct Past(FileBackedHistory);

impl Past {
    /// One file a user: several may share a state folder.
    pub(super) fn open(root: &StateRoot) -> std::result::Result<Self, String> {
        make_folder(root.path()).map_err(|Error { message, .. }| message)?;
        let path = root.path().join(format!("repl_history_{}", rustix::process::getuid().as_raw()));
        let cannot = |why: std::io::Error| format!("{}: {why}", path.display());
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(cannot)?;
        file.set_permissions(Permissions::from_mode(0o600)).map_err(cannot)?;
        FileBackedHistory::with_file(KEPT, path.clone()).map(Self).map_err(|why| format!("{}: {why}", path.display()))
    }
}

/// Not what begins with a space, and not what names a secret.
pub(super) fn is_kept(text: &str) -> bool {
    !text.starts_with(' ') && !secret::is_named_in(text)
}

impl History for Past {
    fn save(&mut self, item: HistoryItem) -> Result<HistoryItem> {
        if !is_kept(&item.command_line) {
            return Ok(HistoryItem { id: None, ..item });
        }
        let saved = self.0.save(item)?;
        // At once: whoever ends the process may not ask the history first.
        let _ = self.0.sync();
        Ok(saved)
    }

    fn load(&self, id: HistoryItemId) -> Result<HistoryItem> {
        self.0.load(id)
    }

    fn count(&self, query: SearchQuery) -> Result<i64> {
        self.0.count(query)
    }

    fn count_all(&self) -> Result<i64> {
        self.0.count(SearchQuery::everything(SearchDirection::Forward, None))
    }

    fn search(&self, query: SearchQuery) -> Result<Vec<HistoryItem>> {
        self.0.search(query)
    }

    fn update(&mut self, id: HistoryItemId, updater: &dyn Fn(HistoryItem) -> HistoryItem) -> Result<()> {
        self.0.update(id, updater)
    }

    fn clear(&mut self) -> Result<()> {
        self.0.clear()
    }

    fn delete(&mut self, id: HistoryItemId) -> Result<()> {
        self.0.delete(id)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.0.sync()
    }

    fn session(&self) -> Option<HistorySessionId> {
        self.0.session()
    }
}
