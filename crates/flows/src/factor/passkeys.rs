//! Adding, renaming and removing passkeys.

use accounts::{
    CHALLENGE_COUNTS, Challenge, ChallengePurpose, FactorError, FactorStore as _, PASSKEYS_MOST, Passkey,
    PasskeyAnswer, Passkeys as _, Question, passkey_name,
};
use audit::{Act, AuditStore as _, Facts, Origin};
use kernel::{Env, Id, StoreError, Transact as _, entity};
use notify::FactorChange;

use super::{
    NewCodes, by,
    check::{refusal, take_challenge},
    first_codes, forget_codes_without_factor, is_refusal, sign_others_out, tell,
};
use crate::{AccountError, Shop, SignedIn, Stores};

/// What the browser is asked to do with a passkey.
#[derive(Debug)]
pub struct PasskeyQuestion {
    /// Sent back with the answer.
    pub challenge: Id<entity::PasskeyChallenge>,
    /// JSON for `navigator.credentials`.
    pub options: String,
}

/// Keeps a question until its answer comes, and forgets some that none came for.
pub(super) async fn keep<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    (purpose, user): (ChallengePurpose, Option<Id<entity::User>>),
    question: Question,
) -> Result<PasskeyQuestion, StoreError> {
    let expires_at = env.now() + CHALLENGE_COUNTS;
    let challenge = Challenge { id: env.id(), purpose, user, state: question.state, expires_at };
    tx.insert_challenge(&challenge).await?;
    tx.forget_challenges(env.now()).await?;
    Ok(PasskeyQuestion { challenge: challenge.id, options: question.options })
}

/// Asks the browser to make a passkey.
///
/// # Errors
/// [`FactorError::TooManyPasskeys`], [`accounts::PasskeyError::Impossible`].
pub async fn ask_new_passkey<W: Shop>(world: &W, who: &SignedIn) -> Result<PasskeyQuestion, AccountError> {
    let mut env = world.env();
    let user = who.user.id;
    let work = async |tx: &mut W::Tx| {
        let known = tx.passkeys_of(user).await?;
        if known.len() >= PASSKEYS_MOST {
            return Err(AccountError::from(FactorError::TooManyPasskeys));
        }
        let question = world.passkeys().ask_new(&who.user, &known).map_err(FactorError::from)?;
        Ok(keep(tx, &mut env, (ChallengePurpose::Add, Some(user)), question).await?)
    };
    world.db().transaction(work).await
}

/// Keeps the passkey that the browser made. Returns recovery codes when there were none.
///
/// # Errors
/// [`FactorError`]; a passkey that somebody has already is refused.
pub async fn add_passkey<W: Shop>(
    world: &W,
    who: &SignedIn,
    (answer, name): (&PasskeyAnswer, &str),
    origin: &Origin,
) -> Result<NewCodes, AccountError> {
    let name = passkey_name(name).ok_or(FactorError::Name)?;
    let mut env = world.env();
    let (user, session) = (who.user.id, who.session()?);
    let work = async |tx: &mut W::Tx| {
        tx.lock_factors(user).await?;
        match take_new(world, tx, &mut env, (who, answer, name)).await {
            Ok(()) => {}
            Err(error) if is_refusal(&error) => {
                tx.append(&by(&mut env, who, Act::SecondFactorRefused, origin, refusal(&error))).await?;
                return Ok(Err(error));
            }
            Err(error) => return Err(AccountError::from(error)),
        }
        tx.append(&by(&mut env, who, Act::PasskeyAdded, origin, Facts::none())).await?;
        tell(tx, &mut env, world.links(), (&who.user, FactorChange::PasskeyAdded)).await?;
        sign_others_out(tx, &env, (user, session)).await?;
        Ok(Ok(first_codes(tx, &mut env, who, origin).await?))
    };
    Ok(world.db().transaction(work).await??)
}

async fn take_new<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &mut Env,
    (who, answer, name): (&SignedIn, &PasskeyAnswer, String),
) -> Result<(), FactorError> {
    let user = who.user.id;
    let challenge = take_challenge(tx, env, (answer.challenge, ChallengePurpose::Add), Some(user)).await?;
    if tx.passkeys_of(user).await?.len() >= PASSKEYS_MOST {
        return Err(FactorError::TooManyPasskeys);
    }
    let made = world.passkeys().take_new(&challenge.state, &answer.answer)?;
    let passkey = Passkey {
        id: env.id(),
        user,
        credential: made.credential,
        key: made.key,
        name,
        created_at: env.now(),
        last_used_at: None,
    };
    if tx.insert_passkey(&passkey).await? {
        return Ok(());
    }
    Err(accounts::PasskeyError::Refused("somebody has this key already".to_owned()).into())
}

/// Calls a passkey something else.
///
/// # Errors
/// [`FactorError::Name`], [`FactorError::NoSuchFactor`].
pub async fn rename_passkey<W: Shop>(
    world: &W,
    who: &SignedIn,
    id: Id<entity::Passkey>,
    name: &str,
) -> Result<(), AccountError> {
    let name = passkey_name(name).ok_or(FactorError::Name)?;
    let user = who.user.id;
    let work = async |tx: &mut W::Tx| Ok::<_, StoreError>(tx.rename_passkey(user, id, &name).await?);
    if world.db().transaction(work).await? { Ok(()) } else { Err(FactorError::NoSuchFactor.into()) }
}

/// Removes a passkey.
///
/// # Errors
/// [`FactorError::NoSuchFactor`].
pub async fn remove_passkey<W: Shop>(
    world: &W,
    who: &SignedIn,
    id: Id<entity::Passkey>,
    origin: &Origin,
) -> Result<(), AccountError> {
    let mut env = world.env();
    let (user, session) = (who.user.id, who.session()?);
    let work = async |tx: &mut W::Tx| {
        tx.lock_factors(user).await?;
        if !tx.delete_passkey(user, id).await? {
            return Err(AccountError::from(FactorError::NoSuchFactor));
        }
        forget_codes_without_factor(tx, user).await?;
        let facts = Facts::none().text("passkey", &id.to_string());
        tx.append(&by(&mut env, who, Act::PasskeyRemoved, origin, facts)).await?;
        tell(tx, &mut env, world.links(), (&who.user, FactorChange::PasskeyRemoved)).await?;
        Ok(sign_others_out(tx, &env, (user, session)).await?)
    };
    world.db().transaction(work).await
}
