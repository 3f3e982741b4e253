//! The SHA-512 of an archive, as `sha512sum` writes it or as it stands in Apache's `.sha512` files.

use super::{no_such, sha512_of};
use crate::error::Error;
use std::fs::File;
use std::path::Path;

/// Hexadecimal digits.
const DIGITS: usize = 128;

/// `CHECKSUM_DIFFERS`; `INVALID_ARGUMENT`: what was given is none.
pub(super) fn check(path: &Path, given: Option<&str>) -> Result<(), Error> {
    let Some(given) = given else { return Ok(()) };
    let wanted = parse(given).ok_or_else(|| {
        Error::new("INVALID_ARGUMENT", format!("`{}` is no SHA-512", given.trim()))
            .hint("it has 128 hexadecimal digits; Apache publishes it beside each archive, as NAME.tgz.sha512")
    })?;
    let found = File::open(path).and_then(sha512_of).map_err(|why| no_such(path, &why))?;
    if found == wanted {
        return Ok(());
    }
    let text = format!("{} has the SHA-512 {found}, and {wanted} was expected", path.display());
    Err(Error::new("CHECKSUM_DIFFERS", text).hint("nothing was sent: download it again"))
}

/// `1f2a…`, `1f2a…  NAME` or `NAME: 1F2A 33…` with line breaks in it.
fn parse(given: &str) -> Option<String> {
    let digits = match given.rsplit_once(':') {
        Some((_, digits)) => digits.split_whitespace().collect::<String>(),
        None => given.split_whitespace().next()?.to_owned(),
    };
    let digits = digits.to_ascii_lowercase();
    (digits.len() == DIGITS && digits.chars().all(|digit| digit.is_ascii_hexdigit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn each_way_to_write_it_is_read() {
        let plain = "0123456789abcdef".repeat(8);
        let in_groups = format!("kafka.tgz: {}\n  {}", plain[..64].to_ascii_uppercase(), &plain[64..]);
        for given in [plain.clone(), format!("{plain}  kafka.tgz\n"), in_groups] {
            assert_eq!(parse(&given).as_ref(), Some(&plain), "{given}");
        }
        for given in ["", "abc", &plain[1..], &format!("x{}", &plain[1..])] {
            assert_eq!(parse(given), None, "{given}");
        }
    }
}
