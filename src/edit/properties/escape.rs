//! Escapes of keys and values. Java takes each byte of a file for a character of ISO-8859-1: what is not ASCII is written by
//! its code, which every reader takes alike.

/// A key as it is written: what would end it is escaped.
pub(super) fn key(text: &str) -> Vec<u8> {
    escaped(text, |letter, _| matches!(letter, ' ' | '=' | ':' | '#' | '!'))
}

/// A value as it is written. Only blanks at its beginning would get lost.
pub(super) fn value(text: &str) -> Vec<u8> {
    escaped(text, |letter, is_leading| letter == ' ' && is_leading)
}

fn escaped(text: &str, is_special: impl Fn(char, bool) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut is_leading = true;
    for letter in text.chars() {
        match letter {
            '\\' => out.extend_from_slice(b"\\\\"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            ' '..='~' => {
                if is_special(letter, is_leading) {
                    out.push(b'\\');
                }
                out.extend(u8::try_from(letter));
            }
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
        is_leading &= letter == ' ';
    }
    out
}

/// What is meant. An error does not repeat the text: it may be part of a secret.
pub(super) fn unescape(text: &str) -> Result<String, &'static str> {
    let mut plain = String::new();
    // Characters beyond the first plane are two escapes, which belong together.
    let mut units: Vec<u16> = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let meant = match letter {
            '\\' => match letters.next() {
                Some('u') => {
                    let digits: String = letters.by_ref().take(4).collect();
                    let is_whole = digits.len() == 4 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
                    let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| is_whole);
                    units.push(unit.ok_or("a \\u is not followed by four hexadecimal digits")?);
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => continue,
            },
            letter => letter,
        };
        plain.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
        plain.push(meant);
    }
    plain.push_str(&String::from_utf16_lossy(&units));
    Ok(plain)
}
