//! Randomness for ids and for the panel's choice of a port.

use crate::world::lock;
use rand::RngExt;
use rand::rngs::StdRng;
use std::sync::Mutex;

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// One generator for the whole sandbox.
#[derive(Debug)]
pub(crate) struct Dice(Mutex<StdRng>);

impl Default for Dice {
    fn default() -> Self {
        Self(Mutex::new(rand::make_rng()))
    }
}

impl Dice {
    /// `prefix` followed by `length` letters and digits, like Stripe's ids.
    pub(crate) fn id(&self, prefix: &str, length: usize) -> String {
        let mut text = String::with_capacity(prefix.len() + length);
        text.push_str(prefix);
        let mut rng = lock(&self.0);
        for _ in 0..length {
            let at = rng.random_range(0..ALPHABET.len());
            text.push(char::from(ALPHABET.get(at).copied().unwrap_or(b'0')));
        }
        text
    }

    /// A random (version 4) UUID.
    pub(crate) fn uuid(&self) -> String {
        let bytes: [u8; 16] = lock(&self.0).random();
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// A number below `end`; 0 when `end` is 0.
    pub(crate) fn below(&self, end: usize) -> usize {
        if end == 0 { 0 } else { lock(&self.0).random_range(0..end) }
    }
}
