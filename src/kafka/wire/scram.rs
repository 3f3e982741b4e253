//! SCRAM (RFC 5802, RFC 7677): the three messages of a conversation in which both sides prove that they know a password.
//! No I/O.

use crate::kafka::security::{Login, ScramHash};
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::{base64, memcmp};

/// RFC 7677 §4 asks for no less, and neither does Kafka.
const FEWEST_ITERATIONS: usize = 4096;
/// About a second of work. More would let whoever answers keep krun busy.
const MOST_ITERATIONS: usize = 1_000_000;

pub(super) struct Scram {
    hash: ScramHash,
    login: Login,
    nonce: String,
}

/// krun's proof, and the one that is to come.
pub(super) struct Proof {
    pub(super) message: String,
    server_signature: Vec<u8>,
}

impl Scram {
    pub(super) fn new(hash: ScramHash, login: Login) -> Result<Self, String> {
        let mut random = [0; 24];
        openssl::rand::rand_bytes(&mut random).map_err(|error| error.to_string())?;
        Ok(Self { hash, login, nonce: base64::encode_block(&random) })
    }

    /// The client-first message: nobody else is acted for, and no channel is bound.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.bare())
    }

    /// The client-final message, from the server-first one. Works for as long as the server says, in iterations.
    pub(super) fn prove(&self, server_first: &str) -> Result<Proof, String> {
        let (mut nonce, mut salt, mut iterations) = (None, None, None);
        for part in server_first.split(',') {
            match part.split_once('=') {
                Some(("r", value)) => nonce = Some(value),
                Some(("s", value)) => salt = base64::decode_block(value).ok(),
                Some(("i", value)) => iterations = value.parse::<usize>().ok(),
                Some(("e", error)) => return Err(format!("the broker ends the conversation: {error}")),
                Some(("m", _)) => {
                    return Err("the broker wants an extension of SCRAM that krun does not know".to_owned());
                }
                _ => {}
            }
        }
        let (Some(nonce), Some(salt), Some(iterations)) = (nonce, salt, iterations) else {
            return Err("the first message of the broker is no SCRAM".to_owned());
        };
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err("the broker's nonce does not continue krun's".to_owned());
        }
        if !(FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
            return Err(format!("{iterations} iterations are not between {FEWEST_ITERATIONS} and {MOST_ITERATIONS}"));
        }
        // `biws` is the header of the first message, `n,,`.
        let without_proof = format!("c=biws,r={nonce}");
        let signed = format!("{},{server_first},{without_proof}", self.bare());
        let (proof, server_signature) =
            self.compute(&salt, iterations, &signed).map_err(|error| format!("OpenSSL cannot compute it: {error}"))?;
        Ok(Proof { message: format!("{without_proof},p={}", base64::encode_block(&proof)), server_signature })
    }

    /// RFC 5802 §3.
    fn compute(&self, salt: &[u8], iterations: usize, signed: &str) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
        let digest = self.digest();
        let mut salted = vec![0; digest.size()];
        pbkdf2_hmac(self.login.password.reveal().as_bytes(), salt, iterations, digest, &mut salted)?;
        let client_key = self.hmac(&salted, b"Client Key")?;
        let stored_key = hash(digest, &client_key)?;
        let client_signature = self.hmac(&stored_key, signed.as_bytes())?;
        let proof = client_key.iter().zip(&client_signature).map(|(key, signature)| key ^ signature).collect();
        let server_key = self.hmac(&salted, b"Server Key")?;
        Ok((proof, self.hmac(&server_key, signed.as_bytes())?))
    }

    fn hmac(&self, key: &[u8], data: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let key = PKey::hmac(key)?;
        let mut signer = Signer::new(self.digest(), &key)?;
        signer.update(data)?;
        signer.sign_to_vec()
    }

    fn digest(&self) -> MessageDigest {
        match self.hash {
            ScramHash::Sha256 => MessageDigest::sha256(),
            ScramHash::Sha512 => MessageDigest::sha512(),
        }
    }

    fn bare(&self) -> String {
        let user = self.login.user.replace('=', "=3D").replace(',', "=2C");
        let extension = if self.login.is_delegation_token { ",tokenauth=true" } else { "" };
        format!("n={user},r={}{extension}", self.nonce)
    }
}

impl Proof {
    /// Whether the broker knows the password too: the server-final message.
    pub(super) fn check(&self, server_final: &str) -> Result<(), String> {
        let signature = match server_final.split(',').next().and_then(|part| part.split_once('=')) {
            Some(("v", value)) => base64::decode_block(value).unwrap_or_default(),
            Some(("e", error)) => return Err(format!("the broker ends the conversation: {error}")),
            _ => return Err("the last message of the broker is no SCRAM".to_owned()),
        };
        if signature.len() == self.server_signature.len() && memcmp::eq(&signature, &self.server_signature) {
            return Ok(());
        }
        Err("the broker does not prove that it knows the password: it is not the one it should be".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn scram(hash: ScramHash, user: &str, nonce: &str) -> Scram {
        let login = Login { user: user.to_owned(), password: Secret::new("pencil"), is_delegation_token: false };
        Scram { hash, login, nonce: nonce.to_owned() }
    }

    /// RFC 7677 §3.
    #[test]
    fn the_example_of_the_standard() {
        let scram = scram(ScramHash::Sha256, "user", "rOprNGfwEbeRWgbNEkqO");
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = scram.prove(first).expect("a proof");
        assert_eq!(
            proof.message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(proof.check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
        for wrong in ["v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=", "v=%", "", "x=1"] {
            assert!(proof.check(wrong).is_err(), "{wrong}");
        }
        assert!(proof.check("e=other-error").expect_err("an end").contains("other-error"));
    }

    /// RFC 5802 has no example for this hash; computed with Python's hashlib and hmac.
    #[test]
    fn the_longer_hash() {
        let scram = scram(ScramHash::Sha512, "user", "rOprNGfwEbeRWgbNEkqO");
        let first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = scram.prove(first).expect("a proof");
        assert!(proof.message.ends_with(PROOF_512), "{}", proof.message);
        assert_eq!(proof.check(SIGNATURE_512), Ok(()));
    }

    const PROOF_512: &str =
        "p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==";
    const SIGNATURE_512: &str =
        "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==";

    #[test]
    fn what_a_broker_must_not_say() {
        let scram = scram(ScramHash::Sha256, "user", "abc");
        for (first, why) in [
            ("r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095", "4095 iterations"),
            ("r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001", "iterations"),
            ("r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1", "no SCRAM"),
            ("r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce"),
            ("r=xyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce"),
            ("r=abcd,s=W2$,i=4096", "no SCRAM"),
            ("", "no SCRAM"),
            ("m=ext,r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "extension"),
            ("e=unknown-user", "unknown-user"),
        ] {
            let said = scram.prove(first).err().expect("refused");
            assert!(said.contains(why), "{first}: {said}");
        }
    }

    #[test]
    fn names_are_written_so_that_they_cannot_be_mistaken() {
        assert_eq!(scram(ScramHash::Sha256, "a=b,c", "x").first(), "n,,n=a=3Db=2Cc,r=x");
        let one = Scram::new(ScramHash::Sha256, scram(ScramHash::Sha256, "u", "").login).expect("random").first();
        let other = Scram::new(ScramHash::Sha256, scram(ScramHash::Sha256, "u", "").login).expect("random").first();
        assert_ne!(one, other, "no nonce comes twice");
        let mut token = scram(ScramHash::Sha512, "id", "x");
        token.login.is_delegation_token = true;
        assert_eq!(token.first(), "n,,n=id,r=x,tokenauth=true");
    }
}
