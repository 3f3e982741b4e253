//! The state folder: one folder a run, readable only by its owner.

use crate::error::Error;
use crate::event::Entry;
use crate::run::history::Edit;
use crate::run::journal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path as FilePath, PathBuf};

const FORMAT: u32 = 1;
const TRACES: &str = "traces";

/// `run.json`: what a run is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub format: u32,
    pub krun: String,
    pub run: String,
    pub runbook: String,
    pub cluster: String,
    pub cluster_id: String,
    pub sandbox: bool,
    /// Typed line by line into `krun repl`: its steps are its lines, and it is never resumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
    pub bootstrap_servers: Vec<String>,
    /// How to get into the cluster, for whoever connects to it: where things lie, never a secret.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub entry: Value,
    /// How its hosts are reached, and where brokers live on them.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub hosts: Value,
    pub params: BTreeMap<String, Value>,
    pub created: Timestamp,
    /// The names of `sources/`, the runbook first.
    pub sources: Vec<String>,
}

/// The folder that holds all runs, locks and the sandbox.
#[derive(Debug, Clone)]
pub struct StateRoot(PathBuf);

/// A run's name, and its folder where it can be read.
pub type Listed = (String, Result<RunFolder, Error>);

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

impl StateRoot {
    /// `--state`, else `/var/lib/krun` where a group may write it, else the user's own state folder.
    pub fn choose(given: Option<&FilePath>, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        if let Some(given) = given {
            return Ok(Self(std::path::absolute(given).unwrap_or_else(|_| given.to_owned())));
        }
        let shared = FilePath::new("/var/lib/krun");
        let group_writable = |path: PathBuf| {
            fs::metadata(path).is_ok_and(|about| about.is_dir() && about.permissions().mode() & 0o020 != 0)
        };
        if group_writable(shared.join("runs")) {
            return Ok(Self(shared.to_owned()));
        }
        let own = environment("XDG_STATE_HOME").filter(|path| path.starts_with('/')).map(PathBuf::from);
        let home = environment("HOME").filter(|path| path.starts_with('/'));
        let own = own.or_else(|| home.map(|home| FilePath::new(&home).join(".local/state")));
        own.map(|own| Self(own.join("krun"))).ok_or_else(|| {
            Error::new("NO_STATE_FOLDER", "neither XDG_STATE_HOME nor HOME says where runs are kept")
                .hint("name a folder with `--state DIR`")
        })
    }

    pub fn path(&self) -> &FilePath {
        &self.0
    }

    pub fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }

    pub fn sandbox(&self) -> PathBuf {
        self.0.join("sandbox")
    }

    pub fn locks(&self) -> PathBuf {
        self.0.join("locks")
    }

    /// Makes the folder of a new run, with its sources.
    pub fn create(&self, about: &About, sources: &[(String, String)]) -> Result<RunFolder, Error> {
        let folder = RunFolder(self.runs().join(&about.run));
        make_folder(&self.runs())?;
        fs::DirBuilder::new().mode(0o700).create(&folder.0).map_err(|error| cannot_write(&folder.0, &error))?;
        let filled = folder.fill(about, sources);
        if filled.is_err() {
            // Half of a folder is no run.
            let _ = fs::remove_dir_all(&folder.0);
        }
        filled.map(|()| folder)
    }

    /// The folder of a session that writes none: it does not exist.
    pub(crate) fn no_folder(&self) -> RunFolder {
        RunFolder(self.0.join("nowhere"))
    }

    /// All runs, oldest first. One that cannot be read is there with its error.
    pub fn all(&self) -> Result<Vec<Listed>, Error> {
        let listing = match fs::read_dir(self.runs()) {
            Ok(listing) => listing,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                let text = format!("cannot read {}: {error}", self.runs().display());
                return Err(Error::new("STATE_FOLDER", text).hint("name another folder with `--state DIR`"));
            }
        };
        let mut names: Vec<String> = listing
            .filter_map(Result::ok)
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        Ok(names.into_iter().map(|name| (name.clone(), self.find(&name))).collect())
    }

    pub fn find(&self, run: &str) -> Result<RunFolder, Error> {
        let folder = RunFolder(self.runs().join(run));
        let named = !run.is_empty() && !run.contains('/') && run != "." && run != "..";
        if named && folder.0.join("run.json").is_file() {
            return Ok(folder);
        }
        Err(Error::new("NO_SUCH_RUN", format!("there is no run {run} in {}", self.runs().display()))
            .hint("`krun runs` lists them"))
    }
}

impl RunFolder {
    fn fill(&self, about: &About, sources: &[(String, String)]) -> Result<(), Error> {
        make_folder(&self.0.join("sources"))?;
        make_folder(&self.0.join("values"))?;
        for (number, (_, text)) in sources.iter().enumerate() {
            self.write(&format!("sources/{number}.rhai"), text.as_bytes())?;
        }
        let text = serde_json::to_vec_pretty(about).unwrap_or_default();
        self.write("run.json", &text)
    }

    pub fn path(&self) -> &FilePath {
        &self.0
    }

    pub fn about(&self) -> Result<About, Error> {
        let path = self.0.join("run.json");
        let unreadable = |why: String| Error::new("RUN_UNREADABLE", format!("cannot read {}: {why}", path.display()));
        let text = fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
        let value: Value = serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
        if let Some(format) = value.get("format").and_then(Value::as_u64).filter(|format| *format > u64::from(FORMAT)) {
            return Err(Error::new(
                "RUN_NEWER",
                format!("{} has format {format}, this krun reads {FORMAT}", path.display()),
            )
            .hint("use the krun that wrote it, or a newer one"));
        }
        serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))
    }

    pub fn new_about(run: String, runbook: String) -> About {
        About {
            format: FORMAT,
            krun: env!("CARGO_PKG_VERSION").to_owned(),
            run,
            runbook,
            cluster: String::new(),
            cluster_id: String::new(),
            sandbox: false,
            typed: false,
            bootstrap_servers: Vec::new(),
            entry: Value::Null,
            hosts: Value::Null,
            params: BTreeMap::new(),
            created: Timestamp::now(),
            sources: Vec::new(),
        }
    }

    /// The stored texts of the runbook and of all that it imports, the runbook first: those of the last edit, if one is given.
    pub fn sources(&self, edit: Option<&Edit>) -> Result<Vec<(String, String)>, Error> {
        let folder = edit.map_or_else(|| "sources".to_owned(), |edit| edit_folder(edit.number));
        let files = edit.map_or_else(|| self.about().map(|about| about.sources), |edit| Ok(edit.files.clone()));
        let read = |(number, name): (usize, String)| {
            let path = self.0.join(format!("{folder}/{number}.rhai"));
            let text = fs::read_to_string(&path);
            text.map(|text| (name, text))
                .map_err(|error| Error::new("RUN_UNREADABLE", format!("cannot read {}: {error}", path.display())))
        };
        files?.into_iter().enumerate().map(read).collect()
    }

    /// Stores edited texts beside the ones before, and gives the number of their folder. They count once the journal says so.
    pub fn store_edit(&self, sources: &[(String, String)]) -> Result<u32, Error> {
        let is_free = |number: &u32| !self.0.join(edit_folder(*number)).exists();
        let number = (1..u32::MAX).find(is_free).unwrap_or(u32::MAX);
        make_folder(&self.0.join(edit_folder(number)))?;
        for (file, (_, text)) in sources.iter().enumerate() {
            self.write(&format!("{}/{file}.rhai", edit_folder(number)), text.as_bytes())?;
        }
        let above = self.0.join("sources");
        journal::sync_folder(&above).map_err(|error| cannot_write(&above, &error))?;
        Ok(number)
    }

    /// None where krun was killed before the journal was there: such a run never began.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        if !self.0.join(journal::FILE).exists() {
            return Ok(Vec::new());
        }
        journal::read(&self.0).map(|contents| contents.entries)
    }

    /// Notes something of the world that is about to carry this run's name, such as the lock of a host: what was noted is found again,
    /// wherever the run is killed.
    pub(crate) fn leave_trace(&self, what: &str) -> Result<(), Error> {
        let mut traces = self.traces();
        if traces.iter().any(|known| known == what) {
            return Ok(());
        }
        traces.push(what.to_owned());
        self.write(TRACES, traces.join("\n").as_bytes())
    }

    pub(crate) fn traces(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.join(TRACES)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Writes a whole file so that even a power cut leaves the old text or the new one.
    pub fn write(&self, name: &str, text: &[u8]) -> Result<(), Error> {
        let path = self.0.join(name);
        let written =
            Self::replace(&path, text, true).and_then(|()| path.parent().map_or(Ok(()), journal::sync_folder));
        written.map_err(|error| cannot_write(&path, &error))
    }

    /// The same for a file that only helps: it survives a killed krun, and need not survive a power cut.
    pub fn write_help(&self, name: &str, text: &[u8]) {
        let _ = Self::replace(&self.0.join(name), text, false);
    }

    fn replace(path: &FilePath, text: &[u8], sync: bool) -> std::io::Result<()> {
        let new = path.with_extension("new");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text)?;
        if sync {
            file.sync_all()?;
        }
        fs::rename(&new, path)
    }
}

fn edit_folder(number: u32) -> String {
    format!("sources/edit-{number}")
}

/// A run's name: when it began, what it runs, and four letters that tell two of one second apart.
pub fn run_name(runbook: &FilePath, now: Timestamp) -> String {
    let stem = runbook.file_stem().and_then(|stem| stem.to_str()).unwrap_or("run");
    let stem: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let tail = uuid::Uuid::new_v4().simple().to_string();
    format!("{}-{stem}-{}", now.strftime("%Y%m%d-%H%M%S"), &tail[..4])
}

pub(crate) fn make_folder(path: &FilePath) -> Result<(), Error> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &FilePath, error: &std::io::Error) -> Error {
    Error::new("STATE_FOLDER", format!("cannot write {}: {error}", path.display()))
        .hint("nothing was changed; make room, make the folder writable, or name another with `--state DIR`")
}
