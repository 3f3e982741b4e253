//! Bearer tokens: from a program, or written by krun itself where nobody checks a signature.

use crate::error::Error;
use crate::kafka::security::{TokenCommand, TokenSource, UnsecuredToken};
use crate::secret::Secret;
use serde_json::{Map, Value, json};
use std::io;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// No token is longer; Kafka's own limit for a message of SASL is 512 KiB.
const LONGEST: u64 = 256 << 10;
/// Of what a program says of its own failure.
const SAID: usize = 300;

pub(crate) const TOKEN_FAILED: &str = "TOKEN_COMMAND_FAILED";

/// Error: `TOKEN_COMMAND_FAILED`.
pub(crate) async fn get(source: &TokenSource, wait: Duration) -> Result<Secret, Error> {
    match source {
        TokenSource::Command(command) => run(command, wait).await,
        TokenSource::Unsecured(token) => Ok(unsecured(token, SystemTime::now())),
    }
}

async fn run(command: &TokenCommand, wait: Duration) -> Result<Secret, Error> {
    let Some((program, arguments)) = command.words.split_first() else {
        return Err(Error::new(TOKEN_FAILED, "token_command names no program"));
    };
    let failed = |why: String| {
        // Its arguments are not repeated: a secret may be among them.
        let text = format!("the token command `{program}` {why}");
        Error::new(TOKEN_FAILED, text)
            .hint("run it by hand: it should write the token, and nothing else, to its stdout")
    };
    let child = Command::new(program)
        .args(arguments)
        .current_dir(&command.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        // A Ctrl-C is for krun, which may have to put things back and needs a token for that.
        .process_group(0)
        .spawn();
    let mut child = child.map_err(|error| failed(format!("does not start: {error}")))?;
    let streams = (child.stdout.take(), child.stderr.take());
    let told = async {
        let (stdout, stderr) = tokio::join!(read(streams.0), read(streams.1));
        Ok::<_, io::Error>((stdout?, stderr?, child.wait().await?))
    };
    let Ok(told) = timeout(wait, told).await else {
        end_group(&child);
        return Err(failed(format!("has not ended after {wait:?}")).retriable());
    };
    let (stdout, stderr, status) = told.map_err(|error| failed(format!("cannot be read: {error}")))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let said: String = said.trim().chars().take(SAID).collect();
        let said = if said.is_empty() { "and says nothing on stderr".to_owned() } else { format!("and says: {said}") };
        return Err(failed(format!("ends with {status} {said}")));
    }
    let token = String::from_utf8_lossy(&stdout).trim().to_owned();
    match token.chars().find(|letter| !is_of_a_token(*letter)) {
        _ if token.is_empty() => Err(failed("writes no token".to_owned())),
        // Not the text: most of it may be the token.
        Some(letter) => Err(failed(format!("writes something else than a token: it has {}", letter.escape_debug()))),
        None => Ok(Secret::new(token)),
    }
}

/// With whatever it has started itself.
fn end_group(child: &Child) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // An error says that all of it has ended.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    if let Some(stream) = stream {
        stream.take(LONGEST).read_to_end(&mut text).await?;
    }
    Ok(text)
}

/// RFC 6750 §2.1.
fn is_of_a_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-._~+/=".contains(letter)
}

/// A JSON Web Token of algorithm `none`, valid from now on.
fn unsecured(token: &UnsecuredToken, now: SystemTime) -> Secret {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut claims: Map<String, Value> =
        token.claims.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + u64::from(token.lifetime_seconds)).into());
    let part = |value: &Value| {
        let text = openssl::base64::encode_block(value.to_string().as_bytes());
        text.trim_end_matches('=').replace('+', "-").replace('/', "_")
    };
    Secret::new(format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> TokenSource {
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        TokenSource::Command(TokenCommand { words, folder: std::env::temp_dir() })
    }

    async fn refused(script: &str) -> Error {
        let error = get(&shell(script), Duration::from_secs(20)).await.expect_err("no token");
        assert_eq!(error.code, TOKEN_FAILED);
        error
    }

    #[tokio::test]
    async fn a_token_is_what_the_program_writes() {
        let token = get(&shell("echo abc.DEF-_~+/=="), Duration::from_secs(20)).await.expect("a token");
        assert_eq!(token.reveal(), "abc.DEF-_~+/==");
    }

    #[tokio::test]
    async fn what_goes_wrong_is_named() {
        let error = refused("echo no rights >&2; exit 3").await;
        assert!(error.message.contains("exit status: 3 and says: no rights"), "{error}");
        assert!(refused("exit 0").await.message.contains("writes no token"));
        let error = refused("echo abc secret; echo").await;
        assert!(error.message.contains("something else"), "{error}");
        assert!(!error.message.contains("secret"), "{error}");
        assert!(refused("kill -9 $$").await.message.contains("signal: 9"));
        let nowhere = TokenCommand { words: vec!["/no/such/program".to_owned()], folder: std::env::temp_dir() };
        let error = get(&TokenSource::Command(nowhere), Duration::from_secs(1)).await.expect_err("no program");
        assert!(error.message.contains("does not start"), "{error}");
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let error = get(&shell("sleep 600"), Duration::from_millis(100)).await.expect_err("no token");
        assert!(error.message.contains("has not ended after 100ms"), "{error}");
        assert!(error.retriable);
    }

    #[test]
    fn a_token_of_our_own() {
        let claims = [("sub".to_owned(), "alice".to_owned())].into();
        let token = unsecured(&UnsecuredToken { claims, lifetime_seconds: 60 }, UNIX_EPOCH + Duration::from_secs(1000));
        // {"alg":"none"} and {"sub":"alice","iat":1000,"exp":1060}
        assert_eq!(token.reveal(), "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImlhdCI6MTAwMCwiZXhwIjoxMDYwfQ.");
    }
}
