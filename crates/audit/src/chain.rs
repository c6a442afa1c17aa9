//! The chain over the entries.

use std::{fmt, str::FromStr};

use kernel::{Id, entity};

/// The hash of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A place in the chain with its hash. Whoever knows it knows everything before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The place; the first is 1.
    pub position: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// Before the first link.
    pub const START: Self = Self { position: 0, hash: Hash([0; 32]) };

    /// The place after it.
    pub const fn next(self) -> i64 {
        self.position.saturating_add(1)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.hash)
    }
}

/// A text that is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected POSITION:HASH as `hostwright audit head` prints it, the hash in 64 hexadecimal digits")]
pub struct InvalidHead;

impl FromStr for Head {
    type Err = InvalidHead;

    fn from_str(text: &str) -> Result<Self, InvalidHead> {
        let (position, digits) = text.trim().split_once(':').ok_or(InvalidHead)?;
        let position = position.parse().ok().filter(|position| *position > 0).ok_or(InvalidHead)?;
        let (high, low) = digits.split_at_checked(32).filter(|(_, low)| low.len() == 32).ok_or(InvalidHead)?;
        let half = |half: &str| {
            let plain = half.bytes().all(|byte| byte.is_ascii_hexdigit());
            plain.then(|| u128::from_str_radix(half, 16).ok()).flatten().ok_or(InvalidHead)
        };
        let mut hash = [0; 32];
        let bytes = half(high)?.to_be_bytes().into_iter().chain(half(low)?.to_be_bytes());
        for (place, byte) in hash.iter_mut().zip(bytes) {
            *place = byte;
        }
        Ok(Self { position, hash: Hash(hash) })
    }
}

/// One link: an entry at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Place and hash.
    pub head: Head,
    /// The entry.
    pub entry: Id<entity::AuditEntry>,
    /// The id of the key that it was hashed with.
    pub key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_what_it_prints_and_nothing_else() {
        let head = Head { position: 17, hash: Hash([0xa7; 32]) };
        assert_eq!(head.to_string().parse(), Ok(head));
        let printed = head.to_string();
        for text in ["", "17", "17:", ":a7", "0:00", &printed[..printed.len() - 1], &format!("{printed}0")] {
            assert_eq!(text.parse::<Head>(), Err(InvalidHead), "{text}");
        }
        assert!(printed.replace("a7", "+7").parse::<Head>().is_err());
        assert!(format!("17:{}ž{}", "a".repeat(31), "a".repeat(31)).parse::<Head>().is_err());
    }
}
