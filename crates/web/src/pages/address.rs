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
    site::Site,
    visitor::{Parameters, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;

/// What is wrong, by field.
#[derive(Debug, Default)]
struct Refused {
    email: Option<String>,
    password: Option<String>,
    form: Option<String>,
}

fn form(entered: &str, refused: Refused) -> FormPage {
    let password = Field::password("password", "Your password", "current-password").error(refused.password.as_ref());
    FormPage::new("Use another address", "/account/address", "Send a mail to the new address")
        .lead("The account moves to the new address when the link in that mail is opened.")
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
        Ok(()) => check_your_mail(state, "A mail to the new address is on its way. Its link counts for two hours."),
        Err(AccountError::ChangePassword(ChangePasswordError::WrongPassword)) => {
            let text = Some("This is not your present password.".to_owned());
            refuse(Refused { password: text, ..Refused::default() }, StatusCode::UNPROCESSABLE_ENTITY)
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

fn confirm_form(token: &str, error: Option<String>) -> FormPage {
    FormPage::new("Confirm your new address", "/account/address/confirm", "Use this address").token(token).error(error)
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
                title: "Your account has a new address",
                text: format!("From now on you sign in with {email}, and mails go there."),
                more: "The former address was told.",
                button: "To your account",
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
