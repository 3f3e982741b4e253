//! The keys of hosts that somebody has vouched for: `known_hosts` as sshd(8) describes it, with what libssh2 gets wrong: patterns,
//! negation, `@revoked`, `@cert-authority`, and lines of other ports than 22.

use openssl::base64;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use std::fmt;
use std::path::{Path, PathBuf};

/// The lines of all files that count, in their order.
#[derive(Debug, Clone, Default)]
pub struct KnownHosts {
    lines: Vec<Line>,
    malformed: Vec<Place>,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
}

#[derive(Debug, Clone)]
struct Line {
    place: Place,
    marker: Marker,
    names: Names,
    key_type: String,
    key: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    None,
    Revoked,
    CertAuthority,
}

#[derive(Debug, Clone)]
enum Names {
    /// Each with whether it is negated.
    Patterns(Vec<(bool, String)>),
    Hashed {
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
}

/// What the files say of a host and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the host's key.
    Known(Place),
    /// Nobody has vouched for any key of this host, or only for keys of these other types.
    Unknown { other_types: Vec<String> },
    /// Another key of this type is the host's: it was installed anew, or somebody is in between.
    Changed(Place),
    /// This key must not be trusted any more.
    Revoked(Place),
    /// Only a certification authority vouches for this host, and krun checks no host certificates.
    OnlyAuthority(Place),
}

impl KnownHosts {
    /// Adds the lines of a file. One that is malformed is passed over, and named by [`malformed`](Self::malformed).
    pub fn add(&mut self, file: &Path, text: &[u8]) {
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = String::from_utf8_lossy(line);
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = Place { file: file.to_owned(), line: index + 1 };
            match parse(line, &place) {
                Some(line) => self.lines.push(line),
                None => self.malformed.push(place),
            }
        }
    }

    /// Lines that could not be understood.
    pub fn malformed(&self) -> &[Place] {
        &self.malformed
    }

    /// The types of the keys that are known of a host: which of them it is asked for first decides what it can be compared with.
    pub fn key_types(&self, host: &str, port: u16) -> Vec<&str> {
        let mut types = Vec::new();
        for name in names(host, port) {
            for line in self.of(&name).filter(|line| line.marker == Marker::None) {
                if !types.contains(&line.key_type.as_str()) {
                    types.push(line.key_type.as_str());
                }
            }
        }
        types
    }

    /// Judges the key that a host shows. A host at another port than 22 stands as `[host]:port`; a plain line of the same key is
    /// taken too, as ssh(1) does.
    pub fn judge(&self, host: &str, port: u16, key_type: &str, key: &[u8]) -> Verdict {
        let verdict = self.judge_name(&names(host, port)[0], key_type, key);
        match names(host, port).get(1) {
            Some(plain) if matches!(verdict, Verdict::Unknown { .. }) => {
                let without_port = self.judge_name(plain, key_type, key);
                let decides = matches!(without_port, Verdict::Known(_) | Verdict::Revoked(_));
                if decides { without_port } else { verdict }
            }
            _ => verdict,
        }
    }

    fn judge_name(&self, name: &str, key_type: &str, key: &[u8]) -> Verdict {
        let mut verdict = Verdict::Unknown { other_types: Vec::new() };
        for line in self.of(name) {
            let is_same = line.key == key;
            match (line.marker, &mut verdict) {
                (Marker::Revoked, _) if is_same => return Verdict::Revoked(line.place.clone()),
                (Marker::None, Verdict::Known(_)) | (Marker::Revoked, _) => {}
                (Marker::None, _) if is_same => verdict = Verdict::Known(line.place.clone()),
                (Marker::None, Verdict::Unknown { .. } | Verdict::OnlyAuthority(_)) if line.key_type == key_type => {
                    verdict = Verdict::Changed(line.place.clone());
                }
                (Marker::None, Verdict::Unknown { other_types }) => other_types.push(line.key_type.clone()),
                (Marker::CertAuthority, Verdict::Unknown { other_types }) if other_types.is_empty() => {
                    verdict = Verdict::OnlyAuthority(line.place.clone());
                }
                _ => {}
            }
        }
        verdict
    }

    fn of(&self, name: &str) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.names.match_name(name))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// How a host is called in the files, the more exact name first.
fn names(host: &str, port: u16) -> Vec<String> {
    let host = host.to_lowercase();
    if port == 22 { vec![host] } else { vec![format!("[{host}]:{port}"), host] }
}

fn parse(line: &str, place: &Place) -> Option<Line> {
    let mut words = line.split_ascii_whitespace();
    let mut first = words.next()?;
    let marker = match first {
        "@revoked" => Marker::Revoked,
        "@cert-authority" => Marker::CertAuthority,
        other if other.starts_with('@') => return None,
        _ => Marker::None,
    };
    if marker != Marker::None {
        first = words.next()?;
    }
    let names = Names::parse(first)?;
    let key_type = words.next()?.to_owned();
    let key = base64::decode_block(words.next()?).ok()?;
    // A key begins with the name of its type: a line in which they differ was not written by ssh.
    let is_of_type = key.get(4..)?.starts_with(key_type.as_bytes());
    is_of_type.then(|| Line { place: place.clone(), marker, names, key_type, key })
}

impl Names {
    fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("|1|") {
            let (salt, hash) = rest.split_once('|')?;
            return Some(Self::Hashed {
                salt: base64::decode_block(salt).ok()?,
                hash: base64::decode_block(hash).ok()?,
            });
        }
        if text.starts_with('|') {
            return None;
        }
        let pattern = |text: &str| match text.strip_prefix('!') {
            Some(rest) => (true, rest.to_lowercase()),
            None => (false, text.to_lowercase()),
        };
        Some(Self::Patterns(text.split(',').map(pattern).collect()))
    }

    fn match_name(&self, name: &str) -> bool {
        match self {
            Self::Patterns(patterns) => {
                let mut is_matched = false;
                for (is_negated, pattern) in patterns {
                    if matches(pattern.as_bytes(), name.as_bytes()) {
                        if *is_negated {
                            return false;
                        }
                        is_matched = true;
                    }
                }
                is_matched
            }
            Self::Hashed { salt, hash } => {
                hmac(salt, name).is_some_and(|own| own.len() == hash.len() && memcmp::eq(&own, hash))
            }
        }
    }
}

/// `*` stands for any letters, `?` for one.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.first(), name.first()) {
        (None, None) => true,
        (Some(b'*'), _) => matches(&pattern[1..], name) || (!name.is_empty() && matches(pattern, &name[1..])),
        (Some(b'?'), Some(_)) => matches(&pattern[1..], &name[1..]),
        (Some(wanted), Some(found)) if wanted == found => matches(&pattern[1..], &name[1..]),
        _ => false,
    }
}

/// Hashed names are HMAC-SHA1 of the name, keyed by the salt.
fn hmac(salt: &[u8], name: &str) -> Option<Vec<u8>> {
    let key = PKey::hmac(salt).ok()?;
    let mut signer = Signer::new(MessageDigest::sha1(), &key).ok()?;
    signer.sign_oneshot_to_vec(name.as_bytes()).ok()
}
