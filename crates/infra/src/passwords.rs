//! Password hashing: bcrypt over base64(HMAC-SHA-256(pepper, password)).
//!
//! bcrypt reads 72 bytes and no more; the HMAC makes every password 44 bytes of base64, and a stolen table of hashes
//! worthless without the pepper, which is not in the database. Hashing runs on blocking threads, as many at once as there
//! are cores; behind them waits a short line, and whoever finds it full is told to come back.

use std::{
    num::NonZero,
    sync::{Arc, OnceLock},
    thread::available_parallelism,
};

use accounts::{PasswordError, PasswordHash, Passwords};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// How many may wait for each that is being hashed.
const WAITING_PER_CORE: usize = 16;
/// What bcrypt accepts.
const COSTS: std::ops::RangeInclusive<u32> = 4..=31;

/// The key that passwords are mixed with.
#[derive(Clone)]
pub struct Pepper(Arc<[u8; 32]>);

impl Pepper {
    /// This key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Arc::new(key))
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper(…)")
    }
}

/// bcrypt with a pepper. Its clones share one line.
#[derive(Debug, Clone)]
pub struct BcryptPasswords {
    cost: u32,
    pepper: Pepper,
    /// Whoever is hashing or waits for it.
    line: Arc<Semaphore>,
    /// Whoever is hashing.
    cores: Arc<Semaphore>,
    /// The hash of nothing in particular, for addresses without an account.
    dummy: Arc<OnceLock<String>>,
}

impl BcryptPasswords {
    /// New passwords get this cost: 12 is usual, each step doubles the time, tests take 4.
    ///
    /// # Errors
    /// [`PasswordError::Broken`] for a cost that bcrypt does not know.
    pub fn new(cost: u32, pepper: Pepper) -> Result<Self, PasswordError> {
        if !COSTS.contains(&cost) {
            return Err(PasswordError::Broken(format!("the cost {cost} is not between 4 and 31")));
        }
        let cores = available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            cost,
            pepper,
            line: Arc::new(Semaphore::new(cores * (1 + WAITING_PER_CORE))),
            cores: Arc::new(Semaphore::new(cores)),
            dummy: Arc::default(),
        })
    }

    /// What bcrypt is given instead of the password.
    fn peppered(&self, password: &SecretString) -> Result<SecretString, PasswordError> {
        let mac = Hmac::<Sha256>::new_from_slice(self.pepper.0.as_slice());
        let mut mac = mac.map_err(|error| PasswordError::Broken(error.to_string()))?;
        mac.update(password.expose_secret().as_bytes());
        Ok(SecretString::from(STANDARD.encode(mac.finalize().into_bytes())))
    }

    async fn in_line<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.line.try_acquire().map_err(|_| PasswordError::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        // The permit goes with the work: a request that is dropped does not stop the thread that hashes for it.
        let hashing = spawn_blocking(move || {
            let result = work();
            drop(core);
            result
        });
        let result = hashing.await.map_err(|error| PasswordError::Broken(error.to_string()))?;
        result.map_err(|error| PasswordError::Broken(error.to_string()))
    }
}

impl Passwords for BcryptPasswords {
    async fn hash(&self, password: &SecretString) -> Result<PasswordHash, PasswordError> {
        let (peppered, cost) = (self.peppered(password)?, self.cost);
        let hash = self.in_line(move || bcrypt::hash(peppered.expose_secret(), cost)).await?;
        Ok(PasswordHash::new(hash))
    }

    async fn verify(&self, password: &SecretString, hash: Option<&PasswordHash>) -> Result<bool, PasswordError> {
        let (peppered, cost, dummy) = (self.peppered(password)?, self.cost, Arc::clone(&self.dummy));
        let known = hash.is_some();
        let hash = hash.map(|hash| hash.as_str().to_owned());
        let compare = move || {
            let hash = match hash {
                Some(hash) => hash,
                // Made once; the first who asks pays for it.
                None => match dummy.get() {
                    Some(made) => made.clone(),
                    None => dummy.get_or_init(|| bcrypt::hash("nobody", cost).unwrap_or_default()).clone(),
                },
            };
            bcrypt::verify(peppered.expose_secret(), &hash)
        };
        Ok(self.in_line(compare).await? && known)
    }

    fn is_weaker(&self, hash: &PasswordHash) -> bool {
        hash.as_str().parse::<bcrypt::HashParts>().is_ok_and(|parts| parts.get_cost() < self.cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(key: u8) -> BcryptPasswords {
        BcryptPasswords::new(4, Pepper::new([key; 32])).unwrap()
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn a_hash_takes_its_password_and_no_other() {
        let passwords = passwords(1);
        let hash = passwords.hash(&secret("Correct Horse 1!")).await.unwrap();
        assert!(hash.as_str().starts_with("$2b$04$"), "bcrypt, at the cost that was asked for");
        assert!(passwords.verify(&secret("Correct Horse 1!"), Some(&hash)).await.unwrap());
        assert!(!passwords.verify(&secret("Correct Horse 1?"), Some(&hash)).await.unwrap());
        assert!(!super::tests::passwords(2).verify(&secret("Correct Horse 1!"), Some(&hash)).await.unwrap(), "pepper");
    }

    #[tokio::test]
    async fn hashes_of_a_lower_cost_are_weaker_and_go_on_counting() {
        let hash = passwords(1).hash(&secret("Correct Horse 1!")).await.unwrap();
        let dearer = BcryptPasswords::new(5, Pepper::new([1; 32])).unwrap();
        assert!(dearer.is_weaker(&hash) && !passwords(1).is_weaker(&hash));
        assert!(dearer.verify(&secret("Correct Horse 1!"), Some(&hash)).await.unwrap());
        assert!(!passwords(1).is_weaker(&dearer.hash(&secret("x")).await.unwrap()), "a higher one is not lowered");
        assert!(!dearer.is_weaker(&PasswordHash::new("plain".to_owned())));
    }

    #[tokio::test]
    async fn passwords_beyond_bcrypts_72_bytes_still_differ() {
        let passwords = passwords(1);
        let long = "ž".repeat(64);
        let hash = passwords.hash(&secret(&format!("{long}a"))).await.unwrap();
        assert!(passwords.verify(&secret(&format!("{long}a")), Some(&hash)).await.unwrap());
        assert!(!passwords.verify(&secret(&format!("{long}b")), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobodys_password_is_compared_and_never_right() {
        let passwords = passwords(1);
        assert!(!passwords.verify(&secret("nobody"), None).await.unwrap());
        let dummy = passwords.dummy.get().unwrap();
        assert!(dummy.starts_with("$2b$04$"), "the same cost, so the same time");
    }

    #[tokio::test]
    async fn a_full_line_turns_away() {
        let passwords = passwords(1);
        let all = u32::try_from(passwords.line.available_permits()).unwrap();
        let _everybody = passwords.line.acquire_many(all).await.unwrap();
        assert!(matches!(passwords.hash(&secret("x")).await, Err(PasswordError::Busy)));
    }

    #[tokio::test]
    async fn a_hash_that_is_none_is_an_error_and_not_a_no() {
        let broken = PasswordHash::new("plain".to_owned());
        assert!(matches!(passwords(1).verify(&secret("plain"), Some(&broken)).await, Err(PasswordError::Broken(_))));
    }

    #[test]
    fn costs_that_bcrypt_does_not_know_are_refused() {
        assert!(BcryptPasswords::new(3, Pepper::new([0; 32])).is_err());
        assert!(BcryptPasswords::new(32, Pepper::new([0; 32])).is_err());
    }
}
