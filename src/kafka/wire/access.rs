//! How krun gets into the brokers of a cluster: TLS and SASL, made ready once for all of its connections.

use super::sasl::Sasl;
use super::tls::Tls;
use crate::error::Error;
use crate::kafka::security::Security;

/// Neither: plaintext, and nobody in particular.
#[derive(Default)]
pub(crate) struct Access {
    security: Security,
    pub(super) tls: Option<Tls>,
    pub(super) sasl: Option<Sasl>,
}

impl Access {
    /// Error: `INVALID_CONFIG`, `NO_SYSTEM_AUTHORITIES`.
    pub(crate) fn new(security: &Security) -> Result<Self, Error> {
        let tls = security.tls.as_ref().map(Tls::new).transpose()?;
        let sasl = security.sasl.clone().map(Sasl::new);
        Ok(Self { security: security.clone(), tls, sasl })
    }

    /// What it was made from, for a client of another library.
    pub(crate) fn security(&self) -> &Security {
        &self.security
    }

    /// Who krun is to the brokers, as their ACLs have it by default; `None` where only a token says so.
    pub(crate) fn principal(&self) -> Option<String> {
        let name = match (&self.sasl, &self.tls) {
            (Some(sasl), _) => sasl.user()?,
            (None, Some(tls)) => tls.principal.as_deref().unwrap_or("ANONYMOUS"),
            (None, None) => "ANONYMOUS",
        };
        Some(format!("User:{name}"))
    }

    /// For what a person is told: the same as `security.protocol`.
    pub(crate) fn speaks_tls(&self) -> bool {
        self.tls.is_some()
    }

    pub(crate) fn speaks_sasl(&self) -> bool {
        self.sasl.is_some()
    }
}
