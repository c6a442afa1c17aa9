//! What every account store must do for roles, proofs and keys for machines.

use chrono::Duration;
use kernel::Env;

use crate::{
    AccountStore, ApiKeyError, Device, MOST_KEYS, NewApiKey, PROOF_LASTS, Permission, Role, Scopes, SessionClaim,
    TokenHash, User, active_key, active_session, end_key, make_key, start_acting, start_session,
};

/// Roles are changed, proofs grow old, and acting ends with the right to it.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub(super) async fn roles_and_proofs_are_kept<S: AccountStore>(store: &mut S, env: &mut Env, user: &User) {
    store.set_role(user.id, Role::Support).await.unwrap();
    let staff = store.staff().await.unwrap();
    assert!(staff.iter().any(|member| member.id == user.id && member.role == Role::Support));
    let (acting, _) = start_acting(store, env, (user, user.id), Device::default()).await.unwrap();
    let (found, _) = active_session(store, env.now(), SessionClaim::Named(acting.id)).await.unwrap();
    assert_eq!(found, acting, "with who acts");
    store.set_role(user.id, Role::Customer).await.unwrap();
    assert!(!store.staff().await.unwrap().iter().any(|member| member.id == user.id));
    let acting = active_session(store, env.now(), SessionClaim::Named(acting.id)).await;
    assert!(acting.is_err(), "acting ends with the right to it");

    let (session, _) = start_session(store, env, user, Device::default()).await.unwrap();
    let later = env.now() + PROOF_LASTS;
    assert!(session.is_proven(later - Duration::seconds(1)) && !session.is_proven(later));
    store.prove_session(session.id, later).await.unwrap();
    store.prove_session(session.id, env.now()).await.unwrap();
    let proven = store.session(session.id).await.unwrap().unwrap();
    assert!(proven.is_proven(later), "a proof is never taken back by an older one");
}

/// A key is found by its hash alone, notes its use, ends once, and there are not too many.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub(super) async fn keys_count_until_they_end<S: AccountStore>(store: &mut S, env: &mut Env, user: &User) {
    let scopes = Scopes::new([Permission::SeeOwnServices, Permission::Buy]).unwrap();
    let new = || NewApiKey { name: " monitoring ".to_owned(), scopes: scopes.clone(), life: Duration::days(30) };
    let (key, text) = make_key(store, env, user, new()).await.unwrap();
    assert_eq!((key.name.as_str(), key.last_used_at), ("monitoring", None));
    let now = env.now();
    let (found, owner) = active_key(store, now, &TokenHash::of(&text)).await.unwrap().unwrap();
    assert_eq!((found, owner.id), (key.clone(), user.id));
    let listed = store.api_keys_of(user.id).await.unwrap();
    assert_eq!(listed.first().and_then(|key| key.last_used_at), Some(now));
    let end = now + Duration::days(30);
    assert!(active_key(store, end, &TokenHash::of(&text)).await.unwrap().is_none(), "past its end");
    assert!(end_key(store, now, user.id, key.id).await.unwrap());
    assert!(!end_key(store, now, user.id, key.id).await.unwrap(), "once");
    assert!(!end_key(store, now, env.id(), key.id).await.unwrap(), "nobody else's");
    assert!(active_key(store, now, &TokenHash::of(&text)).await.unwrap().is_none());
    for _ in 0..MOST_KEYS {
        make_key(store, env, user, new()).await.unwrap();
    }
    assert!(matches!(make_key(store, env, user, new()).await, Err(ApiKeyError::TooMany)));
    let staffs = NewApiKey { scopes: Scopes::new([Permission::SeeOrders]).unwrap(), ..new() };
    assert!(matches!(make_key(store, env, user, staffs).await, Err(ApiKeyError::BeyondRole(_))));
}
