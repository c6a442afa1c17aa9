//! Recovery codes, for who has lost app and passkeys: ten, shown once, each good for one sign-in, replaced as a whole.

use data_encoding::BASE32_NOPAD;
use kernel::Env;
use secrecy::{ExposeSecret, SecretString};

use crate::TokenHash;

/// How many there are.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of one. With 112 bits or more a fast hash without salt protects it (ASVS 5.0, 6.5.2); these are 120.
const BYTES: usize = 15;
const CHARACTERS: usize = 24;
const GROUP: usize = 4;

/// A new set.
#[derive(Debug)]
pub struct RecoveryCodes {
    /// As people write them down; kept nowhere.
    pub codes: Vec<SecretString>,
    /// What is kept.
    pub hashes: Vec<TokenHash>,
}

impl RecoveryCodes {
    /// Draws them.
    pub fn random(env: &mut Env) -> Self {
        let plain: Vec<String> = (0..RECOVERY_CODES).map(|_| BASE32_NOPAD.encode(&env.bytes::<BYTES>())).collect();
        let hashes = plain.iter().map(|code| TokenHash::of(&code.as_str().into())).collect();
        Self { codes: plain.iter().map(|code| grouped(code).into()).collect(), hashes }
    }
}

fn grouped(code: &str) -> String {
    let groups: Vec<&str> = (0..CHARACTERS / GROUP).filter_map(|i| code.get(i * GROUP..(i + 1) * GROUP)).collect();
    groups.join("-")
}

/// What a code would be kept as; `None` for what is none. Case, spaces and dashes are people's own affair.
pub fn recovery_hash(entered: &SecretString) -> Option<TokenHash> {
    let letters = entered.expose_secret().chars().filter(|c| !c.is_whitespace() && *c != '-');
    let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
    let whole = code.len() == CHARACTERS && code.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
    whole.then(|| TokenHash::of(&code.into()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use kernel::{Clock, Timestamp};

    use super::*;

    struct Epoch;
    impl Clock for Epoch {
        fn now(&self) -> Timestamp {
            Timestamp::default()
        }
    }

    #[test]
    fn ten_different_codes_are_found_again_however_they_are_typed() {
        let set = RecoveryCodes::random(&mut Env::with(Arc::new(Epoch), 1));
        let texts: BTreeSet<&str> = set.codes.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!((texts.len(), set.hashes.len()), (RECOVERY_CODES, RECOVERY_CODES));
        for (code, hash) in set.codes.iter().zip(&set.hashes) {
            assert_eq!(code.expose_secret().len(), 29);
            assert_eq!(recovery_hash(code), Some(*hash));
            let typed = code.expose_secret().to_lowercase().replace('-', " ");
            assert_eq!(recovery_hash(&typed.into()), Some(*hash));
        }
        for wrong in ["", "123456", "AAAA-AAAA-AAAA-AAAA-AAAA-AAA", "AAAA-AAAA-AAAA-AAAA-AAAA-AAA1"] {
            assert_eq!(recovery_hash(&wrong.into()), None, "{wrong}");
        }
    }
}
