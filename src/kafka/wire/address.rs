//! `host:port`, as in `bootstrap.servers`.

use crate::error::Error;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    /// Accepts `name:9092`, `10.0.0.1:9092` and `[::1]:9092`. Error: `INVALID_ADDRESS`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let split = text.trim().rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let host = match split {
            Some((host, _)) if host.starts_with('[') => host.strip_prefix('[').and_then(|host| host.strip_suffix(']')),
            Some((host, _)) if !host.contains([':', '/', ',', ' ']) => Some(host),
            _ => None,
        };
        match (host, split) {
            (Some(host), Some((_, port))) if !host.is_empty() && port != 0 => Ok(Self { host: host.to_owned(), port }),
            _ => Err(Error::new("INVALID_ADDRESS", format!("`{text}` is not the address of a broker"))
                .hint("write host:port, such as kafka01:9092 or [::1]:9092; one string each, without PLAINTEXT://")),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn what_an_operator_writes() {
        for (text, host, port) in [
            ("kafka01.foo.bar:9092", "kafka01.foo.bar", 9092),
            (" 127.0.0.1:1 ", "127.0.0.1", 1),
            ("[::1]:9092", "::1", 9092),
        ] {
            let address = Address::parse(text).expect("an address");
            assert_eq!((address.host.as_str(), address.port), (host, port));
            assert_eq!(address.to_string(), text.trim());
        }
    }

    #[test]
    fn what_is_no_address() {
        for text in ["", "kafka01", "kafka01:", ":9092", "kafka01:0", "kafka01:70000", "::1:9092", "[]:9092"] {
            assert_eq!(Address::parse(text).expect_err("refused").code, "INVALID_ADDRESS", "{text}");
        }
        for text in ["PLAINTEXT://kafka01:9092", "a:1,b:2", "a b:1"] {
            assert!(Address::parse(text).expect_err("refused").message.contains(text), "{text}");
        }
    }
}
