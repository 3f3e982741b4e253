//! The `ssl.` keys.

use super::properties::Properties;
use super::stores;
use crate::error::Error;
use crate::kafka::security::{Tls, TlsVersion};

const ALGORITHM: &str = "ssl.endpoint.identification.algorithm";
const PROTOCOLS: &str = "ssl.enabled.protocols";

pub(super) fn read(properties: &mut Properties) -> Result<Tls, Error> {
    let (oldest, newest) = versions(properties)?;
    Ok(Tls {
        trusted: stores::trusted(properties)?,
        identity: stores::identity(properties)?,
        verify_host: verify_host(properties)?,
        oldest,
        newest,
    })
}

/// On, unless the file says expressly that it is off.
fn verify_host(properties: &mut Properties) -> Result<bool, Error> {
    match properties.value(ALGORITHM) {
        None if properties.has(ALGORITHM) => {
            let text = "is empty: whoever has any certificate of a trusted authority can pass for a broker";
            properties.warn_of(ALGORITHM, text);
            Ok(false)
        }
        None => Ok(true),
        Some(name) if name.eq_ignore_ascii_case("https") => Ok(true),
        Some(name) => {
            Err(properties.wrong(ALGORITHM, &format!("is not known: {name}")).hint("https, or empty to switch it off"))
        }
    }
}

/// Those that are named and that krun speaks.
fn versions(properties: &mut Properties) -> Result<(TlsVersion, TlsVersion), Error> {
    let Some(list) = properties.value(PROTOCOLS) else { return Ok((TlsVersion::V1_2, TlsVersion::V1_3)) };
    let mut found = Vec::new();
    for name in list.split(',').map(str::trim) {
        match name {
            "TLSv1.3" => found.push(TlsVersion::V1_3),
            "TLSv1.2" => found.push(TlsVersion::V1_2),
            "TLSv1.1" | "TLSv1" | "SSLv3" => {
                properties.warn_of(PROTOCOLS, &format!("names {name}, which is not safe: krun does not speak it"));
            }
            other => {
                let error = properties.wrong(PROTOCOLS, &format!("names no version of TLS: {other}"));
                return Err(error.hint("for example TLSv1.2,TLSv1.3"));
            }
        }
    }
    match (found.iter().min(), found.iter().max()) {
        (Some(oldest), Some(newest)) => Ok((*oldest, *newest)),
        _ => Err(properties.wrong(PROTOCOLS, "names no version that krun speaks").hint("TLSv1.2, TLSv1.3 or both")),
    }
}
