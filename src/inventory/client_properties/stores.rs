//! Certificates and keys: PEM from a file or from the properties themselves. Java's own stores are refused, with the
//! commands that convert them.

use super::is_open_to_all;
use super::properties::Properties;
use crate::error::Error;
use crate::kafka::security::{Identity, Pem};
use crate::secret::Secret;
use std::path::Path;

const TRUSTSTORE: Store = Store { kind: "ssl.truststore.type", location: "ssl.truststore.location" };
const KEYSTORE: Store = Store { kind: "ssl.keystore.type", location: "ssl.keystore.location" };

const CERTIFICATES: &str = "ssl.truststore.certificates";
const CHAIN: &str = "ssl.keystore.certificate.chain";
const KEY: &str = "ssl.keystore.key";
const KEY_PASSWORD: &str = "ssl.key.password";

/// A private key that anybody could use who can read it.
const OPEN_KEYS: [&str; 3] =
    ["-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----"];

struct Store {
    kind: &'static str,
    location: &'static str,
}

/// The certificates that are trusted; `None`: those of this machine.
pub(super) fn trusted(properties: &mut Properties) -> Result<Option<Pem>, Error> {
    match (properties.value(TRUSTSTORE.location), properties.value(CERTIFICATES)) {
        (Some(_), Some(_)) => Err(properties.wrong(CERTIFICATES, "and ssl.truststore.location are both there")),
        (Some(location), None) => file(properties, &TRUSTSTORE, &location).map(Some),
        (None, Some(text)) => Ok(Some(inline(properties, CERTIFICATES, &text))),
        (None, None) => Ok(None),
    }
}

pub(super) fn identity(properties: &mut Properties) -> Result<Option<Identity>, Error> {
    let key_password = properties.value(KEY_PASSWORD).map(Secret::new);
    let inner = (properties.value(CHAIN), properties.value(KEY));
    match (properties.value(KEYSTORE.location), inner) {
        (Some(location), (None, None)) => {
            let both = file(properties, &KEYSTORE, &location)?;
            let is_plain = OPEN_KEYS.iter().any(|begin| both.text.reveal().contains(begin));
            if is_plain && both.file.as_deref().is_some_and(is_open_to_all) {
                properties.warn(format!("{} holds a private key, and everybody here can read it", both.origin));
            }
            Ok(Some(Identity { chain: both.clone(), key: both, key_password }))
        }
        (None, (Some(chain), Some(key))) => {
            let chain = inline(properties, CHAIN, &chain);
            let key = inline(properties, KEY, &key);
            Ok(Some(Identity { chain, key, key_password }))
        }
        (None, (None, None)) => Ok(None),
        (Some(_), _) => {
            Err(properties.wrong(KEYSTORE.location, "and the keystore's certificate or key are both there"))
        }
        (None, (Some(_), None)) => Err(properties.lacks(KEY, &format!("{CHAIN} is of no use without it"))),
        (None, (None, Some(_))) => Err(properties.lacks(CHAIN, &format!("{KEY} is of no use without it"))),
    }
}

fn inline(properties: &Properties, key: &str, text: &str) -> Pem {
    Pem { text: Secret::new(lines_of(text)), origin: properties.place(key), file: None }
}

/// In the properties a block may stand in one line, with or without blanks where its lines ended. OpenSSL wants lines.
fn lines_of(text: &str) -> String {
    let mut lines = String::new();
    for (index, part) in text.split("-----").enumerate() {
        // Every second part is a mark such as `BEGIN CERTIFICATE`.
        if index % 2 == 1 {
            lines.push_str(&format!("-----{part}-----\n"));
        } else {
            let letters: Vec<char> = part.chars().filter(|letter| !letter.is_whitespace()).collect();
            for line in letters.chunks(64) {
                lines.extend(line);
                lines.push('\n');
            }
        }
    }
    lines
}

fn file(properties: &mut Properties, store: &Store, location: &str) -> Result<Pem, Error> {
    let path = properties.path(location);
    let bytes = std::fs::read(&path).map_err(|error| {
        properties
            .wrong(store.location, &format!("names {}, which cannot be read: {error}", path.display()))
            .hint("a relative path begins at the folder of the properties")
    })?;
    let text = match String::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN ") => text,
        Ok(_) => return Err(not_pem(properties, store, &path, "")),
        Err(error) => return Err(not_pem(properties, store, &path, kind_of(error.as_bytes()))),
    };
    let kind = properties.value(store.kind);
    if !kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("PEM")) {
        let text = format!("is a PEM file, but {} does not say PEM: Java's clients will refuse it", store.kind);
        properties.warn_of(store.location, &text);
    }
    Ok(Pem { text: Secret::new(text), origin: path.display().to_string(), file: Some(path) })
}

fn kind_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xfe, 0xed, 0xfe, 0xed, ..] => "a JKS store",
        // A sequence of ASN.1, as PKCS12 begins, and nothing else that is a store.
        [0x30, ..] => "a PKCS12 store",
        _ => "",
    }
}

fn not_pem(properties: &Properties, store: &Store, path: &Path, kind: &str) -> Error {
    let found = if kind.is_empty() { "no PEM file" } else { kind };
    let error = properties.wrong(store.location, &format!("names {found} ({}), and krun reads PEM", path.display()));
    if kind.is_empty() {
        return error.hint("a PEM file has blocks `-----BEGIN CERTIFICATE-----`");
    }
    let (from, to) = (path.display(), path.with_extension("pem"));
    let (to, kind) = (to.display(), store.kind);
    if store.location == TRUSTSTORE.location {
        return error.hint(format!("convert it:\n  keytool -list -rfc -keystore {from} > {to}\nand set {kind}=PEM"));
    }
    let pkcs12 = path.with_extension("converted.p12");
    let (first, source) = if found == "a JKS store" {
        let pkcs12 = pkcs12.display().to_string();
        (
            format!("  keytool -importkeystore -srckeystore {from} -destkeystore {pkcs12} -deststoretype PKCS12\n"),
            pkcs12,
        )
    } else {
        (String::new(), from.to_string())
    };
    error.hint(format!(
        "convert it:\n{first}  openssl pkcs12 -in {source} -out {to}\nand set {kind}=PEM, and {KEY_PASSWORD}"
    ))
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn a_block_in_one_line_gets_its_lines_back() {
        let (long, short) = ("A".repeat(64), "BBBB");
        let text = format!("-----BEGIN CERTIFICATE----- {long} {short} -----END CERTIFICATE-----");
        let block = format!("-----BEGIN CERTIFICATE-----\n{long}\n{short}\n-----END CERTIFICATE-----\n");
        assert_eq!(lines_of(&text), block);
        assert_eq!(lines_of(&text.replace(' ', "").replace("BEGINC", "BEGIN C").replace("ENDC", "END C")), block);
        assert_eq!(lines_of(&block), block);
        assert_eq!(lines_of(&format!("{text} {text}")), block.repeat(2));
    }
}
