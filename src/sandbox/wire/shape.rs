//! Walks over an encoded request without decoding it.
//!
//! The codec allocates what an array's length promises before it reads a single element, and a process that cannot get
//! the memory is aborted. So each request is measured against its shape first: every length must be covered by bytes
//! that are really there, and nothing may be left over.

use bytes::Buf;
use kafka_protocol::protocol::StrBytes;

/// One field of a request, in the versions that have it.
pub(super) struct Field {
    pub(super) from: i16,
    pub(super) to: i16,
    pub(super) what: What,
}

pub(super) enum What {
    /// So many bytes.
    Fixed(usize),
    /// A string, or none.
    Text,
    /// Records, or none.
    Blob,
    /// An array of structs, or none.
    List(&'static [Field]),
    /// An array of numbers of so many bytes each.
    Numbers(usize),
    /// An array of strings.
    Texts,
}

/// The bytes do not fit the shape.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit;

/// Bytes that are being walked over.
pub(super) struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    /// Compact lengths and tagged fields (KIP-482).
    flexible: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8], version: i16, flexible: bool) -> Self {
        Self { rest: bytes, version, flexible }
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Walks over a whole request: all of its fields and nothing more.
    pub(super) fn whole(mut self, fields: &[Field]) -> Result<(), Misfit> {
        self.fields(fields)?;
        if self.rest.is_empty() { Ok(()) } else { Err(Misfit) }
    }

    fn fields(&mut self, fields: &[Field]) -> Result<(), Misfit> {
        let version = self.version;
        for field in fields.iter().filter(|field| (field.from..=field.to).contains(&version)) {
            match &field.what {
                What::Fixed(size) => self.skip(*size)?,
                What::Text => self.text()?,
                What::Blob => {
                    let length = self.length(4)?;
                    self.skip(length)?;
                }
                What::Numbers(size) => {
                    let count = self.length(4)?;
                    self.skip(count.checked_mul(*size).ok_or(Misfit)?)?;
                }
                What::List(fields) => {
                    for _ in 0..self.count()? {
                        self.fields(fields)?;
                    }
                }
                What::Texts => {
                    for _ in 0..self.count()? {
                        self.text()?;
                    }
                }
            }
        }
        if self.flexible { self.tags() } else { Ok(()) }
    }

    /// How many elements follow, each of which takes a byte at least.
    fn count(&mut self) -> Result<usize, Misfit> {
        let count = self.length(4)?;
        if count > self.rest.len() { Err(Misfit) } else { Ok(count) }
    }

    fn text(&mut self) -> Result<(), Misfit> {
        let length = self.length(2)?;
        self.skip(length)
    }

    /// A length of `width` bytes, or compact. Null counts as nothing.
    fn length(&mut self, width: usize) -> Result<usize, Misfit> {
        if self.flexible {
            return Ok(self.varint()?.saturating_sub(1));
        }
        if self.rest.len() < width {
            return Err(Misfit);
        }
        let length = if width == 2 { i32::from(self.rest.get_i16()) } else { self.rest.get_i32() };
        if length == -1 { Ok(0) } else { usize::try_from(length).map_err(|_| Misfit) }
    }

    pub(super) fn tags(&mut self) -> Result<(), Misfit> {
        for _ in 0..self.varint()? {
            self.varint()?;
            let size = self.varint()?;
            self.skip(size)?;
        }
        Ok(())
    }

    fn varint(&mut self) -> Result<usize, Misfit> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let (&byte, rest) = self.rest.split_first().ok_or(Misfit)?;
            self.rest = rest;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(value).map_err(|_| Misfit);
            }
        }
        Err(Misfit)
    }

    /// The client's name in a request header, which never has a compact length.
    pub(super) fn client_id(&mut self) -> Result<StrBytes, Misfit> {
        let flexible = std::mem::replace(&mut self.flexible, false);
        let length = self.length(2);
        self.flexible = flexible;
        let name = self.rest.get(..length?).ok_or(Misfit)?;
        self.skip(name.len())?;
        Ok(String::from_utf8_lossy(name).into_owned().into())
    }

    fn skip(&mut self, size: usize) -> Result<(), Misfit> {
        self.rest = self.rest.get(size..).ok_or(Misfit)?;
        Ok(())
    }
}
