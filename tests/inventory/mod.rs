//! The files that krun is given: what Kafka's own client files say, and what is refused or told about them.

mod client_properties;
mod librdkafka;
mod stores;

use crate::support::certificates::{Pair, Wish};
use krun::error::Error;
use krun::inventory::{Entry, Reach};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A folder with a `client.properties`, which only its owner can read.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(properties: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.put("client.properties", properties);
        folder
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("written");
        self.mode(name, 0o600);
        path
    }

    fn mode(&self, name: &str, mode: u32) {
        let path = self.0.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the owner may");
    }

    fn entry(&self) -> Entry {
        Entry { client_properties: Some(self.0.path().join("client.properties")), ..Entry::default() }
    }

    fn read(&self) -> Result<Reach, Error> {
        self.entry().read()
    }
}

/// What a file of these lines says, without a warning.
fn read(properties: &str) -> Reach {
    let reach = Folder::with(properties).read().unwrap_or_else(|error| panic!("{error} {:?}", error.hint));
    assert_eq!(reach.warnings, Vec::<String>::new());
    reach
}

/// Why a file of these lines is refused.
fn refused(properties: &str) -> Error {
    let error = Folder::with(properties).read().expect_err(properties);
    assert!(error.message.contains("client.properties"), "{error}");
    error
}

fn a_pair() -> (Pair, Pair) {
    let authority = Wish::authority("the authority").self_signed();
    let pair = Wish::host("krun", &[]).signed_by(&authority);
    (authority, pair)
}
