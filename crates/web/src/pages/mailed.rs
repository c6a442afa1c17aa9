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
    site::Site,
    visitor::{Parameters, Visitor, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;
const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Why a form was not taken: the words at its field or above it, and the status.
type Refused = (Option<String>, Option<String>, StatusCode);

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

fn confirm_form(token: &str, error: Option<&String>, above: Option<String>) -> FormPage {
    let field = Field::password("password", "Password", "current-password").error(error);
    FormPage::new("Open your account", "/register/confirm", "Open my account")
        .lead("Enter the password that you chose when you registered; then the account is yours.")
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
        Ok(()) => {
            let text =
                "If this address has an account, a mail with a link is on its way. The link counts for 30 minutes.";
            check_your_mail(state, text)
        }
        Err(error) => {
            let wait = error.retry_after();
            let (field, above, status) = refusal(error)?;
            Ok(told_to_wait(form_page(state, &forgot_form(&entered, field.as_ref(), above), status)?, wait))
        }
    }
}

fn forgot_form(entered: &str, error: Option<&String>, above: Option<String>) -> FormPage {
    FormPage::new("Choose a new password", "/forgot-password", "Send me the link")
        .lead("Enter the address of your account. We send you a link behind which you choose a new password.")
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
                title: "Your password is changed",
                text: "Sign in with it now.".to_owned(),
                more: "Every device that was signed in is signed out.",
                button: "Sign in",
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

fn reset_form(token: &str, error: Option<&String>, above: Option<String>) -> FormPage {
    let field = Field::password("password", "New password", "new-password").hint("At least 8 characters.").error(error);
    FormPage::new("Choose a new password", "/reset-password", "Save the password")
        .lead("With it every device that is signed in is signed out.")
        .token(token)
        .field(field)
        .error(above)
}

/// The answer to whoever asked for something by mail; the same whatever comes of it.
pub(crate) fn check_your_mail<W: Site>(state: &State<W>, text: &str) -> Result<HttpResponse, PageError> {
    let notice = Notice {
        title: "Look into your mail",
        text: text.to_owned(),
        more: "Nothing there after some minutes? Look into the folder for unwanted mail, then try again.",
        button: "To the sign-in",
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
    state.page("notice", &Head::narrow(notice.title, &Visitor(None)), notice, (StatusCode::OK, Keep::Never))
}

pub(crate) fn read(form: Entered) -> Result<Form<Parameters>, PageError> {
    form.map_err(|error| PageError::BadForm(error.as_response_error().status_code()))
}

/// A password keeps its spaces.
pub(crate) fn password(form: &Parameters) -> SecretString {
    SecretString::from(form.get("password").cloned().unwrap_or_default())
}

/// The words of a link that does nothing any more.
pub(crate) fn spent() -> String {
    "This link does not count any more: it was used, replaced by a newer one, or is too old. Please ask for a new one."
        .to_owned()
}

fn refusal(error: AccountError) -> Result<Refused, PageError> {
    match &error {
        AccountError::Link(LinkError::Spent) => Ok((None, Some(spent()), WRONG)),
        AccountError::Link(LinkError::WrongPassword) => {
            Ok((Some("This is not the password that you chose when you registered.".to_owned()), None, WRONG))
        }
        AccountError::Register(problem @ (RegisterError::Password { .. } | RegisterError::CommonPassword)) => {
            Ok((Some(password_problem(problem)), None, WRONG))
        }
        AccountError::Password(PasswordError::Busy) => Ok((None, Some(busy()), StatusCode::SERVICE_UNAVAILABLE)),
        AccountError::Limited(limited) => Ok((None, Some(too_many(limited.seconds)), StatusCode::TOO_MANY_REQUESTS)),
        AccountError::Link(LinkError::Store(_))
        | AccountError::Register(_)
        | AccountError::SignIn(_)
        | AccountError::ChangePassword(_)
        | AccountError::Session(_)
        | AccountError::Factor(_)
        | AccountError::Password(PasswordError::Broken(_))
        | AccountError::Store(_) => Err(error.into()),
    }
}
