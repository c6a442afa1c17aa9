//! Sealing: authenticated encryption under the installation's keys, and the table of secrets that are kept that way.
//!
//! XChaCha20-Poly1305 with a random nonce; what the seal is for is its associated data, so that a value moved to another
//! row does not open. The keys themselves never leave this module: what is derived from each stands in `key`. New seals
//! are made under the current key; earlier ones open until `rotate` has replaced what they sealed (docs/decisions/0017).

mod credentials;
mod key;
mod reserved;
mod rotate;
mod table;
mod unlock;

use accounts::{SealError, Sealed, Sealer};
use audit::{ChainKey, PseudonymKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    XNonce,
    aead::{Aead, Generate, Payload},
};
use limits::LimitKey;
use orders::LinkKey;
use secrecy::{ExposeSecret, SecretString};

use self::key::Key;

pub use credentials::{Credentials, PANEL_API_KEY, SMTP_PASSWORD};
pub use reserved::{PASSWORD_PEPPER, PepperError, chain_keys, is_reserved, keep_chain_keys_in, keep_pepper_in};
pub use rotate::{Batch, Place, SEALED, reseal_in, sealed_otherwise};
pub use table::{
    NewSecret, SecretError, SecretVersion, active_secrets, add_secret, add_secret_in, retire_secret, retire_secret_in,
    secret_versions,
};
pub use unlock::{Closed, ClosedSecrets, UnlockError, Unlocked, closed_secrets, unlock};

/// The name under which webhook signing secrets stand in the table of secrets.
pub const WEBHOOK_SECRET: &str = "stripe_webhook_secret";

/// How the text of a seal begins.
const SCHEME: &str = "v1";
const NONCE_BYTES: usize = 24;

/// The installation's keys, as they were configured.
#[derive(Debug, Clone)]
pub struct Keys {
    /// `SECRETS_KEY`: what is sealed from now on is sealed under it.
    pub current: SecretString,
    /// `SECRETS_KEYS_OLD`: they open and seal nothing.
    pub old: Vec<SecretString>,
}

impl Keys {
    /// One key alone.
    pub const fn only(current: SecretString) -> Self {
        Self { current, old: Vec::new() }
    }
}

/// Seals under the current key, opens under every key of its ring.
#[derive(Clone)]
pub struct SecretBox {
    current: Key,
    old: Vec<Key>,
}

impl SecretBox {
    /// A box for `SECRETS_KEY` alone: any text of 32 bytes or more, best random ones in hexadecimal or base64.
    ///
    /// # Errors
    /// [`SealError`] for a key that is too short.
    pub fn new(key: &SecretString) -> Result<Self, SealError> {
        Self::ring(&Keys::only(key.clone()))
    }

    /// A box for all keys.
    ///
    /// # Errors
    /// [`SealError`] for a key that is too short.
    pub fn ring(keys: &Keys) -> Result<Self, SealError> {
        let current = Key::new(&keys.current)?;
        let old: Vec<Key> = keys.old.iter().map(Key::new).collect::<Result<_, _>>()?;
        let old = old.into_iter().filter(|key| key.id != current.id).collect();
        Ok(Self { current, old })
    }

    /// What the audit trail's links are hashed with.
    pub const fn chain_key(&self) -> &ChainKey {
        &self.current.chain
    }

    /// What stands for people in the audit trail of whom we have no more than an address. Another key gives other names.
    pub const fn pseudonyms(&self) -> &PseudonymKey {
        &self.current.pseudonyms
    }

    /// What the buckets of tries are named with. Another key begins all of them anew.
    pub const fn limit_key(&self) -> &LimitKey {
        &self.current.limits
    }

    /// What links to orders are signed with, the newest first. An older key's links are good for as long as it is given.
    pub fn link_keys(&self) -> impl Iterator<Item = LinkKey> {
        [&self.current].into_iter().chain(&self.old).map(|key| key.links.clone())
    }

    /// Tells keys apart; says nothing about them. New seals name this one.
    pub fn key_id(&self) -> &str {
        &self.current.id
    }

    /// The ids of the keys that open and no longer seal.
    pub fn old_key_ids(&self) -> Vec<&str> {
        self.old.iter().map(|key| key.id.as_str()).collect()
    }

    fn key(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.current).chain(&self.old).find(|key| key.id == id)
    }
}

impl std::fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretBox").field("key_id", &self.key_id()).field("old", &self.old_key_ids()).finish()
    }
}

impl Sealer for SecretBox {
    fn seal(&self, context: &str, plain: &SecretString) -> Result<Sealed, SealError> {
        let nonce = XNonce::generate();
        let payload = Payload { msg: plain.expose_secret().as_bytes(), aad: context.as_bytes() };
        let sealed = self.current.cipher.encrypt(&nonce, payload).map_err(|_| SealError("sealed"))?;
        let text = STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
        Ok(Sealed(format!("{SCHEME}.{}.{text}", self.current.id)))
    }

    fn open(&self, context: &str, sealed: &Sealed) -> Result<SecretString, SealError> {
        const BROKEN: SealError = SealError("opened");
        let mut parts = sealed.0.splitn(3, '.');
        let (Some(SCHEME), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BROKEN);
        };
        // A seal that names a wrong key does not open with it: nothing hangs on the name being true.
        let key = self.key(id).ok_or(BROKEN)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| BROKEN)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or(BROKEN)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| BROKEN)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let plain = key.cipher.decrypt(&nonce, payload).map_err(|_| BROKEN)?;
        Ok(SecretString::from(String::from_utf8(plain).map_err(|_| BROKEN)?))
    }
}

/// The id of the key that a seal names.
fn key_of(sealed: &str) -> &str {
    sealed.split('.').nth(1).unwrap_or_default()
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
    fn a_ring_opens_what_earlier_keys_sealed_and_seals_under_the_current_one() {
        let plain = SecretString::from("value");
        let (old, new) = (SecretString::from(KEY), SecretString::from(KEY.replace('0', "1")));
        let ring = SecretBox::ring(&Keys { current: new.clone(), old: vec![old.clone(), new.clone()] }).unwrap();
        let sealed = SecretBox::new(&old).unwrap().seal("c", &plain).unwrap();
        assert_eq!(ring.open("c", &sealed).unwrap().expose_secret(), "value");
        let again = ring.seal("c", &plain).unwrap();
        assert_eq!(key_of(&again.0), SecretBox::new(&new).unwrap().key_id());
        assert!(SecretBox::new(&old).unwrap().open("c", &again).is_err());
        assert_eq!(ring.old_key_ids(), [sealer(KEY).key_id()], "the current key is no earlier one");
        let renamed = Sealed(sealed.0.replace(sealer(KEY).key_id(), ring.key_id()));
        assert!(ring.open("c", &renamed).is_err(), "under another key's name");
        assert!(SecretBox::ring(&Keys { current: new, old: vec![SecretString::from("short")] }).is_err());
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
