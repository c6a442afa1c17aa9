//! The step after the password, and signing in with a passkey and nothing else.

use accounts::{
    AccountSession, AccountStore as _, ChallengePurpose, FactorError, FactorStore as _, Factors, Means, PasskeyAnswer,
    Passkeys as _, SecondFactor, SessionClaim, User, complete_session, half_session,
};
use audit::{Act, Actor, AuditStore as _, Facts, Origin, Subject};
use kernel::{Env, StoreError, Transact as _};
use limits::Attempt;
use notify::FactorChange;

use super::{
    PasskeyQuestion,
    check::{Taken, check, passkey, refusal},
    is_refusal,
    passkeys::keep,
    tell,
};
use crate::{
    AccountError, NewSession, Shop,
    account::{by_owner, enter, known},
    limit::admit,
};

/// Somebody whose password was right and whose second factor is still to come.
#[derive(Debug, Clone)]
pub struct HalfSignedIn {
    /// Who.
    pub user: User,
    /// The half of their sign-in.
    pub session: AccountSession,
    /// What they may prove themselves with.
    pub factors: Factors,
}

/// Who is in the midst of signing in.
///
/// # Errors
/// [`accounts::SessionError::SignedOut`] when nobody is.
pub async fn half_signed_in<W: Shop>(world: &W, claim: SessionClaim) -> Result<HalfSignedIn, AccountError> {
    let now = world.env().now();
    let work = async |tx: &mut W::Tx| {
        let (session, user) = half_session(tx, now, claim).await?;
        let factors = Factors::of(tx, user.id).await?;
        Ok(HalfSignedIn { user, session, factors })
    };
    world.db().transaction(work).await
}

/// Completes a sign-in. It goes on under another id and another secret.
///
/// # Errors
/// [`accounts::SessionError::SignedOut`] when nobody is in the midst of one; [`FactorError`].
pub async fn finish_sign_in<W: Shop>(
    world: &W,
    claim: SessionClaim,
    factor: &SecondFactor,
    origin: &Origin,
) -> Result<NewSession, AccountError> {
    let half = half_signed_in(world, claim).await?;
    admit::<_, AccountError>(world, Attempt::SecondFactor(half.user.id), origin).await?;
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        let (half, user) = half_session(tx, env.now(), claim).await?;
        match check(world, tx, &env, &user, (factor, ChallengePurpose::SecondFactor)).await {
            Ok(taken) => Ok(Ok(complete(world, tx, &mut env, (user, &half, &taken), origin).await?)),
            Err(error) if is_refusal(&error) => {
                // Whoever tries knows the password and has not proven more.
                let refused = audit::Entry::new(
                    &mut env,
                    Actor::Visitor,
                    Act::SecondFactorRefused,
                    Subject::new("user", user.id),
                );
                tx.append(&refused.from(origin).after(refusal(&error))).await?;
                Ok(Err(error))
            }
            Err(error) => Err(AccountError::from(error)),
        }
    };
    Ok(world.db().transaction(work).await??)
}

async fn complete<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &mut Env,
    (user, half, factor): (User, &AccountSession, &Taken),
    origin: &Origin,
) -> Result<NewSession, StoreError> {
    if matches!(factor, Taken::Recovery(_)) {
        tx.append(&by_owner(env, Act::RecoveryCodeUsed, &user).from(origin).after(factor.facts())).await?;
        tell(tx, env, world.links(), (&user, FactorChange::CodeUsed)).await?;
    }
    tx.append(&by_owner(env, Act::SignIn, &user).from(origin).after(factor.facts())).await?;
    let (session, token) = complete_session(tx, env, &user, half).await?;
    Ok(NewSession { who: known(world, tx, user, Means::Session(session)).await?, token })
}

/// Asks a passkey of somebody who is in the midst of signing in.
///
/// # Errors
/// [`FactorError::NoSuchFactor`] when they have none.
pub async fn ask_second_factor<W: Shop>(world: &W, claim: SessionClaim) -> Result<PasskeyQuestion, AccountError> {
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| {
        let (_, user) = half_session(tx, env.now(), claim).await?;
        let keys = tx.passkeys_of(user.id).await?;
        if keys.is_empty() {
            return Err(AccountError::from(FactorError::NoSuchFactor));
        }
        let question = world.passkeys().ask(&keys).map_err(FactorError::from)?;
        Ok(keep(tx, &mut env, (ChallengePurpose::SecondFactor, Some(user.id)), question).await?)
    };
    world.db().transaction(work).await
}

/// Asks any passkey of this shop, whoever's it is.
///
/// # Errors
/// [`accounts::PasskeyError::Impossible`], [`limits::Limited`].
pub async fn ask_sign_in<W: Shop>(world: &W, origin: &Origin) -> Result<PasskeyQuestion, AccountError> {
    admit::<W, AccountError>(world, Attempt::Passkey, origin).await?;
    let mut env = world.env();
    let question = world.passkeys().ask(&[]).map_err(FactorError::from)?;
    let work = async |tx: &mut W::Tx| keep(tx, &mut env, (ChallengePurpose::SignIn, None), question).await;
    Ok(world.db().transaction(work).await?)
}

/// Signs in with a passkey. It verified its owner by finger, face or PIN, so it is two factors by itself.
///
/// # Errors
/// [`FactorError::ChallengeSpent`], [`FactorError::Passkey`], [`limits::Limited`].
pub async fn sign_in_with_passkey<W: Shop>(
    world: &W,
    answer: &PasskeyAnswer,
    origin: &Origin,
) -> Result<NewSession, AccountError> {
    admit::<W, AccountError>(world, Attempt::Passkey, origin).await?;
    let mut env = world.env();
    let work = async |tx: &mut W::Tx| match passkey(world, tx, &env, (answer, ChallengePurpose::SignIn), None).await {
        Ok(key) => {
            let user = tx.user(key.user).await?.ok_or_else(|| StoreError::bug(format!("{} has no user", key.id)))?;
            let entry = by_owner(&mut env, Act::SignIn, &user).from(origin);
            tx.append(&entry.after(Facts::none().text("factor", "passkey"))).await?;
            Ok(Ok(enter(world, tx, &mut env, user, origin).await?))
        }
        Err(error) if is_refusal(&error) => {
            let subject = claimed(world, tx, answer).await?;
            let refused = audit::Entry::new(&mut env, Actor::Visitor, Act::SignInRefused, subject);
            tx.append(&refused.from(origin).after(refusal(&error).text("factor", "passkey"))).await?;
            Ok(Err(error))
        }
        Err(error) => Err(AccountError::from(error)),
    };
    Ok(world.db().transaction(work).await??)
}

/// Whose passkey it claims to be; nothing of it was proven.
async fn claimed<W: Shop>(world: &W, tx: &mut W::Tx, answer: &PasskeyAnswer) -> Result<Subject, StoreError> {
    let unknown = || Subject::new("passkey", "unknown");
    let Ok(credential) = world.passkeys().credential(&answer.answer) else { return Ok(unknown()) };
    let known = tx.passkey_by_credential(&credential).await?;
    Ok(known.map_or_else(unknown, |key| Subject::new("user", key.user)))
}
