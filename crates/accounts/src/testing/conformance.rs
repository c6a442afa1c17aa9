//! What every account store must do; run by the memory store and by PostgreSQL's alike.

use chrono::Duration;
use kernel::Env;

use crate::{
    AccountStore, Device, GuestAccount, LinkError, NewAccount, OpenedAccount, PasswordHash, PreparedAccess, Purpose,
    RegisterError, Reply, Sealed, SessionClaim, SessionLife, TokenHash, User, WelcomeMail, Wish, active_session, ask,
    change_address, change_password, end_session, give_token, open_account, open_request, open_sessions, register,
    reset_password, settle, start_session,
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

    sessions_count_as_long_as_they_should(store, env, &user).await;
    assert_eq!(store.customer(customer.id).await.unwrap(), Some(customer.clone()));
    super::doors::roles_and_proofs_are_kept(store, env, &user).await;
    super::doors::keys_count_until_they_end(store, env, &user).await;

    store.set_gateway_customer(customer.id, "cus_1").await.unwrap();
    store.set_gateway_customer(customer.id, "cus_2").await.unwrap();
    let known = store.customer_of(user.id).await.unwrap().unwrap();
    assert_eq!(known.gateway_id.as_deref(), Some("cus_1"), "the first id stays");

    let guest = GuestAccount { email: "guest.conformance@example.com".parse().unwrap(), name: "Guest".to_owned() };
    let prepared = PreparedAccess {
        id: env.id(),
        hash: PasswordHash::new("$2b$temp".to_owned()),
        sealed: Sealed("sealed".to_owned()),
        link: None,
    };
    let opened = open_account(store, env, &guest, Some(&prepared)).await.unwrap();
    let OpenedAccount::New { customer: new, credential, welcome } = opened else { panic!("expected a new account") };
    assert_eq!(welcome, WelcomeMail::Password);
    assert_eq!(store.sealed(credential).await.unwrap().unwrap().sealed, prepared.sealed);
    store.delete_sealed(credential).await.unwrap();
    assert_eq!(store.sealed(credential).await.unwrap(), None);
    let again = open_account(store, env, &guest, None).await.unwrap();
    assert_eq!(again, OpenedAccount::Existing(new));
    password_changes(store, env, guest.email).await;
    a_welcome_link_sets_the_password_once(store, env).await;
}

#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
async fn a_welcome_link_sets_the_password_once<S: AccountStore>(store: &mut S, env: &mut Env) {
    let guest = GuestAccount { email: "linked.conformance@example.com".parse().unwrap(), name: "Guest".to_owned() };
    let token = env.token();
    let prepared = PreparedAccess {
        id: env.id(),
        hash: PasswordHash::new("$2b$nobody".to_owned()),
        sealed: Sealed("sealed".to_owned()),
        link: Some(TokenHash::of(&token)),
    };
    let opened = open_account(store, env, &guest, Some(&prepared)).await.unwrap();
    let OpenedAccount::New { customer, welcome, .. } = opened else { panic!("expected a new account") };
    assert_eq!(welcome, WelcomeMail::Link);
    let chosen = PasswordHash::new("$2b$chosen".to_owned());
    let user = reset_password(store, env, &token, &chosen).await.unwrap();
    assert_eq!(user.id, customer.user);
    let user = store.user(user.id).await.unwrap().unwrap();
    assert_eq!((user.password, user.must_change_password, user.password_expires_at), (chosen.clone(), false, None));
    assert!(matches!(reset_password(store, env, &token, &chosen).await, Err(LinkError::Spent)));
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn password_changes<S: AccountStore>(store: &mut S, env: &mut Env, guest: kernel::EmailAddress) {
    let user = store.user_by_email(&guest).await.unwrap().unwrap();
    assert!(user.must_change_password && user.password_expires_at.is_some());
    let (mine, first) = start_session(store, env, &user, Device::default()).await.unwrap();
    let (other, _) = start_session(store, env, &user, Device::default()).await.unwrap();
    let hash = PasswordHash::new("$2b$new".to_owned());
    let second = change_password(store, env, (user.id, mine.id), &hash).await.unwrap();
    let carried = |token: &secrecy::SecretString| SessionClaim::Carried(TokenHash::of(token));
    let (session, user) = active_session(store, env.now(), carried(&second)).await.unwrap();
    assert_eq!(session.id, mine.id, "this sign-in goes on");
    assert!(active_session(store, env.now(), carried(&first)).await.is_err(), "under another secret");
    assert_eq!(user.password, PasswordHash::new("$2b$new".to_owned()));
    assert!(!user.must_change_password && user.password_expires_at.is_none());
    let other = active_session(store, env.now(), SessionClaim::Named(other.id)).await;
    assert!(other.is_err(), "other sign-ins end");
    links_do_one_thing_once(store, env, &user).await;
    addresses_change(store, env, &user).await;
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn sessions_count_as_long_as_they_should<S: AccountStore>(store: &mut S, env: &mut Env, user: &User) {
    let device = Device::new(Some("203.0.113.7".to_owned()), Some("Browser\u{7} 1"));
    let (session, token) = start_session(store, env, user, device.clone()).await.unwrap();
    let (other, _) = start_session(store, env, user, Device::default()).await.unwrap();
    let carried = SessionClaim::Carried(TokenHash::of(&token));
    let found = active_session(store, env.now(), carried).await.unwrap();
    assert_eq!(found, (session.clone(), user.clone()));
    assert_eq!(found.0.device.user_agent.as_deref(), Some("Browser 1"), "control characters are left out");
    assert_eq!(store.session_by_token(&TokenHash::of(&"another".into())).await.unwrap(), None);

    let life = SessionLife::of(user.role);
    let (start, moment) = (session.last_seen_at, Duration::seconds(1));
    assert!(active_session(store, start + life.idle, carried).await.is_err(), "unused for too long");
    let mut at = start;
    while at + life.idle - moment < start + life.whole {
        at += life.idle - moment;
        active_session(store, at, carried).await.unwrap();
    }
    assert!(active_session(store, start + life.whole, carried).await.is_err(), "in use, and at its end all the same");

    let open = open_sessions(store, start, user).await.unwrap();
    assert_eq!(open.iter().map(|session| session.id).collect::<Vec<_>>(), [session.id, other.id], "last used first");
    let stranger = env.id();
    assert!(!end_session(store, start, stranger, other.id).await.unwrap(), "only one's own");
    assert!(end_session(store, start, user.id, other.id).await.unwrap());
    assert!(active_session(store, start, SessionClaim::Named(other.id)).await.is_err());
    store.revoke_sessions(user.id, Some(session.id), start).await.unwrap();
    assert!(active_session(store, start + moment, carried).await.is_ok(), "the kept one stays");
    store.revoke_sessions(user.id, None, start).await.unwrap();
    assert!(active_session(store, start + moment, carried).await.is_err());
    assert!(open_sessions(store, start, user).await.unwrap().is_empty());
    let (_, token) = start_session(store, env, user, Device::default()).await.unwrap();
    assert_eq!(store.revoke_all_sessions(start).await.unwrap(), 1);
    assert_eq!(store.revoke_all_sessions(start).await.unwrap(), 0, "they are ended");
    let carried = SessionClaim::Carried(TokenHash::of(&token));
    assert!(active_session(store, start + moment, carried).await.is_err());
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn links_do_one_thing_once<S: AccountStore>(store: &mut S, env: &mut Env, user: &User) {
    let unknown =
        ask(store, env, "nobody.conformance@example.com".parse().unwrap(), Wish::ResetPassword).await.unwrap();
    assert_eq!(unknown.reply(None, env.now()), Reply::Nothing);
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let request = ask(store, env, user.email.clone(), Wish::ResetPassword).await.unwrap();
        assert_eq!(store.request(request.id).await.unwrap(), Some(request.clone()));
        assert_eq!(request.reply(Some(user), env.now()), Reply::Link);
        let (request, first) = give_token(store, env, request, Some(user)).await.unwrap();
        let (request, second) = give_token(store, env, request, Some(user)).await.unwrap();
        assert_eq!(request.user, Some(user.id));
        assert!(matches!(open_request(store, env.now(), &first, Purpose::ResetPassword).await, Err(LinkError::Spent)));
        assert!(matches!(open_request(store, env.now(), &second, Purpose::Register).await, Err(LinkError::Spent)));
        let late = env.now() + Purpose::ResetPassword.counts_for() + Duration::seconds(1);
        assert!(matches!(open_request(store, late, &second, Purpose::ResetPassword).await, Err(LinkError::Spent)));
        assert!(open_request(store, env.now(), &second, Purpose::ResetPassword).await.is_ok());
        tokens.push(second);
    }
    let (session, _) = start_session(store, env, user, Device::default()).await.unwrap();
    let password = PasswordHash::new("$2b$reset".to_owned());
    reset_password(store, env, &tokens.remove(0), &password).await.unwrap();
    assert_eq!(store.user(user.id).await.unwrap().unwrap().password, password);
    assert!(active_session(store, env.now(), SessionClaim::Named(session.id)).await.is_err(), "every sign-in ends");
    let other = reset_password(store, env, &tokens.remove(0), &password).await;
    assert!(matches!(other, Err(LinkError::Spent)), "the other link too");
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn addresses_change<S: AccountStore>(store: &mut S, env: &mut Env, user: &User) {
    let new: kernel::EmailAddress = "moved.conformance@example.com".parse().unwrap();
    let owned: kernel::EmailAddress = "conformance@example.com".parse().unwrap();
    let request = ask(store, env, owned.clone(), Wish::ChangeAddress(user.id)).await.unwrap();
    let holder = store.user_by_email(&owned).await.unwrap();
    assert_eq!(request.reply(holder.as_ref(), env.now()), Reply::HasAccount);
    let (_, token) = give_token(store, env, request, None).await.unwrap();
    assert!(matches!(change_address(store, env, &token, user.id).await, Err(LinkError::Spent)), "it is taken");
    let request = ask(store, env, new.clone(), Wish::ChangeAddress(user.id)).await.unwrap();
    let (_, token) = give_token(store, env, request, None).await.unwrap();
    let stranger = env.id();
    assert!(matches!(change_address(store, env, &token, stranger).await, Err(LinkError::Spent)), "it is not theirs");
    assert_eq!(change_address(store, env, &token, user.id).await.unwrap(), new);
    assert_eq!(store.user_by_email(&new).await.unwrap().unwrap().id, user.id);
    assert_eq!(store.customer_of(user.id).await.unwrap().unwrap().email, new);
    let wish = Wish::Register { name: "N".to_owned(), password: PasswordHash::new("$2b$wish".to_owned()) };
    let request = ask(store, env, user.email.clone(), wish.clone()).await.unwrap();
    assert_eq!(store.request(request.id).await.unwrap().unwrap().wish, wish);
    settle(store, env.now(), request.clone()).await.unwrap();
    let settled = store.request(request.id).await.unwrap().unwrap();
    assert_eq!(settled.reply(None, env.now()), Reply::Nothing);
    store.forget_requests(env.now() + Duration::days(30)).await.unwrap();
    assert_eq!(store.request(request.id).await.unwrap(), None);
}
