//! Second factors: adding and removing them, the step after the password, passkeys that sign in by themselves, and proving
//! anew who one is.
//!
//! Which of these take a fresh proof is said by the routes that lead here ([`accounts::Access`]).

mod app;
mod check;
mod operator;
mod passkeys;
mod prove;
mod sign_in;

use accounts::{FactorError, Factors, RecoveryCodes, User};
use audit::{Act, Facts, Origin};
use kernel::{Env, Failure, FailureKind, Id, StoreError, Transact, entity};
use notify::{FactorChange, MailExtras, Recipient, SecondFactorChanged, queue_mail};
use orders::Links;
use secrecy::SecretString;

pub use app::{AppSetup, begin_app, confirm_app, new_recovery_codes, pending_app, remove_app};
pub use operator::{drop_factors, end_sign_ins};
pub use passkeys::{PasskeyQuestion, add_passkey, ask_new_passkey, remove_passkey, rename_passkey};
pub use prove::{Proof, ask_proof, prove};
pub use sign_in::{HalfSignedIn, ask_second_factor, ask_sign_in, finish_sign_in, half_signed_in, sign_in_with_passkey};

use crate::{AccountError, Shop, SignedIn, Stores};

/// What somebody proves themselves with besides the password.
pub async fn factors<W: Shop>(world: &W, who: &SignedIn) -> Result<Factors, AccountError> {
    let user = who.user.id;
    Ok(world.db().transaction(async |tx| Factors::of(tx, user).await).await?)
}

/// Recovery codes that were just made, to be shown once.
pub type NewCodes = Option<Vec<SecretString>>;

/// Somebody's own doing with a factor.
fn by(env: &mut Env, who: &SignedIn, act: Act, origin: &Origin, facts: Facts) -> audit::Entry {
    who.entry(env, act).from(origin).after(facts)
}

/// If it was somebody else, the owner learns of it.
async fn tell<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    links: &Links,
    (user, change): (&User, FactorChange),
) -> Result<(), StoreError> {
    let mail = SecondFactorChanged::new(user.email.clone(), change, links.forgot_password());
    let to = Recipient { email: user.email.clone(), name: None };
    queue_mail(tx, env, to, &mail, MailExtras::default()).await.map(|_| ())
}

/// Who changes how one signs in signs everybody else out: somebody may have got in before (ASVS 5.0, 7.4.3).
async fn sign_others_out<S: Stores>(
    tx: &mut S,
    env: &Env,
    (user, session): (Id<entity::User>, Id<entity::Session>),
) -> Result<(), StoreError> {
    tx.revoke_sessions(user, Some(session), env.now()).await
}

/// With the first factor come recovery codes; who has some keeps them.
async fn first_codes<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    who: &SignedIn,
    origin: &Origin,
) -> Result<NewCodes, StoreError> {
    if tx.recovery_codes_left(who.user.id).await? > 0 {
        return Ok(None);
    }
    let codes = RecoveryCodes::random(env);
    tx.set_recovery_codes(who.user.id, &codes.hashes).await?;
    tx.append(&by(env, who, Act::RecoveryCodesMade, origin, Facts::none())).await?;
    Ok(Some(codes.codes))
}

/// Recovery codes stand in for a factor; without one they open nothing and are forgotten.
async fn forget_codes_without_factor<S: Stores>(tx: &mut S, user: Id<entity::User>) -> Result<(), StoreError> {
    if Factors::of(tx, user).await?.any() {
        return Ok(());
    }
    tx.set_recovery_codes(user, &[]).await
}

/// Whether it is the caller's own doing that something was refused: then what was tried is on record, and what it used up
/// stays used up.
fn is_refusal(error: &FactorError) -> bool {
    !matches!(error.kind(), FailureKind::Bug | FailureKind::Unavailable)
}
