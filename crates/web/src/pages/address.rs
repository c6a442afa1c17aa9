//! `/account/address`: another address for the account, confirmed by a mail to it.

use accounts::{ChangePasswordError, LinkError, PasswordError};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::AccountError;
use limits::Limited;
use secrecy::SecretString;

use super::{
    State,
    mailed::{check_your_mail, form_page, notice_page, password, read, spent},
    sign_in::busy,
};
use crate::{
    answer::PageError,
    checkout_form::email,
    field::Field,
    form_page::{FormPage, Notice},
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    visitor::{Parameters, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;

/// What is wrong, by field.
#[derive(Debug, Default)]
struct Refused {
    email: Option<Say>,
    password: Option<Say>,
    form: Option<Say>,
}

fn form(entered: &str, refused: Refused) -> FormPage {
    let password = Field::password("password", say("field-your-password"), "current-password");
    let password = password.error(refused.password.as_ref());
    FormPage::new(say("address-title"), "/account/address", say("address-send"))
        .lead(say("address-lead"))
        .field(Field::email(entered, "email").error(refused.email.as_ref()))
        .field(password)
        .error(refused.form)
}

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match state.customer(&request).await {
        Ok(_) => form_page(&state, &form("", Refused::default()), StatusCode::OK),
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

pub(crate) async fn submit<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => submitted(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn submitted<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    entered: &Parameters,
) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let address = value(entered, "email");
    let refuse = |refused, status| form_page(state, &form(&address, refused), status);
    let email = match email(&address) {
        Ok(email) => email,
        Err(error) => {
            return refuse(Refused { email: Some(error), ..Refused::default() }, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    match flows::ask_for_address(&*state.world, &who, (email, &password(entered)), &origin(request)).await {
        Ok(()) => check_your_mail(state, say("address-mailed")),
        Err(AccountError::ChangePassword(ChangePasswordError::WrongPassword)) => {
            let refused = Refused { password: Some(say("password-not-present")), ..Refused::default() };
            refuse(refused, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(AccountError::Password(PasswordError::Busy)) => {
            refuse(Refused { form: Some(busy()), ..Refused::default() }, StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(AccountError::Limited(Limited { seconds })) => {
            let refused = Refused { form: Some(too_many(seconds)), ..Refused::default() };
            Ok(told_to_wait(refuse(refused, StatusCode::TOO_MANY_REQUESTS)?, Some(seconds)))
        }
        Err(error) => Err(error.into()),
    }
}

fn confirm_form(token: &str, error: Option<Say>) -> FormPage {
    FormPage::new(say("address-confirm"), "/account/address/confirm", say("address-use")).token(token).error(error)
}

/// Signing in leads back here with the token.
pub(crate) async fn confirm<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match state.customer(&request).await {
        Ok(_) => form_page(&state, &confirm_form(&value(&query(&request), "token"), None), StatusCode::OK),
        Err(PageError::SignIn(path)) => Err(PageError::SignIn(format!("{path}?{}", request.query_string()))),
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

pub(crate) async fn confirmed<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => moved(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn moved<W: Site>(state: &State<W>, request: &HttpRequest, form: &Parameters) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let token = value(form, "token");
    match flows::confirm_address(&*state.world, &who, &SecretString::from(token.clone()), &origin(request)).await {
        Ok(email) => {
            let notice = Notice {
                title: say("address-done"),
                text: say("address-done-text").with("email", email.to_string()),
                more: say("address-done-more"),
                button: say("address-to-account"),
                url: "/account",
            };
            notice_page(state, &notice)
        }
        Err(AccountError::Link(LinkError::Spent)) => {
            form_page(state, &confirm_form(&token, Some(spent())), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(AccountError::Limited(Limited { seconds })) => {
            let form = confirm_form(&token, Some(too_many(seconds)));
            Ok(told_to_wait(form_page(state, &form, StatusCode::TOO_MANY_REQUESTS)?, Some(seconds)))
        }
        Err(error) => Err(error.into()),
    }
}
