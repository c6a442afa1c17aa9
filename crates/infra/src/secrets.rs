//! Sealing: authenticated encryption under the installation's key, and the table of secrets that are kept that way.
//!
//! XChaCha20-Poly1305 with a random nonce; what the seal is for is its associated data, so that a value moved to another
//! row does not open. The key itself never leaves this module: the seal's key, the password pepper and the key's id are
//! derived from it, like the audit trail's keys (HMAC-SHA-256, extract and expand as in RFC 5869).

mod table;

use accounts::{SealError, Sealed, Sealer};
use audit::{ChainKey, PseudonymKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use limits::LimitKey;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::passwords::Pepper;

pub use table::{
    NewSecret, SecretError, SecretVersion, active_secrets, add_secret, add_secret_in, retire_secret, retire_secret_in,
    secret_versions,
};

/// The name under which webhook signing secrets stand in the table of secrets.
pub const WEBHOOK_SECRET: &str = "stripe_webhook_secret";

/// The shortest `SECRETS_KEY`, in bytes.
const SHORTEST_KEY: usize = 32;
/// How the text of a seal begins.
const SCHEME: &str = "v1";
const NONCE_BYTES: usize = 24;

/// Seals and opens under one key.
#[derive(Clone)]
pub struct SecretBox {
    cipher: XChaCha20Poly1305,
    pepper: Pepper,
    key_id: String,
    chain: ChainKey,
    pseudonyms: PseudonymKey,
    limits: LimitKey,
}

impl SecretBox {
    /// A box for `SECRETS_KEY`: any text of 32 bytes or more, best random ones in hexadecimal or base64.
    ///
    /// # Errors
    /// [`SealError`] for a key that is too short.
    pub fn new(key: &SecretString) -> Result<Self, SealError> {
        let text = key.expose_secret().trim();
        if text.len() < SHORTEST_KEY {
            return Err(SealError("sealed: the key is shorter than 32 characters"));
        }
        let root = mac(b"hostwright secrets v1", text.as_bytes())?;
        let [a, b, c, d, ..] = derive(&root, b"key id")?;
        let key_id = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
        Ok(Self {
            chain: ChainKey::new(&key_id, derive(&root, b"audit chain")?),
            pseudonyms: PseudonymKey::new(derive(&root, b"audit pseudonyms")?),
            limits: LimitKey::new(derive(&root, b"limits")?),
            cipher: XChaCha20Poly1305::new(&derive(&root, b"seal")?.into()),
            pepper: Pepper::new(derive(&root, b"password pepper")?),
            key_id,
        })
    }

    /// What passwords are mixed with before they are hashed.
    pub fn pepper(&self) -> Pepper {
        self.pepper.clone()
    }

    /// What the audit trail's links are hashed with.
    pub const fn chain_key(&self) -> &ChainKey {
        &self.chain
    }

    /// What stands for people in the audit trail of whom we have no more than an address.
    pub const fn pseudonyms(&self) -> &PseudonymKey {
        &self.pseudonyms
    }

    /// What the buckets of tries are named with.
    pub const fn limit_key(&self) -> &LimitKey {
        &self.limits
    }

    /// Tells keys apart; says nothing about them.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl std::fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretBox").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

fn mac(key: &[u8], text: &[u8]) -> Result<[u8; 32], SealError> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).map_err(|_| SealError("sealed"))?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().into())
}

fn derive(root: &[u8; 32], purpose: &[u8]) -> Result<[u8; 32], SealError> {
    mac(root, &[purpose, &[1]].concat())
}

impl Sealer for SecretBox {
    fn seal(&self, context: &str, plain: &SecretString) -> Result<Sealed, SealError> {
        let nonce = XNonce::generate();
        let payload = Payload { msg: plain.expose_secret().as_bytes(), aad: context.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| SealError("sealed"))?;
        let text = STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
        Ok(Sealed(format!("{SCHEME}.{}.{text}", self.key_id)))
    }

    fn open(&self, context: &str, sealed: &Sealed) -> Result<SecretString, SealError> {
        const BROKEN: SealError = SealError("opened");
        let mut parts = sealed.0.splitn(3, '.');
        let (Some(SCHEME), Some(_), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BROKEN);
        };
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| BROKEN)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or(BROKEN)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| BROKEN)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let plain = self.cipher.decrypt(&nonce, payload).map_err(|_| BROKEN)?;
        Ok(SecretString::from(String::from_utf8(plain).map_err(|_| BROKEN)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn sealer(key: &str) -> SecretBox {
        SecretBox::new(&SecretString::from(key)).unwrap()
    }

    #[test]
    fn a_seal_opens_in_its_context_under_its_key_only() {
        let plain = SecretString::from("correct horse ž");
        let sealed = sealer(KEY).seal("sealed_secret:1", &plain).unwrap();
        assert_eq!(sealer(KEY).open("sealed_secret:1", &sealed).unwrap().expose_secret(), plain.expose_secret());
        assert!(sealer(KEY).open("sealed_secret:2", &sealed).is_err(), "another context");
        assert!(sealer(&KEY.replace('0', "1")).open("sealed_secret:1", &sealed).is_err(), "another key");
        assert!(!sealed.0.contains("correct"));
    }

    #[test]
    fn a_changed_seal_does_not_open() {
        let sealed = sealer(KEY).seal("c", &SecretString::from("value")).unwrap().0;
        for (index, byte) in sealed.char_indices().skip(12) {
            let other = if byte == 'A' { 'B' } else { 'A' };
            let changed = format!("{}{other}{}", &sealed[..index], &sealed[index + 1..]);
            assert!(sealer(KEY).open("c", &Sealed(changed)).is_err(), "byte {index}");
        }
        for text in ["", "v1", "v1.x", "v1.x.", "v1.x.AAAA", "v2.x.AAAA", "plain"] {
            assert!(sealer(KEY).open("c", &Sealed(text.to_owned())).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sealing_twice_gives_two_texts() {
        let plain = SecretString::from("value");
        assert_ne!(sealer(KEY).seal("c", &plain).unwrap(), sealer(KEY).seal("c", &plain).unwrap());
    }

    #[test]
    fn a_short_key_is_refused_and_no_key_is_printed() {
        assert!(SecretBox::new(&SecretString::from("short")).is_err());
        let printed = format!("{:?}", sealer(KEY));
        assert!(!printed.contains(KEY), "{printed}");
        assert_ne!(sealer(KEY).key_id(), sealer(&KEY.replace('0', "1")).key_id());
    }
}
