//! The two keys of the trail. Both are derived from the installation's key, which the database does not have.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Hash, Head};

/// HMAC pads a key with zeros to the hash's block: a key that is padded already cannot be of a wrong length.
fn padded(key: [u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    for (place, byte) in block.iter_mut().zip(key) {
        *place = byte;
    }
    block
}

fn mac(key: &[u8; 64], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new(key.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// What links are hashed with. Who has it can write a whole new chain; heads that were noted elsewhere tell of that.
#[derive(Clone)]
pub struct ChainKey {
    id: String,
    key: [u8; 64],
}

impl ChainKey {
    /// This key, told from others by `id`.
    pub fn new(id: &str, key: [u8; 32]) -> Self {
        Self { id: id.to_owned(), key: padded(key) }
    }

    /// Tells keys apart; says nothing about them.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The hash of an entry's bytes at the place after `previous`: over the place (8 bytes), the hash before (32), the bytes.
    pub fn link(&self, previous: Head, encoding: &[u8]) -> Hash {
        let place = previous.next().to_be_bytes();
        Hash(mac(&self.key, &[&place, &previous.hash.0, encoding]))
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What stands for somebody of whom we have no more than an address: the same for the same address, and of no use without
/// the key.
#[derive(Clone)]
pub struct PseudonymKey([u8; 64]);

impl PseudonymKey {
    /// This key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(padded(key))
    }

    /// The name for a text: 128 bits in hexadecimal.
    pub fn name(&self, text: &str) -> String {
        Hash(mac(&self.0, &[text.as_bytes()])).to_string().chars().take(32).collect()
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey")
    }
}
