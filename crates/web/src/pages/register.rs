//! `/register`: opening an account.

use accounts::{PasswordError, RegisterError};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::AccountError;
use kernel::Failure as _;
use secrecy::SecretString;
use serde::Serialize;

use super::{
    State,
    mailed::check_your_mail,
    sign_in::{busy, next_of},
};
use crate::{
    answer::{Keep, PageError, see_other},
    checkout_form::{email, person_name},
    field::{Field, Problem},
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    state::Registration,
    visitor::{Parameters, Visitor, query, value},
};

#[derive(Debug, Serialize)]
pub(crate) struct RegisterView {
    problems: Vec<Problem>,
    form_error: Option<Say>,
    name: Field,
    email: Field,
    password: Field,
    next: String,
    sign_in_url: String,
}

/// What is wrong, by field.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(crate) name: Option<Say>,
    pub(crate) email: Option<Say>,
    pub(crate) password: Option<Say>,
    pub(crate) form: Option<Say>,
}

impl RegisterView {
    pub(crate) fn new(form: &Parameters, next: &str, refused: &Refused) -> Self {
        let name = Field::text("name", say("field-your-name"), &value(form, "name")).autocomplete("name");
        let name = name.error(refused.name.as_ref());
        let email = Field::email(&value(form, "email"), "username").error(refused.email.as_ref());
        let password = Field::password("password", say("field-password"), "new-password");
        let password = password.hint(say("field-password-hint")).error(refused.password.as_ref());
        Self {
            problems: [&name, &email, &password].into_iter().filter_map(Field::problem).collect(),
            form_error: refused.form.clone(),
            name,
            email,
            password,
            next: next.to_owned(),
            sign_in_url: format!("/login?next={}", crate::answer::encoded(next)),
        }
    }
}

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = empty(&state, &request).await;
    state.answer(&request, result)
}

async fn empty<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let next = next_of(&query(request));
    match state.visitor(request).await?.0 {
        Some(_) => Ok(see_other(&next)),
        None => render(state, &RegisterView::new(&Parameters::new(), &next, &Refused::default()), StatusCode::OK),
    }
}

fn render<W: Site>(state: &State<W>, view: &RegisterView, status: StatusCode) -> Result<HttpResponse, PageError> {
    state.page("register", &Head::narrow(say("register-title"), &Visitor(None)), view, (status, Keep::Never))
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
    let next = next_of(form);
    let refuse = |refused: &Refused, status| render(state, &RegisterView::new(form, &next, refused), status);
    let (name, email) = (person_name(&value(form, "name")), email(&value(form, "email")));
    let (name, email) = match (name, email) {
        (Ok(name), Ok(email)) => (name, email),
        (name, email) => {
            let refused = Refused { name: name.err(), email: email.err(), ..Refused::default() };
            return refuse(&refused, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let password = SecretString::from(form.get("password").cloned().unwrap_or_default());
    let done = match state.registration {
        Registration::Direct => {
            let entry = flows::register(&*state.world, (email, name), &password, &origin(request)).await;
            entry.map(|entry| Ok(state.welcome(&entry, &next)))
        }
        Registration::Confirmed => {
            let asked = flows::ask_to_register(&*state.world, (email, name), &password, &origin(request)).await;
            asked.map(|()| check_your_mail(state, say("register-mailed")))
        }
    };
    match done {
        Ok(answer) => answer,
        Err(error) => {
            let wait = error.retry_after();
            let (refused, status) = refusal(error)?;
            Ok(told_to_wait(refuse(&refused, status)?, wait))
        }
    }
}

fn refusal(error: AccountError) -> Result<(Refused, StatusCode), PageError> {
    let none = Refused::default();
    match &error {
        AccountError::Register(RegisterError::EmailTaken) => {
            Ok((Refused { email: Some(say("register-taken")), ..none }, StatusCode::CONFLICT))
        }
        AccountError::Register(
            problem @ (RegisterError::Password { .. } | RegisterError::CommonPassword | RegisterError::KnownWords),
        ) => {
            let text = password_problem(problem);
            Ok((Refused { password: Some(text), ..none }, StatusCode::UNPROCESSABLE_ENTITY))
        }
        AccountError::Password(PasswordError::Busy) => {
            Ok((Refused { form: Some(busy()), ..none }, StatusCode::SERVICE_UNAVAILABLE))
        }
        AccountError::Limited(limited) => {
            Ok((Refused { form: Some(too_many(limited.seconds)), ..none }, StatusCode::TOO_MANY_REQUESTS))
        }
        AccountError::Register(RegisterError::Store(_))
        | AccountError::Password(PasswordError::Broken(_))
        | AccountError::ChangePassword(_)
        | AccountError::SignIn(_)
        | AccountError::Session(_)
        | AccountError::Factor(_)
        | AccountError::Link(_)
        | AccountError::Store(_) => Err(error.into()),
    }
}

/// Why a new password is not taken.
pub(crate) fn password_problem(error: &RegisterError) -> Say {
    match error {
        RegisterError::Password { min, max } => say("password-length").with("min", *min).with("max", *max),
        RegisterError::CommonPassword => say("password-common"),
        RegisterError::KnownWords => say("password-known-words"),
        RegisterError::EmailTaken | RegisterError::Store(_) => say("password-other"),
    }
}
