//! The text of a file that a command was given, or of standard input.

use super::json::{Fault, Faulty};
use crate::error::Error;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// What is wrong with a file that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// As a whole: it is not there, or may not be read.
    File(Error),
    /// In its text.
    Faulty(Box<Faulty>),
}

impl From<Error> for Unreadable {
    fn from(error: Error) -> Self {
        Self::File(error)
    }
}

impl From<Faulty> for Unreadable {
    fn from(faulty: Faulty) -> Self {
        Self::Faulty(Box::new(faulty))
    }
}

impl Unreadable {
    /// Everything that is wrong, each with its place.
    pub fn errors(&self) -> Vec<Error> {
        match self {
            Self::File(error) => vec![error.clone()],
            Self::Faulty(faulty) => faulty.errors(),
        }
    }
}

/// Reads a whole file. `FILE_NOT_FOUND`, `FILE_UNREADABLE`: it is a folder, or its owner keeps it; `INVALID_TEXT`: it is no
/// UTF-8.
pub fn of_file(path: &Path) -> Result<String, Unreadable> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::new("FILE_NOT_FOUND", format!("there is no file {name}")).hint("check the path"),
        ErrorKind::IsADirectory => {
            Error::new("FILE_UNREADABLE", format!("{name} is a folder")).hint("name a file in it")
        }
        _ => Error::new("FILE_UNREADABLE", format!("{name} cannot be read: {error}")).hint("check who may read it"),
    })?;
    text(&name, bytes)
}

/// Reads standard input to its end.
pub fn of_stdin(mut stdin: impl Read) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    stdin
        .read_to_end(&mut bytes)
        .map_err(|error| Error::new("FILE_UNREADABLE", format!("standard input cannot be read: {error}")))?;
    text(STDIN, bytes)
}

/// What messages call standard input.
pub const STDIN: &str = "stdin";

fn text(name: &str, bytes: Vec<u8>) -> Result<String, Unreadable> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let (message, hint) = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            ("the file is UTF-16, as some editors and PowerShell's `>` write it".to_owned(), "save it as UTF-8")
        } else if bytes.starts_with(&[0x1f, 0x8b]) {
            ("the file is compressed".to_owned(), "unpack it first: gunzip")
        } else {
            (format!("byte 0x{:02x} is no UTF-8", bytes[valid]), "save the file as UTF-8")
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let length = text[valid..].chars().next().map_or(0, char::len_utf8);
        let fault = Fault {
            code: "INVALID_TEXT",
            message,
            hint: Some(hint.to_owned()),
            span: valid..valid + length,
            other: None,
        };
        Faulty { file: name.to_owned(), text, faults: vec![fault], more: false }.into()
    })
}
