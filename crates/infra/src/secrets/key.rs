//! One key and what is derived from it (HMAC-SHA-256, extract and expand as in RFC 5869).

use accounts::SealError;
use audit::{ChainKey, PseudonymKey};
use chacha20poly1305::{XChaCha20Poly1305, aead::KeyInit};
use hmac::{Hmac, Mac};
use limits::LimitKey;
use orders::LinkKey;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The shortest key, in bytes.
const SHORTEST: usize = 32;

/// A key of the ring.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) cipher: XChaCha20Poly1305,
    pub(super) chain: ChainKey,
    pub(super) pseudonyms: PseudonymKey,
    pub(super) limits: LimitKey,
    pub(super) links: LinkKey,
    root: [u8; 32],
}

impl Key {
    pub(super) fn new(key: &SecretString) -> Result<Self, SealError> {
        let text = key.expose_secret().trim();
        if text.len() < SHORTEST {
            return Err(SealError("sealed: the key is shorter than 32 characters"));
        }
        let root = mac(b"hostwright secrets v1", text.as_bytes())?;
        let [a, b, c, d, ..] = derive(&root, b"key id")?;
        let id = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
        Ok(Self {
            chain: ChainKey::new(&id, derive(&root, b"audit chain")?),
            pseudonyms: PseudonymKey::new(derive(&root, b"audit pseudonyms")?),
            links: LinkKey::new(derive(&root, b"order links")?),
            limits: LimitKey::new(derive(&root, b"limits")?),
            cipher: XChaCha20Poly1305::new(&derive(&root, b"seal")?.into()),
            id,
            root,
        })
    }

    /// What passwords were mixed with before the pepper was a secret of its own.
    pub(super) fn pepper(&self) -> Result<[u8; 32], SealError> {
        derive(&self.root, b"password pepper")
    }

    /// What the links of the audit trail are hashed with under this key.
    pub(super) fn chain_bytes(&self) -> Result<[u8; 32], SealError> {
        derive(&self.root, b"audit chain")
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
