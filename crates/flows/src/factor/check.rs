//! The one place where a second factor is checked.

use accounts::{
    Challenge, ChallengePurpose, FactorError, FactorStore, Passkey, PasskeyAnswer, PasskeyError, Passkeys as _,
    SecondFactor, TotpSecret, User, recovery_hash,
};
use audit::Facts;
use kernel::{Env, Failure as _, Id, entity};
use secrecy::SecretString;

use crate::{Shop, Stores};

/// What was taken.
#[derive(Debug)]
pub(super) enum Taken {
    App,
    /// With how many are left.
    Recovery(usize),
    Passkey,
}

impl Taken {
    pub(super) fn facts(&self) -> Facts {
        match self {
            Self::App => Facts::none().text("factor", "app"),
            Self::Recovery(left) => {
                Facts::none().text("factor", "recovery-code").number("left", i64::try_from(*left).unwrap_or(i64::MAX))
            }
            Self::Passkey => Facts::none().text("factor", "passkey"),
        }
    }
}

/// What is put on record of a refusal.
pub(super) fn refusal(error: &FactorError) -> Facts {
    let facts = Facts::none().text("reason", error.code());
    if let FactorError::Passkey(PasskeyError::Refused(why)) = error { facts.text("detail", why) } else { facts }
}

/// Takes a factor of somebody whose password was right, or who is signed in. Each code and each answer counts once.
pub(super) async fn check<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &Env,
    user: &User,
    (factor, purpose): (&SecondFactor, ChallengePurpose),
) -> Result<Taken, FactorError> {
    match factor {
        SecondFactor::Code(code) => {
            let totp = tx.totp(user.id).await?.filter(|totp| totp.confirmed_at.is_some());
            let totp = totp.ok_or(FactorError::WrongCode)?;
            let step = TotpSecret::open(world.sealer(), &totp)?.step_of(code, env.now());
            let step = step.ok_or(FactorError::WrongCode)?;
            if tx.take_totp_step(user.id, step).await? { Ok(Taken::App) } else { Err(FactorError::WrongCode) }
        }
        SecondFactor::Recovery(code) => recovery(tx, env, user.id, code).await,
        SecondFactor::Passkey(answer) => {
            passkey(world, tx, env, (answer, purpose), Some(user.id)).await.map(|_| Taken::Passkey)
        }
    }
}

async fn recovery<S: FactorStore>(
    tx: &mut S,
    env: &Env,
    user: Id<entity::User>,
    code: &SecretString,
) -> Result<Taken, FactorError> {
    let hash = recovery_hash(code).ok_or(FactorError::WrongCode)?;
    if !tx.take_recovery_code(user, &hash, env.now()).await? {
        return Err(FactorError::WrongCode);
    }
    Ok(Taken::Recovery(tx.recovery_codes_left(user).await?))
}

/// Takes a passkey's answer, of `user` where it is known who is asked.
pub(super) async fn passkey<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &Env,
    (answer, purpose): (&PasskeyAnswer, ChallengePurpose),
    user: Option<Id<entity::User>>,
) -> Result<Passkey, FactorError> {
    let challenge = take_challenge(tx, env, (answer.challenge, purpose), user).await?;
    let credential = world.passkeys().credential(&answer.answer)?;
    let known = tx.passkey_by_credential(&credential).await?;
    let known = known.filter(|key| user.is_none_or(|user| key.user == user));
    let known = known.ok_or_else(|| PasskeyError::Refused("no such key".to_owned()))?;
    let key = world.passkeys().check(&challenge.state, &answer.answer, &known)?;
    tx.passkey_used(known.id, &key, env.now()).await?;
    Ok(known)
}

/// Takes a question away. One that counts for something or somebody else is gone, too.
pub(super) async fn take_challenge<S: Stores>(
    tx: &mut S,
    env: &Env,
    (id, purpose): (Id<entity::PasskeyChallenge>, ChallengePurpose),
    user: Option<Id<entity::User>>,
) -> Result<Challenge, FactorError> {
    let taken = tx.take_challenge(id).await?;
    taken.filter(|challenge| challenge.counts(purpose, user, env.now())).ok_or(FactorError::ChallengeSpent)
}
