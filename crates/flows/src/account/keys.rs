//! Keys for machines.

use accounts::{AccountStore as _, ApiKey, ApiKeyError, NewApiKey};
use audit::{Act, AuditStore as _, Facts, Origin};
use kernel::{Id, Transact, entity};
use secrecy::SecretString;

use super::SignedIn;
use crate::Shop;

/// Makes a key for a machine of somebody who is signed in. Its text is shown once and kept nowhere.
///
/// # Errors
/// [`ApiKeyError`].
pub async fn make_api_key<W: Shop>(
    world: &W,
    who: &SignedIn,
    new: &NewApiKey,
    origin: &Origin,
) -> Result<(ApiKey, SecretString), ApiKeyError> {
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        let (key, text) = accounts::make_key(tx, &mut env, &who.user, new.clone()).await?;
        let scopes: Vec<_> = key.scopes.words().collect();
        let facts = Facts::none().text("key", &key.id.to_string()).text("scopes", &scopes.join(" "));
        tx.append(&who.entry(&mut env, Act::ApiKeyMade).from(origin).after(facts)).await?;
        Ok((key, text))
    };
    world.db().transaction(work).await
}

/// Somebody's keys that still count, the newest first.
pub async fn api_keys<W: Shop>(world: &W, who: &SignedIn) -> Result<Vec<ApiKey>, ApiKeyError> {
    let now = world.env().now();
    let work = async |tx: &mut W::Tx| Ok::<_, ApiKeyError>(tx.api_keys_of(who.user.id).await?);
    let mut keys = world.db().transaction(work).await?;
    keys.retain(|key| key.is_open(now));
    Ok(keys)
}

/// Ends one of somebody's own keys; `false` when there is none of theirs with this id.
pub async fn end_api_key<W: Shop>(
    world: &W,
    who: &SignedIn,
    key: Id<entity::ApiKey>,
    origin: &Origin,
) -> Result<bool, ApiKeyError> {
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        let ended = accounts::end_key(tx, env.now(), who.user.id, key).await?;
        if ended {
            let which = Facts::none().text("key", &key.to_string());
            tx.append(&who.entry(&mut env, Act::ApiKeyRevoked).from(origin).before(which)).await?;
        }
        Ok::<_, ApiKeyError>(ended)
    };
    world.db().transaction(work).await
}
