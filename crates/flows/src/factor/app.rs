//! The authenticator app and the recovery codes.

use accounts::{FactorError, FactorStore as _, Factors, RecoveryCodes, Totp, TotpSecret, otpauth_uri};
use audit::{Act, AuditStore as _, Facts, Origin};
use kernel::Transact as _;
use limits::Attempt;
use notify::FactorChange;
use secrecy::SecretString;

use super::{NewCodes, by, check::refusal, first_codes, forget_codes_without_factor, sign_others_out, tell};
use crate::{AccountError, Shop, SignedIn, limit::admit};

/// What an app is given.
#[derive(Debug)]
pub struct AppSetup {
    /// To be typed in: base32.
    pub secret: SecretString,
    /// To be scanned: an `otpauth:` address.
    pub uri: SecretString,
}

impl AppSetup {
    fn new(secret: &TotpSecret, who: &SignedIn, shop: &str) -> Self {
        Self { secret: secret.text(), uri: otpauth_uri(shop, &who.user.email, secret) }
    }
}

/// Begins to add an app; an earlier beginning is forgotten. It counts from its first code on ([`confirm_app`]). `shop` is
/// what the app shows.
///
/// # Errors
/// [`FactorError::HasApp`].
pub async fn begin_app<W: Shop>(world: &W, who: &SignedIn, shop: &str) -> Result<AppSetup, AccountError> {
    let mut env = world.env();
    let user = who.user.id;
    let secret = TotpSecret::random(&mut env);
    let sealed = secret.seal(world.sealer(), user).map_err(FactorError::from)?;
    let totp = Totp { user, sealed, created_at: env.now(), confirmed_at: None, last_step: None };
    let work = async |tx: &mut W::Tx| {
        tx.lock_factors(user).await?;
        if tx.totp(user).await?.is_some_and(|known| known.confirmed_at.is_some()) {
            return Err(AccountError::from(FactorError::HasApp));
        }
        Ok(tx.save_totp(&totp).await?)
    };
    world.db().transaction(work).await?;
    Ok(AppSetup::new(&secret, who, shop))
}

/// The app that waits for its first code, to be shown once more.
///
/// # Errors
/// [`FactorError::NoApp`] when none waits.
pub async fn pending_app<W: Shop>(world: &W, who: &SignedIn, shop: &str) -> Result<AppSetup, AccountError> {
    let user = who.user.id;
    let known = world.db().transaction(async |tx| Ok::<_, AccountError>(tx.totp(user).await?)).await?;
    let waiting = known.filter(|totp| totp.confirmed_at.is_none()).ok_or(FactorError::NoApp)?;
    let secret = TotpSecret::open(world.sealer(), &waiting).map_err(FactorError::from)?;
    Ok(AppSetup::new(&secret, who, shop))
}

/// The first code proves that the app works: from now on it is asked for. Returns recovery codes when there were none.
///
/// # Errors
/// [`FactorError::NoApp`], [`FactorError::HasApp`], [`FactorError::WrongCode`].
pub async fn confirm_app<W: Shop>(
    world: &W,
    who: &SignedIn,
    code: &SecretString,
    origin: &Origin,
) -> Result<NewCodes, AccountError> {
    let mut env = world.env();
    let (user, session) = (who.user.id, who.session()?);
    admit::<_, AccountError>(world, Attempt::SecondFactor(user), origin).await?;
    let work = async |tx: &mut W::Tx| {
        tx.lock_factors(user).await?;
        let totp = tx.totp(user).await?.ok_or(FactorError::NoApp)?;
        if totp.confirmed_at.is_some() {
            return Err(AccountError::from(FactorError::HasApp));
        }
        let secret = TotpSecret::open(world.sealer(), &totp).map_err(FactorError::from)?;
        let Some(step) = secret.step_of(code, env.now()) else {
            let facts = refusal(&FactorError::WrongCode);
            tx.append(&by(&mut env, who, Act::SecondFactorRefused, origin, facts)).await?;
            return Ok(Err(FactorError::WrongCode));
        };
        tx.save_totp(&Totp { confirmed_at: Some(env.now()), last_step: Some(step), ..totp }).await?;
        tx.append(&by(&mut env, who, Act::SecondFactorAdded, origin, Facts::none().text("factor", "app"))).await?;
        tell(tx, &mut env, world.links(), (&who.user, FactorChange::AppAdded)).await?;
        sign_others_out(tx, &env, (user, session)).await?;
        Ok(Ok(first_codes(tx, &mut env, who, origin).await?))
    };
    Ok(world.db().transaction(work).await??)
}

/// Removes the app. Who has no passkey either signs in with the password alone from now on.
///
/// # Errors
/// [`FactorError::NoSuchFactor`].
pub async fn remove_app<W: Shop>(world: &W, who: &SignedIn, origin: &Origin) -> Result<(), AccountError> {
    let mut env = world.env();
    let (user, session) = (who.user.id, who.session()?);
    let work = async |tx: &mut W::Tx| {
        tx.lock_factors(user).await?;
        if !tx.delete_totp(user).await? {
            return Err(AccountError::from(FactorError::NoSuchFactor));
        }
        forget_codes_without_factor(tx, user).await?;
        tx.append(&by(&mut env, who, Act::SecondFactorRemoved, origin, Facts::none().text("factor", "app"))).await?;
        tell(tx, &mut env, world.links(), (&who.user, FactorChange::AppRemoved)).await?;
        Ok(sign_others_out(tx, &env, (user, session)).await?)
    };
    world.db().transaction(work).await
}

/// Makes all recovery codes anew; the former ones stop to count.
///
/// # Errors
/// [`FactorError::NothingToRecover`].
pub async fn new_recovery_codes<W: Shop>(
    world: &W,
    who: &SignedIn,
    origin: &Origin,
) -> Result<Vec<SecretString>, AccountError> {
    let mut env = world.env();
    let user = who.user.id;
    let work = async |tx: &mut W::Tx| {
        tx.lock_factors(user).await?;
        if !Factors::of(tx, user).await?.any() {
            return Err(AccountError::from(FactorError::NothingToRecover));
        }
        let codes = RecoveryCodes::random(&mut env);
        tx.set_recovery_codes(user, &codes.hashes).await?;
        tx.append(&by(&mut env, who, Act::RecoveryCodesMade, origin, Facts::none())).await?;
        tell(tx, &mut env, world.links(), (&who.user, FactorChange::CodesMade)).await?;
        Ok(codes.codes)
    };
    world.db().transaction(work).await
}
