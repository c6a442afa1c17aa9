//! What every account store must do; run by the memory store and by PostgreSQL's alike.

use chrono::Duration;
use kernel::Env;

use crate::{
    AccountStore, GuestAccount, NewAccount, OpenedAccount, PasswordHash, PreparedPassword, RegisterError, Sealed,
    active_user, change_password, open_account, register, start_session,
};

/// Runs the suite; panics at the first difference.
///
/// # Panics
/// When the store does not conform.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
pub async fn store_conforms<S: AccountStore>(store: &mut S, env: &mut Env) {
    let email: kernel::EmailAddress = "conformance@example.com".parse().unwrap();
    let account = || NewAccount {
        email: email.clone(),
        name: "Con Formance".to_owned(),
        password: PasswordHash::new("$2b$hash".to_owned()),
    };
    let (user, customer) = register(store, env, account()).await.unwrap();
    assert_eq!(store.user_by_email(&email).await.unwrap(), Some(user.clone()));
    assert_eq!(store.customer_of(user.id).await.unwrap(), Some(customer.clone()));
    assert!(matches!(register(store, env, account()).await, Err(RegisterError::EmailTaken)));

    let session = start_session(store, env, user.id).await.unwrap();
    assert_eq!(active_user(store, env.now(), session.id).await.unwrap(), user);
    assert!(active_user(store, env.now() + Duration::days(400), session.id).await.is_err());
    store.revoke_session(session.id, env.now()).await.unwrap();
    assert!(active_user(store, env.now(), session.id).await.is_err());

    store.set_gateway_customer(customer.id, "cus_1").await.unwrap();
    store.set_gateway_customer(customer.id, "cus_2").await.unwrap();
    let known = store.customer_of(user.id).await.unwrap().unwrap();
    assert_eq!(known.gateway_id.as_deref(), Some("cus_1"), "the first id stays");

    let guest = GuestAccount { email: "guest.conformance@example.com".parse().unwrap(), name: "Guest".to_owned() };
    let prepared = PreparedPassword {
        id: env.id(),
        hash: PasswordHash::new("$2b$temp".to_owned()),
        sealed: Sealed("sealed".to_owned()),
    };
    let opened = open_account(store, env, &guest, Some(&prepared)).await.unwrap();
    let OpenedAccount::New { customer: new, credential } = opened else { panic!("expected a new account") };
    assert_eq!(store.sealed(credential).await.unwrap().unwrap().sealed, prepared.sealed);
    store.delete_sealed(credential).await.unwrap();
    assert_eq!(store.sealed(credential).await.unwrap(), None);
    let again = open_account(store, env, &guest, None).await.unwrap();
    assert_eq!(again, OpenedAccount::Existing(new));
    password_changes(store, env, guest.email).await;
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn password_changes<S: AccountStore>(store: &mut S, env: &mut Env, guest: kernel::EmailAddress) {
    let user = store.user_by_email(&guest).await.unwrap().unwrap();
    assert!(user.must_change_password && user.password_expires_at.is_some());
    let mine = start_session(store, env, user.id).await.unwrap().id;
    let other = start_session(store, env, user.id).await.unwrap().id;
    change_password(store, env, (user.id, mine), &PasswordHash::new("$2b$new".to_owned())).await.unwrap();
    let user = active_user(store, env.now(), mine).await.unwrap();
    assert_eq!(user.password, PasswordHash::new("$2b$new".to_owned()));
    assert!(!user.must_change_password && user.password_expires_at.is_none());
    assert!(active_user(store, env.now(), other).await.is_err(), "other sign-ins end");
}
