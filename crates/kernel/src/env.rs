//! Time, randomness and ids as an argument, so that tests and simulations decide them.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use secrecy::SecretString;

use crate::{Id, Timestamp, entity::Entity};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where real time enters")]
    fn now(&self) -> Timestamp {
        Utc::now()
    }
}

/// The surroundings of one operation. One per request or job step; it is not shared.
pub struct Env {
    clock: Arc<dyn Clock>,
    rng: StdRng,
}

/// Characters of temporary passwords; those that look alike in print are left out.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"23456789";
const SPECIAL: &[u8] = b"!#$%&*+-=?@_";

impl Env {
    /// Real time and the operating system's randomness.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), rng: rand::make_rng() }
    }

    /// A given clock and a seed: the same seed gives the same ids and secrets.
    pub fn with(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { clock, rng: StdRng::seed_from_u64(seed) }
    }

    /// The present instant, cut to microseconds, which is what PostgreSQL keeps.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// A new id, ordered by time (UUIDv7, RFC 9562).
    pub fn id<T: Entity>(&mut self) -> Id<T> {
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        let mut random = [0_u8; 10];
        self.rng.fill_bytes(&mut random);
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// A secret of `length` characters that holds letters, at least one digit and at least one special character.
    pub fn secret(&mut self, length: usize) -> SecretString {
        let all: Vec<u8> = [LETTERS, DIGITS, SPECIAL].concat();
        let mut chars: Vec<u8> = [LETTERS, DIGITS, SPECIAL].iter().map(|set| self.pick(set)).collect();
        while chars.len() < length {
            chars.push(self.pick(&all));
        }
        for index in (1..chars.len()).rev() {
            chars.swap(index, self.rng.random_range(0..=index));
        }
        SecretString::from(String::from_utf8_lossy(&chars).into_owned())
    }

    /// An unguessable token: 256 bits in hexadecimal.
    pub fn token(&mut self) -> SecretString {
        let (high, low): (u128, u128) = (self.rng.random(), self.rng.random());
        SecretString::from(format!("{high:032x}{low:032x}"))
    }

    /// Random bytes, for keys and codes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    fn pick(&mut self, set: &[u8]) -> u8 {
        let index = self.rng.random_range(0..set.len());
        set.get(index).copied().unwrap_or(b'x')
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("now", &self.now()).finish_non_exhaustive()
    }
}
