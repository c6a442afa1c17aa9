//! Proving anew who one is, before something dangerous.

use accounts::{
    AccountStore as _, ChallengePurpose, ChangePasswordError, FactorError, FactorStore as _, Factors, PasskeyAnswer,
    Passkeys as _, Passwords as _, SecondFactor, TokenHash,
};
use audit::{Act, AuditStore as _, Facts, Origin};
use kernel::{Env, Transact as _};
use limits::Attempt;
use secrecy::SecretString;

use super::{
    PasskeyQuestion, by,
    check::{check, passkey, refusal},
    is_refusal,
    passkeys::keep,
};
use crate::{AccountError, NewSession, Shop, SignedIn, limit::admit};

/// What is given as proof.
#[derive(Debug)]
pub enum Proof {
    /// The password, and the second factor of who has one.
    Password {
        /// The password.
        password: SecretString,
        /// A code of the app or a recovery code.
        factor: Option<SecondFactor>,
    },
    /// A passkey, which is two factors by itself.
    Passkey(PasskeyAnswer),
}

/// Asks a passkey of somebody who is signed in.
///
/// # Errors
/// [`FactorError::NoSuchFactor`] when they have none.
pub async fn ask_proof<W: Shop>(world: &W, who: &SignedIn) -> Result<PasskeyQuestion, AccountError> {
    let mut env = world.env();
    let user = who.user.id;
    let work = async |tx: &mut W::Tx| {
        let keys = tx.passkeys_of(user).await?;
        if keys.is_empty() {
            return Err(AccountError::from(FactorError::NoSuchFactor));
        }
        let question = world.passkeys().ask(&keys).map_err(FactorError::from)?;
        Ok(keep(tx, &mut env, (ChallengePurpose::Prove, Some(user)), question).await?)
    };
    world.db().transaction(work).await
}

/// Proves anew who somebody is: for the next minutes dangerous acts are open to this sign-in, which goes on under another
/// secret.
///
/// # Errors
/// [`ChangePasswordError::WrongPassword`], [`FactorError`].
pub async fn prove<W: Shop>(
    world: &W,
    who: &SignedIn,
    proof: &Proof,
    origin: &Origin,
) -> Result<NewSession, AccountError> {
    let mut env = world.env();
    let session = who.session()?;
    admit::<_, AccountError>(world, Attempt::Recheck(who.user.id), origin).await?;
    if matches!(proof, Proof::Password { factor: Some(_), .. }) {
        admit::<_, AccountError>(world, Attempt::SecondFactor(who.user.id), origin).await?;
    }
    if let Proof::Password { password, .. } = proof
        && !world.passwords().verify(password, Some(&who.user.password)).await?
    {
        let facts = Facts::none().text("reason", "wrong-password");
        let refused = by(&mut env, who, Act::ProofRefused, origin, facts);
        world.db().transaction(async |tx| tx.append(&refused).await).await?;
        return Err(ChangePasswordError::WrongPassword.into());
    }
    let work = async |tx: &mut W::Tx| match proven(world, tx, &env, who, proof).await {
        Ok(facts) => {
            let (now, token) = (env.now(), env.token());
            tx.prove_session(session, now).await?;
            tx.set_session_token(session, &TokenHash::of(&token)).await?;
            tx.append(&by(&mut env, who, Act::Proven, origin, facts)).await?;
            Ok(Ok(NewSession { who: who.clone(), token }))
        }
        Err(error) if is_refusal(&error) => {
            tx.append(&by(&mut env, who, Act::ProofRefused, origin, refusal(&error))).await?;
            Ok(Err(error))
        }
        Err(error) => Err(AccountError::from(error)),
    };
    Ok(world.db().transaction(work).await??)
}

/// What was proven besides the password.
async fn proven<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &Env,
    who: &SignedIn,
    proof: &Proof,
) -> Result<Facts, FactorError> {
    let (factor, user) = match proof {
        Proof::Passkey(answer) => {
            passkey(world, tx, env, (answer, ChallengePurpose::Prove), Some(who.user.id)).await?;
            return Ok(Facts::none().text("factor", "passkey"));
        }
        Proof::Password { factor, .. } => (factor, &who.user),
    };
    if !Factors::of(tx, user.id).await?.any() {
        return Ok(Facts::none().text("factor", "password"));
    }
    let factor = factor.as_ref().ok_or(FactorError::WrongCode)?;
    Ok(check(world, tx, env, user, (factor, ChallengePurpose::Prove)).await?.facts())
}
