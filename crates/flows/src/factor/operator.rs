//! What people of the shop do to somebody's sign-in: the way out for who has lost everything, and the door closed to whoever
//! came in.

use accounts::User;
use audit::{Act, Actor, Facts, Subject};
use kernel::{EmailAddress, Env, StoreError};
use notify::FactorChange;
use orders::Links;

use super::tell;
use crate::Stores;

/// Removes every factor of the login with this address, ends its sign-ins and tells its owner. `None` when there is no such
/// login. The password stays: whoever asks for this must still know it, or the mailbox.
pub async fn drop_factors<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    (links, by): (&Links, &Actor),
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let Some(user) = tx.user_by_email(email).await? else { return Ok(None) };
    tx.lock_factors(user.id).await?;
    let app = tx.delete_totp(user.id).await?;
    let passkeys = tx.passkeys_of(user.id).await?;
    for passkey in &passkeys {
        tx.delete_passkey(user.id, passkey.id).await?;
    }
    tx.set_recovery_codes(user.id, &[]).await?;
    tx.revoke_sessions(user.id, None, env.now()).await?;
    let had = Facts::none().flag("app", app).number("passkeys", i64::try_from(passkeys.len()).unwrap_or(i64::MAX));
    let entry = audit::Entry::new(env, by.clone(), Act::SecondFactorRemoved, Subject::new("user", user.id));
    tx.append(&entry.before(had)).await?;
    tell(tx, env, links, (&user, FactorChange::Dropped)).await?;
    Ok(Some(user))
}

/// Ends the sign-ins of the login with this address, or everybody's; how many were open. `None` when there is no such login. Passwords, factors and keys for machines stay.
pub async fn end_sign_ins<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    by: &Actor,
    email: Option<&EmailAddress>,
) -> Result<Option<usize>, StoreError> {
    let now = env.now();
    let (subject, ended) = match email {
        Some(email) => {
            let Some(user) = tx.user_by_email(email).await? else { return Ok(None) };
            let open = accounts::open_sessions(tx, now, &user).await?.len();
            tx.revoke_sessions(user.id, None, now).await?;
            (Subject::new("user", user.id), open)
        }
        None => (Subject::new("user", "everybody"), tx.revoke_all_sessions(now).await?),
    };
    let count = Facts::none().number("ended", i64::try_from(ended).unwrap_or(i64::MAX));
    let entry = audit::Entry::new(env, by.clone(), Act::SessionsEnded, subject);
    tx.append(&entry.after(count)).await?;
    Ok(Some(ended))
}
