//! Second factors in memory, and a port for passkeys that signs by naming things.

use kernel::{Id, StoreError, Timestamp, entity, testing::Table};

use super::MemoryAccounts;
use crate::{Challenge, FactorStore, NewKey, Passkey, PasskeyError, Passkeys, Question, TokenHash, Totp, User};

/// Second factors in memory. Clone it to take a snapshot.
#[derive(Debug, Clone, Default)]
pub struct MemoryFactors {
    /// By login.
    pub totp: Table<Id<entity::User>, Totp>,
    /// By login: hashes, and when each was used.
    pub codes: Table<Id<entity::User>, Vec<(TokenHash, Option<Timestamp>)>>,
    /// By id.
    pub passkeys: Table<Id<entity::Passkey>, Passkey>,
    /// By id.
    pub challenges: Table<Id<entity::PasskeyChallenge>, Challenge>,
}

impl FactorStore for MemoryAccounts {
    async fn lock_factors(&mut self, _: Id<entity::User>) -> Result<(), StoreError> {
        Ok(())
    }
    async fn totp(&mut self, user: Id<entity::User>) -> Result<Option<Totp>, StoreError> {
        Ok(self.factors.totp.get(&user).cloned())
    }
    async fn save_totp(&mut self, totp: &Totp) -> Result<(), StoreError> {
        self.factors.totp.insert(totp.user, totp.clone());
        Ok(())
    }
    async fn take_totp_step(&mut self, user: Id<entity::User>, step: i64) -> Result<bool, StoreError> {
        let Some(totp) = self.factors.totp.get_mut(&user) else { return Ok(false) };
        let fresh = totp.last_step.is_none_or(|last| last < step);
        if fresh {
            totp.last_step = Some(step);
        }
        Ok(fresh)
    }
    async fn delete_totp(&mut self, user: Id<entity::User>) -> Result<bool, StoreError> {
        Ok(self.factors.totp.remove(&user).is_some())
    }
    async fn set_recovery_codes(&mut self, user: Id<entity::User>, codes: &[TokenHash]) -> Result<(), StoreError> {
        self.factors.codes.insert(user, codes.iter().map(|code| (*code, None)).collect());
        Ok(())
    }
    async fn take_recovery_code(
        &mut self,
        user: Id<entity::User>,
        code: &TokenHash,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(codes) = self.factors.codes.get_mut(&user) else { return Ok(false) };
        let unused = codes.iter_mut().find(|(hash, used)| hash == code && used.is_none());
        Ok(unused.map(|(_, used)| *used = Some(at)).is_some())
    }
    async fn recovery_codes_left(&mut self, user: Id<entity::User>) -> Result<usize, StoreError> {
        Ok(self.factors.codes.get(&user).map_or(0, |codes| codes.iter().filter(|(_, used)| used.is_none()).count()))
    }
    async fn insert_passkey(&mut self, passkey: &Passkey) -> Result<bool, StoreError> {
        if self.factors.passkeys.values().any(|known| known.credential == passkey.credential) {
            return Ok(false);
        }
        self.factors.passkeys.insert(passkey.id, passkey.clone());
        Ok(true)
    }
    async fn passkeys_of(&mut self, user: Id<entity::User>) -> Result<Vec<Passkey>, StoreError> {
        Ok(self.factors.passkeys.values().filter(|passkey| passkey.user == user).cloned().collect())
    }
    async fn passkey_by_credential(&mut self, credential: &[u8]) -> Result<Option<Passkey>, StoreError> {
        Ok(self.factors.passkeys.values().find(|passkey| passkey.credential == credential).cloned())
    }
    async fn passkey_used(&mut self, id: Id<entity::Passkey>, key: &str, at: Timestamp) -> Result<(), StoreError> {
        if let Some(passkey) = self.factors.passkeys.get_mut(&id) {
            key.clone_into(&mut passkey.key);
            passkey.last_used_at = Some(at);
        }
        Ok(())
    }
    async fn rename_passkey(
        &mut self,
        user: Id<entity::User>,
        id: Id<entity::Passkey>,
        name: &str,
    ) -> Result<bool, StoreError> {
        let theirs = self.factors.passkeys.get_mut(&id).filter(|passkey| passkey.user == user);
        Ok(theirs.map(|passkey| name.clone_into(&mut passkey.name)).is_some())
    }
    async fn delete_passkey(&mut self, user: Id<entity::User>, id: Id<entity::Passkey>) -> Result<bool, StoreError> {
        let theirs = self.factors.passkeys.get(&id).is_some_and(|passkey| passkey.user == user);
        Ok(theirs && self.factors.passkeys.remove(&id).is_some())
    }
    async fn insert_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        self.factors.challenges.insert(challenge.id, challenge.clone());
        Ok(())
    }
    async fn take_challenge(&mut self, id: Id<entity::PasskeyChallenge>) -> Result<Option<Challenge>, StoreError> {
        let taken = self.factors.challenges.get(&id).cloned();
        self.factors.challenges.remove(&id);
        Ok(taken)
    }
    async fn forget_challenges(&mut self, before: Timestamp) -> Result<(), StoreError> {
        let past: Vec<_> =
            self.factors.challenges.values().filter(|it| it.expires_at < before).map(|it| it.id).take(100).collect();
        for id in past {
            self.factors.challenges.remove(&id);
        }
        Ok(())
    }
}

/// Keys that sign by repeating the question: an answer is `credential:state:counter`.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakePasskeys;

impl FakePasskeys {
    /// What a device answers.
    pub fn answer(credential: &str, question: &str, counter: u32) -> String {
        format!("{credential}:{question}:{counter}")
    }

    fn read(answer: &str) -> Result<(&str, &str, u32), PasskeyError> {
        let refused = || PasskeyError::Refused("unreadable".to_owned());
        let mut parts = answer.splitn(3, ':');
        let (Some(credential), Some(state), Some(counter)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refused());
        };
        Ok((credential, state, counter.parse().map_err(|_| refused())?))
    }

    fn signed(state: &str, answer: &str) -> Result<(String, u32), PasskeyError> {
        let (credential, signed, counter) = Self::read(answer)?;
        let right = signed == state;
        right.then(|| (credential.to_owned(), counter)).ok_or_else(|| PasskeyError::Refused("another question".into()))
    }
}

impl Passkeys for FakePasskeys {
    fn possible(&self) -> bool {
        true
    }
    fn ask_new(&self, user: &User, known: &[Passkey]) -> Result<Question, PasskeyError> {
        let state = format!("new {} {}", user.id, known.len());
        Ok(Question { options: state.clone(), state })
    }
    fn take_new(&self, state: &str, answer: &str) -> Result<NewKey, PasskeyError> {
        let (credential, counter) = Self::signed(state, answer)?;
        Ok(NewKey { credential: credential.into_bytes(), key: counter.to_string() })
    }
    fn ask(&self, keys: &[Passkey]) -> Result<Question, PasskeyError> {
        let state = format!("ask {}", keys.len());
        Ok(Question { options: state.clone(), state })
    }
    fn credential(&self, answer: &str) -> Result<Vec<u8>, PasskeyError> {
        Ok(Self::read(answer)?.0.as_bytes().to_vec())
    }
    fn check(&self, state: &str, answer: &str, key: &Passkey) -> Result<String, PasskeyError> {
        let (credential, counter) = Self::signed(state, answer)?;
        if credential.as_bytes() != key.credential {
            return Err(PasskeyError::Refused("another key".to_owned()));
        }
        let before: u32 = key.key.parse().map_err(|_| PasskeyError::Broken("no counter".to_owned()))?;
        if counter > before || (counter, before) == (0, 0) {
            Ok(counter.to_string())
        } else {
            Err(PasskeyError::Copied)
        }
    }
}
