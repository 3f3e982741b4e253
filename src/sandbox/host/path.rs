//! Where a path of a simulated host lies: always below its folder, whatever links say.

use crate::error::Error;
use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};

/// As many as Linux follows.
const MOST_LINKS: usize = 40;

/// The root folder of a host.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Root {
    folder: PathBuf,
    /// What the host is called.
    name: String,
}

impl Root {
    pub(in crate::sandbox) fn new(folder: PathBuf, name: String) -> Self {
        Self { folder, name }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// With all links followed, as an operation on what is there wants it. The end of the path need not be there.
    pub(in crate::sandbox) fn place(&self, path: &str) -> Result<PathBuf, Error> {
        self.walk(path, true)
    }

    /// The same of the last name itself, where that may be a link.
    pub(super) fn place_itself(&self, path: &str) -> Result<PathBuf, Error> {
        self.walk(path, false)
    }

    /// What the host calls a place below its folder.
    pub(in crate::sandbox) fn on_host(&self, place: &Path) -> String {
        let below = place.strip_prefix(&self.folder).unwrap_or(place);
        format!("/{}", below.to_string_lossy())
    }

    /// Links are followed as in a `chroot`: an absolute one begins at the folder, and `..` does not lead above it.
    fn walk(&self, path: &str, follows_last: bool) -> Result<PathBuf, Error> {
        let invalid = |why: &str| Error::new("INVALID_ARGUMENT", format!("{}: {path:?} {why}", self.name));
        if !path.starts_with('/') {
            return Err(invalid("is no absolute path").hint("paths on a host of the sandbox begin with `/`"));
        }
        if path.split('/').any(|name| name == "..") {
            return Err(invalid("has `..` in it").hint("name the folder itself"));
        }
        let mut ahead: VecDeque<String> = names(Path::new(path));
        let mut gone: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(name) = ahead.pop_front() {
            if name == ".." {
                gone.pop();
                continue;
            }
            gone.push(name);
            let here = self.below(&gone);
            if ahead.is_empty() && !follows_last {
                break;
            }
            let Ok(target) = std::fs::read_link(&here) else { continue };
            links += 1;
            if links > MOST_LINKS {
                return Err(Error::new("COMMAND_FAILED", format!("{}: {path}: links lead in a circle", self.name)));
            }
            gone.pop();
            if target.is_absolute() {
                gone.clear();
            }
            for name in names(&target).into_iter().rev() {
                ahead.push_front(name);
            }
        }
        Ok(self.below(&gone))
    }

    fn below(&self, names: &[String]) -> PathBuf {
        names.iter().fold(self.folder.clone(), |path, name| path.join(name))
    }
}

fn names(path: &Path) -> VecDeque<String> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        Component::ParentDir => Some("..".to_owned()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(name).collect()
}
