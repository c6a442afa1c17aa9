//! What people carry and we do not keep: cookies' tokens and the tokens in mailed links.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// SHA-256 of a token. The token itself is 256 random bits ([`kernel::Env::token`]), so it needs no salt, and who reads the
/// database learns none. Stores find rows by it: comparing hashes tells nothing about the token, whatever time it takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of this token.
    pub fn of(token: &SecretString) -> Self {
        Self(Sha256::digest(token.expose_secret().as_bytes()).into())
    }

    /// As a store read it back; `None` unless it is 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// For the store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_one_token_and_shows_nothing() {
        let (one, other) = (SecretString::from("one"), SecretString::from("other"));
        assert_eq!(TokenHash::of(&one), TokenHash::of(&one));
        assert_ne!(TokenHash::of(&one), TokenHash::of(&other));
        // FIPS 180-4, the example "abc".
        let abc = TokenHash::of(&SecretString::from("abc"));
        assert_eq!(abc.as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(TokenHash::from_bytes(abc.as_bytes()), Some(abc));
        assert_eq!(TokenHash::from_bytes(&[1, 2]), None);
        assert_eq!(format!("{abc:?}"), "TokenHash(…)");
    }
}
