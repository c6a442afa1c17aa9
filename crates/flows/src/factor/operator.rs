//! The way out for somebody who has lost everything: people of the shop remove their factors.

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
