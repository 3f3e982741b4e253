//! What a word processor makes of quotes and hyphens, and what it was before.

/// Typographic quotes.
const QUOTES: [char; 10] = ['“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '‛'];
/// Hyphens and dashes that are none of ASCII.
const DASHES: [char; 7] = ['‐', '‑', '‒', '–', '—', '―', '−'];

pub(super) fn is_quote(c: char) -> bool {
    QUOTES.contains(&c)
}

pub(crate) fn is_dash(c: char) -> bool {
    DASHES.contains(&c)
}
