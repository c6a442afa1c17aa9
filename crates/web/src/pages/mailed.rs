//! What is asked for here and confirmed by a mailed link: an account (`/register/confirm`) and a new password
//! (`/forgot-password`, `/reset-password`).
//!
//! The links lead to a form, and only sending it does something: programs that open the links of a mail do no harm.

use accounts::{LinkError, PasswordError, RegisterError};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::AccountError;
use kernel::Failure as _;
use secrecy::SecretString;

use super::{State, register::password_problem, sign_in::busy};
use crate::{
    answer::{Keep, PageError},
    checkout_form::email,
    field::Field,
    form_page::{FormPage, Notice},
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    visitor::{Parameters, Visitor, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;
const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Why a form was not taken: the words at its field or above it, and the status.
type Refused = (Option<Say>, Option<Say>, StatusCode);

pub(crate) async fn confirm<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let form = confirm_form(&value(&query(&request), "token"), None, None);
    state.answer(&request, form_page(&state, &form, StatusCode::OK))
}

pub(crate) async fn confirmed<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => open_account(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn open_account<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let token = value(form, "token");
    let (secret, password) = (SecretString::from(token.clone()), password(form));
    match flows::confirm_registration(&*state.world, &secret, &password, &origin(request)).await {
        Ok(entry) => Ok(state.welcome(&entry, "/account")),
        Err(error) => {
            let wait = error.retry_after();
            let (field, above, status) = refusal(error)?;
            Ok(told_to_wait(form_page(state, &confirm_form(&token, field.as_ref(), above), status)?, wait))
        }
    }
}

fn confirm_form(token: &str, error: Option<&Say>, above: Option<Say>) -> FormPage {
    let field = Field::password("password", say("field-password"), "current-password").error(error);
    FormPage::new(say("register-confirm"), "/register/confirm", say("register-confirm-open"))
        .lead(say("register-confirm-lead"))
        .token(token)
        .field(field)
        .error(above)
}

pub(crate) async fn forgot<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    state.answer(&request, form_page(&state, &forgot_form("", None, None), StatusCode::OK))
}

pub(crate) async fn asked<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => ask(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn ask<W: Site>(state: &State<W>, request: &HttpRequest, form: &Parameters) -> Result<HttpResponse, PageError> {
    let entered = value(form, "email");
    let email = match email(&entered) {
        Ok(email) => email,
        Err(error) => return form_page(state, &forgot_form(&entered, Some(&error), None), WRONG),
    };
    match flows::ask_for_password(&*state.world, email, &origin(request)).await {
        Ok(()) => check_your_mail(state, say("forgot-mailed")),
        Err(error) => {
            let wait = error.retry_after();
            let (field, above, status) = refusal(error)?;
            Ok(told_to_wait(form_page(state, &forgot_form(&entered, field.as_ref(), above), status)?, wait))
        }
    }
}

fn forgot_form(entered: &str, error: Option<&Say>, above: Option<Say>) -> FormPage {
    FormPage::new(say("forgot-title"), "/forgot-password", say("forgot-send"))
        .lead(say("forgot-lead"))
        .field(Field::email(entered, "username").error(error))
        .error(above)
}

pub(crate) async fn reset<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let form = reset_form(&value(&query(&request), "token"), None, None);
    state.answer(&request, form_page(&state, &form, StatusCode::OK))
}

pub(crate) async fn chosen<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => choose(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn choose<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let token = value(form, "token");
    let secret = SecretString::from(token.clone());
    match flows::reset_password(&*state.world, &secret, &password(form), &origin(request)).await {
        Ok(()) => {
            let notice = Notice {
                title: say("reset-done"),
                text: say("reset-done-text"),
                more: say("reset-done-more"),
                button: say("login-title"),
                url: "/login",
            };
            notice_page(state, &notice)
        }
        Err(error) => {
            let wait = error.retry_after();
            let (field, above, status) = refusal(error)?;
            Ok(told_to_wait(form_page(state, &reset_form(&token, field.as_ref(), above), status)?, wait))
        }
    }
}

fn reset_form(token: &str, error: Option<&Say>, above: Option<Say>) -> FormPage {
    let field = Field::password("password", say("field-new-password"), "new-password");
    FormPage::new(say("forgot-title"), "/reset-password", say("password-save"))
        .lead(say("reset-lead"))
        .token(token)
        .field(field.hint(say("field-password-hint")).error(error))
        .error(above)
}

/// The answer to whoever asked for something by mail; the same whatever comes of it.
pub(crate) fn check_your_mail<W: Site>(state: &State<W>, text: Say) -> Result<HttpResponse, PageError> {
    let notice = Notice {
        title: say("mailed-title"),
        text,
        more: say("mailed-more"),
        button: say("mailed-to-sign-in"),
        url: "/login",
    };
    notice_page(state, &notice)
}

pub(crate) fn form_page<W: Site>(
    state: &State<W>,
    form: &FormPage,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    state.page("form_page", &Head::narrow(form.title(), &Visitor(None)), form, (status, Keep::Never))
}

pub(crate) fn notice_page<W: Site>(state: &State<W>, notice: &Notice) -> Result<HttpResponse, PageError> {
    state.page("notice", &Head::narrow(notice.title.clone(), &Visitor(None)), notice, (StatusCode::OK, Keep::Never))
}

pub(crate) fn read(form: Entered) -> Result<Form<Parameters>, PageError> {
    form.map_err(|error| PageError::BadForm(error.as_response_error().status_code()))
}

/// A password keeps its spaces.
pub(crate) fn password(form: &Parameters) -> SecretString {
    SecretString::from(form.get("password").cloned().unwrap_or_default())
}

/// The words of a link that does nothing any more.
pub(crate) const fn spent() -> Say {
    say("mailed-spent")
}

fn refusal(error: AccountError) -> Result<Refused, PageError> {
    match &error {
        AccountError::Link(LinkError::Spent) => Ok((None, Some(spent()), WRONG)),
        AccountError::Link(LinkError::WrongPassword) => Ok((Some(say("register-wrong-password")), None, WRONG)),
        AccountError::Register(
            problem @ (RegisterError::Password { .. } | RegisterError::CommonPassword | RegisterError::KnownWords),
        ) => Ok((Some(password_problem(problem)), None, WRONG)),
        AccountError::Password(PasswordError::Busy) => Ok((None, Some(busy()), StatusCode::SERVICE_UNAVAILABLE)),
        AccountError::Limited(limited) => Ok((None, Some(too_many(limited.seconds)), StatusCode::TOO_MANY_REQUESTS)),
        AccountError::Link(LinkError::Store(_))
        | AccountError::Register(RegisterError::EmailTaken | RegisterError::Store(_))
        | AccountError::SignIn(_)
        | AccountError::ChangePassword(_)
        | AccountError::Session(_)
        | AccountError::Factor(_)
        | AccountError::Password(PasswordError::Broken(_))
        | AccountError::Store(_) => Err(error.into()),
    }
}
