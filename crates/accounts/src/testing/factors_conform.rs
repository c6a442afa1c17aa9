//! What every store of second factors must do; run by the memory store and by PostgreSQL's alike.

use chrono::Duration;
use kernel::Env;

use crate::{
    AccountStore, Challenge, ChallengePurpose, FactorStore, Factors, NewAccount, Passkey, PasswordHash, RecoveryCodes,
    Sealed, Totp, User, register,
};

/// Runs the suite; panics at the first difference.
///
/// # Panics
/// When the store does not conform.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub async fn factors_conform<S: AccountStore + FactorStore>(store: &mut S, env: &mut Env) {
    let mut people = Vec::new();
    for name in ["one.factors@example.com", "two.factors@example.com"] {
        let password = PasswordHash::new("$2b$hash".to_owned());
        let account = NewAccount { email: name.parse().unwrap(), name: "F".to_owned(), password };
        people.push(register(store, env, account).await.unwrap().0);
    }
    let (user, other) = (people.remove(0), people.remove(0));
    store.lock_factors(user.id).await.unwrap();
    assert!(!Factors::of(store, user.id).await.unwrap().any());
    apps_are_kept(store, env, &user).await;
    codes_are_taken_once(store, env, (&user, &other)).await;
    passkeys_are_kept(store, env, (&user, &other)).await;
    questions_are_taken_once(store, env, &user).await;
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn apps_are_kept<S: FactorStore>(store: &mut S, env: &mut Env, user: &User) {
    let now = env.now();
    let sealed = |text: &str| Sealed(text.to_owned());
    let totp = Totp { user: user.id, sealed: sealed("first"), created_at: now, confirmed_at: None, last_step: None };
    store.save_totp(&totp).await.unwrap();
    assert_eq!(store.totp(user.id).await.unwrap(), Some(totp.clone()));
    assert!(!Factors::of(store, user.id).await.unwrap().any(), "an app counts when it is confirmed");
    let totp = Totp { sealed: sealed("second"), confirmed_at: Some(now), last_step: Some(7), ..totp };
    store.save_totp(&totp).await.unwrap();
    assert_eq!(store.totp(user.id).await.unwrap(), Some(totp.clone()));
    assert!(Factors::of(store, user.id).await.unwrap().app);
    for (step, taken) in [(7, false), (8, true), (8, false), (6, false), (9, true)] {
        assert_eq!(store.take_totp_step(user.id, step).await.unwrap(), taken, "step {step}");
    }
    assert!(store.delete_totp(user.id).await.unwrap());
    assert!(!store.delete_totp(user.id).await.unwrap());
    assert!(!store.take_totp_step(user.id, 10).await.unwrap());
    assert_eq!(store.totp(user.id).await.unwrap(), None);
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn codes_are_taken_once<S: FactorStore>(store: &mut S, env: &mut Env, (user, other): (&User, &User)) {
    let (first, second) = (RecoveryCodes::random(env).hashes, RecoveryCodes::random(env).hashes);
    let now = env.now();
    store.set_recovery_codes(user.id, &first).await.unwrap();
    assert_eq!(store.recovery_codes_left(user.id).await.unwrap(), 10);
    let code = first.first().unwrap();
    assert!(!store.take_recovery_code(other.id, code, now).await.unwrap(), "only its owner's");
    assert!(store.take_recovery_code(user.id, code, now).await.unwrap());
    assert!(!store.take_recovery_code(user.id, code, now).await.unwrap(), "once");
    assert_eq!(store.recovery_codes_left(user.id).await.unwrap(), 9);
    store.set_recovery_codes(user.id, &second).await.unwrap();
    assert!(!store.take_recovery_code(user.id, first.last().unwrap(), now).await.unwrap(), "older ones are gone");
    assert_eq!(store.recovery_codes_left(user.id).await.unwrap(), 10);
    store.set_recovery_codes(user.id, &[]).await.unwrap();
    assert_eq!(store.recovery_codes_left(user.id).await.unwrap(), 0);
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn passkeys_are_kept<S: FactorStore>(store: &mut S, env: &mut Env, (user, other): (&User, &User)) {
    let now = env.now();
    let mut passkey = |credential: &[u8], of: &User| Passkey {
        id: env.id(),
        user: of.id,
        credential: credential.to_vec(),
        key: "{\"counter\":1}".to_owned(),
        name: "Phone".to_owned(),
        created_at: now,
        last_used_at: None,
    };
    let phone = passkey(b"phone", user);
    assert!(store.insert_passkey(&phone).await.unwrap());
    assert!(!store.insert_passkey(&passkey(b"phone", other)).await.unwrap(), "a credential is one person's");
    let stick = passkey(b"stick", user);
    assert!(store.insert_passkey(&stick).await.unwrap());
    assert_eq!(store.passkeys_of(user.id).await.unwrap(), [phone.clone(), stick.clone()]);
    assert!(Factors::of(store, user.id).await.unwrap().any());
    assert_eq!(store.passkey_by_credential(b"stick").await.unwrap(), Some(stick.clone()));
    assert_eq!(store.passkey_by_credential(b"nothing").await.unwrap(), None);
    store.passkey_used(stick.id, "{\"counter\":2}", now).await.unwrap();
    assert!(!store.rename_passkey(other.id, stick.id, "Mine").await.unwrap());
    assert!(store.rename_passkey(user.id, stick.id, "Key ring").await.unwrap());
    let after = store.passkey_by_credential(b"stick").await.unwrap().unwrap();
    let expected =
        Passkey { key: "{\"counter\":2}".to_owned(), name: "Key ring".to_owned(), last_used_at: Some(now), ..stick };
    assert_eq!(after, expected);
    assert!(!store.delete_passkey(other.id, after.id).await.unwrap());
    assert!(store.delete_passkey(user.id, after.id).await.unwrap());
    assert_eq!(store.passkeys_of(user.id).await.unwrap(), [phone]);
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn questions_are_taken_once<S: FactorStore>(store: &mut S, env: &mut Env, user: &User) {
    let end = env.now() + Duration::minutes(5);
    for (purpose, of) in [
        (ChallengePurpose::Add, Some(user.id)),
        (ChallengePurpose::SignIn, None),
        (ChallengePurpose::SecondFactor, Some(user.id)),
        (ChallengePurpose::Prove, Some(user.id)),
    ] {
        let challenge = Challenge { id: env.id(), purpose, user: of, state: "{}".to_owned(), expires_at: end };
        store.insert_challenge(&challenge).await.unwrap();
        assert_eq!(store.take_challenge(challenge.id).await.unwrap(), Some(challenge.clone()));
        assert_eq!(store.take_challenge(challenge.id).await.unwrap(), None);
        assert!(challenge.counts(purpose, of, end - Duration::seconds(1)));
        assert!(!challenge.counts(purpose, of, end));
        assert!(!challenge.counts(purpose, if of.is_some() { None } else { Some(user.id) }, env.now()));
        store.insert_challenge(&challenge).await.unwrap();
        store.forget_challenges(end).await.unwrap();
        store.forget_challenges(end + Duration::seconds(1)).await.unwrap();
        assert_eq!(store.take_challenge(challenge.id).await.unwrap(), None);
    }
}
