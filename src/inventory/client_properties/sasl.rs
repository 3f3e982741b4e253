//! The `sasl.` keys: who krun says it is.

use super::Entry;
use super::jaas::LoginModule;
use super::properties::Properties;
use crate::error::Error;
use crate::kafka::security::{Bearer, Login, Sasl, ScramHash, TokenSource, UnsecuredToken};
use crate::secret::Secret;
use crate::suggestion::did_you_mean;
use std::collections::BTreeMap;

const MECHANISM: &str = "sasl.mechanism";
const JAAS: &str = "sasl.jaas.config";
const MECHANISMS: [&str; 4] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"];

pub(super) fn read(properties: &mut Properties, entry: &Entry) -> Result<Sasl, Error> {
    let Some(mechanism) = properties.value(MECHANISM) else {
        // Java's default is GSSAPI, which is hardly what is meant.
        return Err(properties.lacks(MECHANISM, "one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER"));
    };
    let module = match properties.value(JAAS) {
        Some(text) => Some(LoginModule::parse(&text).map_err(|why| properties.wrong(JAAS, &why).hint(example()))?),
        None => None,
    };
    let login = |properties: &Properties| login(properties, module.as_ref(), entry);
    match mechanism.as_str() {
        "PLAIN" => Ok(Sasl::Plain(login(properties)?)),
        "SCRAM-SHA-256" => Ok(Sasl::Scram(ScramHash::Sha256, login(properties)?)),
        "SCRAM-SHA-512" => Ok(Sasl::Scram(ScramHash::Sha512, login(properties)?)),
        "OAUTHBEARER" => bearer(properties, module, entry).map(Sasl::OauthBearer),
        "GSSAPI" => Err(properties
            .wrong(MECHANISM, "is GSSAPI (Kerberos), which krun does not speak")
            .hint("give krun a user of SCRAM on a listener of its own, or a client certificate")),
        other => {
            let meant = did_you_mean(other, MECHANISMS).map_or(String::new(), |meant| format!("{meant} "));
            let error = properties.wrong(MECHANISM, &format!("is not known: {other}"));
            Err(error.hint(format!("{meant}krun speaks {}", MECHANISMS.join(", "))))
        }
    }
}

/// User and password, from either of the modules that have them: Java does not look at their names either.
fn login(properties: &Properties, module: Option<&LoginModule>, entry: &Entry) -> Result<Login, Error> {
    let Some(module) = module else {
        return Err(properties.lacks(JAAS, "who is krun?").hint(example()));
    };
    if !["PlainLoginModule", "ScramLoginModule"].contains(&module.name()) {
        let why = format!("names {}, which has no user and password", module.class);
        return Err(properties.wrong(JAAS, &why).hint(example()));
    }
    let Some(user) = module.options.get("username").filter(|user| !user.is_empty()) else {
        return Err(properties.wrong(JAAS, "has no username").hint(example()));
    };
    let own = module.options.get("password").filter(|password| !password.is_empty()).cloned().map(Secret::new);
    let Some(password) = entry.password()?.or(own) else {
        return Err(properties
            .wrong(JAAS, &format!("has no password for {user}"))
            .hint("write it there, or password = { env = \"NAME\" } or { file = \"PATH\" } in krun.toml"));
    };
    let is_delegation_token = module.options.get("tokenauth").is_some_and(|value| value == "true");
    Ok(Login { user: user.clone(), password, is_delegation_token })
}

fn example() -> String {
    format!(
        "for example {JAAS}=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"krun\" \
         password=\"…\";"
    )
}

/// A token by a command of `krun.toml`, else one that nobody signs, where the options of the module are for that.
fn bearer(properties: &Properties, module: Option<LoginModule>, entry: &Entry) -> Result<Bearer, Error> {
    let module = module.unwrap_or(LoginModule { class: "OAuthBearerLoginModule".to_owned(), options: BTreeMap::new() });
    if module.name() != "OAuthBearerLoginModule" {
        let why = format!("names {}, and OAUTHBEARER wants OAuthBearerLoginModule", module.class);
        return Err(properties.wrong(JAAS, &why));
    }
    let (mut claims, mut extensions, mut lifetime_seconds) = (BTreeMap::new(), BTreeMap::new(), 3600);
    for (name, value) in module.options {
        if let Some(claim) = name.strip_prefix("unsecuredLoginStringClaim_") {
            claims.insert(claim.to_owned(), value);
        } else if let Some(extension) = name.strip_prefix("extension_") {
            extensions.insert(extension.to_owned(), value);
        } else if name == "unsecuredLoginLifetimeSeconds" {
            lifetime_seconds =
                value.parse().map_err(|_| properties.wrong(JAAS, "has no number in unsecuredLoginLifetimeSeconds"))?;
        } else if entry.token_command.is_none() {
            let why = format!("has the option {name}, which krun cannot use");
            return Err(properties.wrong(JAAS, &why).hint(TOKEN));
        }
    }
    let token = match &entry.token_command {
        Some(command) => TokenSource::Command(command.clone()),
        None if claims.contains_key("sub") => TokenSource::Unsecured(UnsecuredToken { claims, lifetime_seconds }),
        None => return Err(properties.wrong(MECHANISM, "is OAUTHBEARER, and nothing gives the token").hint(TOKEN)),
    };
    Ok(Bearer { token, extensions })
}

const TOKEN: &str =
    "token_command = [\"PROGRAM\", \"ARGUMENT\"] in krun.toml names a program that writes the token to stdout";
