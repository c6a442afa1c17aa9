//! `/account/password`: replacing a password; the only page open to somebody with a temporary one.

use accounts::{ChangePasswordError, PasswordError};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::{AccountError, SignedIn};
use kernel::Failure as _;
use secrecy::SecretString;
use serde::Serialize;

use super::{State, register::password_problem, sign_in::busy};
use crate::{
    answer::{Keep, PageError},
    field::{Field, Problem},
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    visitor::{Parameters, Visitor},
};

#[derive(Debug, Serialize)]
pub(crate) struct PasswordView {
    problems: Vec<Problem>,
    form_error: Option<Say>,
    /// The present one is a temporary one.
    forced: bool,
    /// So that password managers know whose it is.
    email: String,
    current: Field,
    new: Field,
}

/// What is wrong, by field.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(crate) current: Option<Say>,
    pub(crate) new: Option<Say>,
    pub(crate) form: Option<Say>,
}

impl PasswordView {
    pub(crate) fn new(forced: bool, email: String, refused: &Refused) -> Self {
        let present = if forced { say("password-from-mail") } else { say("password-present") };
        let current = Field::password("current", present, "current-password").error(refused.current.as_ref());
        let new = Field::password("new", say("field-new-password"), "new-password");
        let new = new.hint(say("field-password-hint")).error(refused.new.as_ref());
        Self {
            problems: [&current, &new].into_iter().filter_map(Field::problem).collect(),
            form_error: refused.form.clone(),
            forced,
            email,
            current,
            new,
        }
    }
}

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match signed_in(&state, &request).await {
        Ok(who) => render(&state, who, &Refused::default(), StatusCode::OK),
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn signed_in<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<SignedIn, PageError> {
    let who = state.visitor(request).await?.0;
    who.ok_or_else(|| PageError::SignIn(request.uri().path().to_owned()))
}

fn render<W: Site>(
    state: &State<W>,
    who: SignedIn,
    refused: &Refused,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    let forced = who.user.must_change_password;
    let view = PasswordView::new(forced, who.user.email.to_string(), refused);
    let title = if forced { say("password-choose") } else { say("password-change") };
    state.page("password", &Head::narrow(title, &Visitor(Some(who))), &view, (status, Keep::Never))
}

pub(crate) async fn submit<W: Site>(
    state: State<W>,
    request: HttpRequest,
    form: Result<Form<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let result = match form {
        Ok(form) => submitted(&state, &request, &form).await,
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

async fn submitted<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    let secret = |name: &str| SecretString::from(form.get(name).cloned().unwrap_or_default());
    match flows::change_password(&*state.world, &who, (&secret("current"), &secret("new")), &origin(request)).await {
        Ok(entry) => Ok(state.welcome(&entry, "/account")),
        Err(error) => {
            let wait = error.retry_after();
            let (refused, status) = refusal(error)?;
            Ok(told_to_wait(render(state, who, &refused, status)?, wait))
        }
    }
}

fn refusal(error: AccountError) -> Result<(Refused, StatusCode), PageError> {
    let none = Refused::default();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    match &error {
        AccountError::ChangePassword(ChangePasswordError::WrongPassword) => {
            Ok((Refused { current: Some(say("password-not-present")), ..none }, wrong))
        }
        AccountError::ChangePassword(ChangePasswordError::SamePassword) => {
            Ok((Refused { new: Some(say("password-same")), ..none }, wrong))
        }
        AccountError::ChangePassword(ChangePasswordError::NewPassword(error)) => {
            Ok((Refused { new: Some(password_problem(error)), ..none }, wrong))
        }
        AccountError::Password(PasswordError::Busy) => {
            Ok((Refused { form: Some(busy()), ..none }, StatusCode::SERVICE_UNAVAILABLE))
        }
        AccountError::Limited(limited) => {
            Ok((Refused { form: Some(too_many(limited.seconds)), ..none }, StatusCode::TOO_MANY_REQUESTS))
        }
        AccountError::ChangePassword(ChangePasswordError::Store(_))
        | AccountError::Password(PasswordError::Broken(_))
        | AccountError::Register(_)
        | AccountError::SignIn(_)
        | AccountError::Session(_)
        | AccountError::Factor(_)
        | AccountError::Link(_)
        | AccountError::Store(_) => Err(error.into()),
    }
}
