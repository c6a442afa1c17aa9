//! What is asked for now and confirmed by a mailed link: an account, a new password, another address.
//!
//! Asking writes the same rows whatever is known of the address, and the answer is the same; what it comes to is found out
//! by the worker ([`answer_request`]), who mails it.

use accounts::{
    AccountRequest, AccountStore, AnswerRequest, ChangePasswordError, LinkError, NewAccount, Passwords, Purpose,
    RegisterError, Reply, SealedCredential, Sealer, User, Wish, check_password, give_token, open_request, settle,
};
use audit::{Act, AuditStore as _, Origin};
use cases::{CaseKind, NewCase};
use kernel::{
    EmailAddress, Env, Id, JobContext, JobFailure, JobQueue, Recorded, RetryClass, StoreError, Transact, entity,
};
use limits::Attempt;
use notify::{
    AddressChanged, AlreadyRegistered, ConfirmAddress, ConfirmRegistration, MailExtras, Recipient, ResetPassword,
    queue_mail,
};
use secrecy::{ExposeSecret, SecretString};

use super::{AccountError, NewSession, SignedIn, by_owner, enter, tell_of_new_password};
use crate::{Shop, limit::admit, password::seal_context};

/// What is answered sooner, at the first tries, never became a case.
const LATE: chrono::Duration = chrono::Duration::minutes(10);

/// Asks for an account. The answer to it is a mail.
///
/// # Errors
/// A password that is not acceptable, and the store's; never whether the address has an account.
pub async fn ask_to_register<W: Shop>(
    world: &W,
    (email, name): (EmailAddress, String),
    password: &SecretString,
    origin: &Origin,
) -> Result<(), AccountError> {
    check_password(password, &world.known_words().and([email.as_str(), name.as_str()]))?;
    admit::<_, AccountError>(world, Attempt::Mail(&email), origin).await?;
    let password = world.passwords().hash(password).await?;
    write_down(world, email, Wish::Register { name, password }).await
}

/// Asks for a new password. The answer to it is a mail, if the address has an account.
pub async fn ask_for_password<W: Shop>(world: &W, email: EmailAddress, origin: &Origin) -> Result<(), AccountError> {
    admit::<_, AccountError>(world, Attempt::Mail(&email), origin).await?;
    write_down(world, email, Wish::ResetPassword).await
}

/// Asks for another address, which a mail to that address confirms.
///
/// # Errors
/// A wrong password; never whether the address is taken.
pub async fn ask_for_address<W: Shop>(
    world: &W,
    who: &SignedIn,
    (email, password): (EmailAddress, &SecretString),
    origin: &Origin,
) -> Result<(), AccountError> {
    admit::<_, AccountError>(world, Attempt::ChangeAddress(who.user.id, &email), origin).await?;
    if !world.passwords().verify(password, Some(&who.user.password)).await? {
        return Err(ChangePasswordError::WrongPassword.into());
    }
    write_down(world, email, Wish::ChangeAddress(who.user.id)).await
}

async fn write_down<W: Shop>(world: &W, email: EmailAddress, wish: Wish) -> Result<(), AccountError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let request = accounts::ask(tx, env, email, wish).await?;
        tx.enqueue(&AnswerRequest { request: request.id }).await?;
        Ok::<_, StoreError>(())
    };
    Ok(world.db().transaction(work).await?)
}

/// Handles [`AnswerRequest`].
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn answer_request<W: Shop>(
    world: &W,
    job: AnswerRequest,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(context.lease).await?;
        let Some(request) = tx.request(job.request).await? else { return Ok(recorded) };
        if env.now() - request.created_at > LATE {
            let about = (CaseKind::MailFailed, &*request.id.to_string());
            cases::cause_gone(tx, env, about, "the request was answered").await?;
        }
        let owner = tx.user_by_email(&request.email).await?;
        match request.reply(owner.as_ref(), env.now()) {
            Reply::Link => send_link(world, tx, env, request, owner.as_ref()).await?,
            Reply::HasAccount => say_that_it_is_there(world, tx, env, request).await?,
            Reply::Nothing => settle(tx, env.now(), request).await?,
        }
        Ok::<_, JobFailure>(recorded)
    };
    world.db().transaction(work).await
}

async fn send_link<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &mut Env,
    request: AccountRequest,
    owner: Option<&User>,
) -> Result<(), JobFailure> {
    let (request, token) = give_token(tx, env, request, owner).await?;
    let (links, token) = (world.links(), token.expose_secret());
    let url = match request.wish.purpose() {
        Purpose::Register => links.confirm_registration(token),
        Purpose::ResetPassword => links.reset_password(token),
        Purpose::ChangeAddress => links.confirm_address(token),
    };
    let id = env.id();
    let broken = |error: accounts::SealError| JobFailure::new(RetryClass::Permanent, "seal-broken", error);
    let sealed = world.sealer().seal(&seal_context(id), &SecretString::from(url)).map_err(broken)?;
    let credential = SealedCredential { id, user: request.user, sealed, expires_at: request.expires_at };
    tx.insert_sealed(&credential).await?;
    let extras = MailExtras { secret: Some(id), order: None };
    let to = |name: Option<&String>| Recipient { email: request.email.clone(), name: name.cloned() };
    match &request.wish {
        Wish::Register { name, .. } => {
            let mail = ConfirmRegistration { login_email: request.email.clone() };
            queue_mail(tx, env, to(Some(name)), &mail, extras).await?;
        }
        Wish::ResetPassword => {
            let mail = ResetPassword { login_email: request.email.clone() };
            queue_mail(tx, env, to(None), &mail, extras).await?;
        }
        Wish::ChangeAddress(_) => {
            let mail = ConfirmAddress { new_email: request.email.clone() };
            queue_mail(tx, env, to(None), &mail, extras).await?;
        }
    }
    Ok(())
}

/// Only the owner of the address reads it.
async fn say_that_it_is_there<W: Shop>(
    world: &W,
    tx: &mut W::Tx,
    env: &mut Env,
    request: AccountRequest,
) -> Result<(), StoreError> {
    let links = world.links();
    let login_email = request.email.clone();
    let mail = AlreadyRegistered { login_email, sign_in_url: links.sign_in(), forgot_url: links.forgot_password() };
    let to = Recipient { email: request.email.clone(), name: None };
    queue_mail(tx, env, to, &mail, MailExtras::default()).await?;
    settle(tx, env.now(), request).await
}

/// Opens the account that was asked for, when the link comes back with the password that was chosen then, and signs in.
///
/// # Errors
/// A link that does not count, or another password.
pub async fn confirm_registration<W: Shop>(
    world: &W,
    token: &SecretString,
    password: &SecretString,
    origin: &Origin,
) -> Result<NewSession, AccountError> {
    let mut env = world.env();
    admit::<_, AccountError>(world, Attempt::Link(token), origin).await?;
    let read = async |tx: &mut W::Tx| open_request(tx, env.now(), token, Purpose::Register).await;
    let Wish::Register { password: chosen, .. } = world.db().transaction(read).await?.wish else {
        return Err(LinkError::Spent.into());
    };
    if !world.passwords().verify(password, Some(&chosen)).await? {
        return Err(LinkError::WrongPassword.into());
    }
    let work = async |tx: &mut W::Tx| {
        let request = open_request(tx, env.now(), token, Purpose::Register).await?;
        let Wish::Register { name, password } = request.wish.clone() else { return Err(LinkError::Spent.into()) };
        let account = NewAccount { email: request.email.clone(), name, password };
        let (user, _) = match accounts::register(tx, &mut env, account).await {
            // Opened meanwhile, by another link or an order.
            Err(RegisterError::EmailTaken) => return Err(LinkError::Spent.into()),
            other => other?,
        };
        settle(tx, env.now(), request).await?;
        tx.append(&by_owner(&mut env, Act::Register, &user).from(origin)).await?;
        Ok::<_, AccountError>(enter(world, tx, &mut env, user, origin).await?)
    };
    world.db().transaction(work).await
}

/// Sets the password that was chosen behind a mailed link. Every sign-in ends, and nobody is signed in by it; a mail says
/// that it happened.
///
/// # Errors
/// A link that does not count, or a password that is not acceptable.
pub async fn reset_password<W: Shop>(
    world: &W,
    token: &SecretString,
    password: &SecretString,
    origin: &Origin,
) -> Result<(), AccountError> {
    check_password(password, world.known_words())?;
    let mut env = world.env();
    admit::<_, AccountError>(world, Attempt::Link(token), origin).await?;
    // Before the costly hash: a link that does not count costs nothing.
    let read = async |tx: &mut W::Tx| open_request(tx, env.now(), token, Purpose::ResetPassword).await;
    let request = world.db().transaction(read).await?;
    check_password(password, &world.known_words().and([request.email.as_str()]))?;
    let hash = world.passwords().hash(password).await?;
    let work = async |tx: &mut W::Tx| {
        let user = accounts::reset_password(tx, &env, token, &hash).await?;
        tx.append(&by_owner(&mut env, Act::PasswordReset, &user).from(origin)).await?;
        Ok::<_, AccountError>(tell_of_new_password(world, tx, &mut env, &user).await?)
    };
    world.db().transaction(work).await
}

/// Gives somebody the address that they asked for. The former one is told.
///
/// # Errors
/// A link that does not count, or is somebody else's.
pub async fn confirm_address<W: Shop>(
    world: &W,
    who: &SignedIn,
    token: &SecretString,
    origin: &Origin,
) -> Result<EmailAddress, AccountError> {
    let env = &mut world.env();
    admit::<_, AccountError>(world, Attempt::Link(token), origin).await?;
    let work = async |tx: &mut W::Tx| {
        let email = accounts::change_address(tx, env, token, who.user.id).await?;
        tx.append(&by_owner(env, Act::AddressChanged, &who.user).from(origin)).await?;
        let mail = AddressChanged { former_email: who.user.email.clone() };
        let to = Recipient { email: who.user.email.clone(), name: None };
        queue_mail(tx, env, to, &mail, MailExtras::default()).await?;
        Ok::<_, AccountError>(email)
    };
    world.db().transaction(work).await
}

/// The request is out of tries: nobody gets a mail, and a person is told.
pub async fn request_is_dead<W: Shop>(world: &W, job: AnswerRequest, reason: &str) -> Result<(), StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| cases::open(tx, env, not_answered(job.request, reason)).await.map(|_| ());
    world.db().transaction(work).await
}

fn not_answered(request: Id<entity::AccountRequest>, reason: &str) -> NewCase {
    NewCase {
        kind: CaseKind::MailFailed,
        subject: request.to_string(),
        order: None,
        reason: format!("somebody asked for an account or a new password and was sent no mail: {reason}"),
        next_step: "mend the cause, then retry its job (`hostwright jobs list --dead`)".to_owned(),
    }
}
