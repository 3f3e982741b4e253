//! Refuses a hostile reply before the codec sees it.
//!
//! The codec reserves memory for as many entries as an array's length field says; a foreign or damaged reply can say two
//! thousand million, and the allocation failure aborts the process. So every reply is walked first, along the [`Shape`] of
//! its API, without allocating: each length must be covered by the bytes that are really there, and none may be left over.

/// How the bytes of a reply are laid out, in every version that krun speaks.
pub(crate) struct Shape {
    /// From this version on lengths are varints and structures end with tagged fields (KIP-482).
    pub(super) flexible: i16,
    pub(super) fields: &'static [Field],
}

/// One field of a structure, present in the versions `since..=until`.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(super) layout: Layout,
    pub(super) since: i16,
    pub(super) until: i16,
}

#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// A value of so many bytes.
    Fixed(usize),
    /// A string, perhaps null.
    Text,
    /// An array of strings, perhaps null.
    Texts,
    /// A structure that stands by itself.
    Structure(&'static [Field]),
    /// An array of values of so many bytes each, perhaps null.
    Values(usize),
    /// An array of structures, perhaps null.
    Structures(&'static [Field]),
    /// What the tagged field of this number holds. Unlisted tags are opaque bytes.
    Tagged(u32, &'static Field),
}

pub(crate) const BOOL: Field = field(Layout::Fixed(1));
pub(crate) const INT8: Field = field(Layout::Fixed(1));
pub(crate) const INT16: Field = field(Layout::Fixed(2));
pub(crate) const INT32: Field = field(Layout::Fixed(4));
pub(crate) const INT64: Field = field(Layout::Fixed(8));
pub(crate) const UUID: Field = field(Layout::Fixed(16));
pub(crate) const TEXT: Field = field(Layout::Text);
pub(crate) const TEXTS: Field = field(Layout::Texts);
pub(crate) const BYTES: Field = field(Layout::Values(1));
pub(crate) const INT32S: Field = field(Layout::Values(4));

const fn field(layout: Layout) -> Field {
    Field { layout, since: 0, until: i16::MAX }
}

pub(crate) const fn structure(fields: &'static [Field]) -> Field {
    field(Layout::Structure(fields))
}

pub(crate) const fn structures(fields: &'static [Field]) -> Field {
    field(Layout::Structures(fields))
}

pub(crate) const fn tagged(tag: u32, content: &'static Field) -> Field {
    field(Layout::Tagged(tag, content))
}

impl Field {
    pub(crate) const fn since(self, version: i16) -> Self {
        Self { since: version, ..self }
    }

    pub(crate) const fn until(self, version: i16) -> Self {
        Self { until: version, ..self }
    }

    pub(super) const fn is_in(&self, version: i16) -> bool {
        self.since <= version && version <= self.until
    }
}

/// Walks the header of a reply, after its correlation id, and the body. The error says what does not fit.
pub(crate) fn check(shape: &Shape, version: i16, tagged_header: bool, bytes: &[u8]) -> Result<(), String> {
    let mut walk = Walk { rest: bytes, version, flexible: version >= shape.flexible };
    if tagged_header {
        walk.tags(&[])?;
    }
    walk.structure(shape.fields)?;
    match walk.rest.len() {
        0 => Ok(()),
        left => Err(format!("{left} bytes too many at its end")),
    }
}

struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
}

impl<'a> Walk<'a> {
    fn structure(&mut self, fields: &'static [Field]) -> Result<(), String> {
        for field in fields {
            if field.is_in(self.version) {
                self.field(field)?;
            }
        }
        if self.flexible { self.tags(fields) } else { Ok(()) }
    }

    fn field(&mut self, field: &'static Field) -> Result<(), String> {
        match field.layout {
            Layout::Fixed(width) => self.take(width).map(drop),
            Layout::Text => self.text(),
            Layout::Texts => {
                for _ in 0..self.count()? {
                    self.text()?;
                }
                Ok(())
            }
            Layout::Structure(fields) => self.structure(fields),
            Layout::Values(width) => {
                let count = self.count()?;
                self.take(count.saturating_mul(width)).map(drop)
            }
            Layout::Structures(fields) => {
                for _ in 0..self.count()? {
                    self.structure(fields)?;
                }
                Ok(())
            }
            Layout::Tagged(..) => Ok(()),
        }
    }

    fn text(&mut self) -> Result<(), String> {
        let length = if self.flexible { self.compact_length()? } else { self.short_length()? };
        self.take(length).map(drop)
    }

    /// The tagged fields that end a structure. Like the codec, this follows what a known tag holds, not its stated size.
    fn tags(&mut self, known: &'static [Field]) -> Result<(), String> {
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let size = self.varint()?;
            match known.iter().find_map(|field| content_of(field, tag)) {
                Some(content) => self.field(content)?,
                None => self.take(size as usize).map(drop)?,
            }
        }
        Ok(())
    }

    /// How many entries an array has. Each takes a byte at least, so there cannot be more of them than bytes.
    fn count(&mut self) -> Result<usize, String> {
        let count = if self.flexible { self.compact_length()? } else { self.long_length()? };
        if count > self.rest.len() {
            return Err(format!("an array of {count} entries in {} bytes", self.rest.len()));
        }
        Ok(count)
    }

    fn short_length(&mut self) -> Result<usize, String> {
        let bytes = self.take_array::<2>()?;
        length(i16::from_be_bytes(bytes).into())
    }

    fn long_length(&mut self) -> Result<usize, String> {
        let bytes = self.take_array::<4>()?;
        length(i32::from_be_bytes(bytes))
    }

    /// A length of the flexible versions: one more than it is, and 0 for null.
    fn compact_length(&mut self) -> Result<usize, String> {
        Ok((self.varint()? as usize).saturating_sub(1))
    }

    fn varint(&mut self) -> Result<u32, String> {
        let mut value = 0;
        for place in 0..5 {
            let [byte] = self.take_array::<1>()?;
            if place == 4 && byte > 0x0f {
                return Err("a number of more than 32 bits".to_owned());
            }
            value |= u32::from(byte & 0x7f) << (place * 7);
            if byte < 0x80 {
                break;
            }
        }
        Ok(value)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        match self.rest.split_first_chunk::<N>() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(short(N, self.rest.len())),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        match self.rest.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(short(count, self.rest.len())),
        }
    }
}

fn content_of(field: &Field, tag: u32) -> Option<&'static Field> {
    match field.layout {
        Layout::Tagged(number, content) if number == tag => Some(content),
        _ => None,
    }
}

fn length(stated: i32) -> Result<usize, String> {
    match stated {
        -1 => Ok(0),
        _ => usize::try_from(stated).map_err(|_| format!("the negative length {stated}")),
    }
}

fn short(wanted: usize, left: usize) -> String {
    format!("{wanted} bytes stated where {left} are left")
}
