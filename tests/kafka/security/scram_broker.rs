//! The broker's side of SCRAM (RFC 5802), written for the tests alone.

use openssl::base64::{decode_block, encode_block};
use openssl::hash::{MessageDigest, hash};
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sign::Signer;

pub(super) struct ScramBroker {
    pub(super) digest: MessageDigest,
    pub(super) password: &'static str,
    pub(super) iterations: usize,
    /// The conversation so far: krun's first message without its header, and the answer.
    talk: Option<(String, String)>,
}

const SALT: &[u8] = b"a grain of salt";

impl ScramBroker {
    pub(super) fn new(digest: MessageDigest, password: &'static str) -> Self {
        Self { digest, password, iterations: 4096, talk: None }
    }

    /// The answer to one message of krun, or that krun does not know the password.
    pub(super) fn answer(&mut self, message: &str) -> Option<String> {
        match self.talk.take() {
            None => {
                let bare = message.strip_prefix("n,,").expect("the header").to_owned();
                let nonce = bare.rsplit_once("r=").expect("a nonce").1;
                let salt = encode_block(SALT);
                let first = format!("r={nonce}and-ours,s={salt},i={}", self.iterations);
                self.talk = Some((bare, first.clone()));
                Some(first)
            }
            Some((bare, first)) => self.judge(&bare, &first, message),
        }
    }

    fn judge(&self, bare: &str, first: &str, last: &str) -> Option<String> {
        let (without_proof, proof) = last.rsplit_once(",p=").expect("a proof");
        let signed = format!("{bare},{first},{without_proof}");
        let mut salted = vec![0; self.digest.size()];
        pbkdf2_hmac(self.password.as_bytes(), SALT, self.iterations, self.digest, &mut salted).expect("OpenSSL");
        let stored = hash(self.digest, &self.hmac(&salted, b"Client Key")).expect("OpenSSL");
        let signature = self.hmac(&stored, signed.as_bytes());
        let proof = decode_block(proof).expect("base64");
        let client_key: Vec<u8> = proof.iter().zip(&signature).map(|(one, other)| one ^ other).collect();
        let is_right = hash(self.digest, &client_key).expect("OpenSSL")[..] == stored[..];
        let server_key = self.hmac(&salted, b"Server Key");
        is_right.then(|| format!("v={}", encode_block(&self.hmac(&server_key, signed.as_bytes()))))
    }

    fn hmac(&self, key: &[u8], data: &[u8]) -> Vec<u8> {
        let key = PKey::hmac(key).expect("OpenSSL");
        let mut signer = Signer::new(self.digest, &key).expect("OpenSSL");
        signer.update(data).expect("OpenSSL");
        signer.sign_to_vec().expect("OpenSSL")
    }
}
