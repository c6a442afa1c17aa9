//! `/login` and `/logout`.

use accounts::{Passkeys as _, PasswordError, SignInError};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::{AccountError, Entrance};
use kernel::Failure as _;
use secrecy::SecretString;
use serde::Serialize;

use super::{
    State,
    second_factor::{half, step_path},
};
use crate::{
    answer::{Keep, PageError, see_other},
    field::Field,
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    views::factors::PasskeyForm,
    visitor::{Parameters, Visitor, query, safe_next, value},
};

const HOME: &str = "/account";
/// One text for all reasons, so that it tells nobody who has an account.
const WRONG: Say = say("login-wrong");

#[derive(Debug, Serialize)]
pub(crate) struct LoginView {
    pub(crate) error: Option<Say>,
    pub(crate) email: Field,
    pub(crate) password: Field,
    pub(crate) next: String,
    pub(crate) register_url: String,
    pub(crate) passkey: Option<PasskeyForm>,
}

impl LoginView {
    pub(crate) fn new(email: &str, next: &str, error: Option<Say>) -> Self {
        Self {
            error,
            email: Field::email(email, "username"),
            password: Field::password("password", say("field-password"), "current-password"),
            next: next.to_owned(),
            register_url: format!("/register?next={}", crate::answer::encoded(next)),
            passkey: None,
        }
    }

    /// With a button for passkeys, where browsers have them for this shop's address.
    pub(crate) fn with_passkeys<W: Site>(self, state: &State<W>) -> Self {
        let form = PasskeyForm::get("/login/passkey", "/api/auth/passkeys/sign-in/options", &self.next);
        let passkey = state.world.passkeys().possible().then(|| form.button(say("login-passkey")));
        Self { passkey, ..self }
    }
}

/// Where to go afterwards.
pub(crate) fn next_of(parameters: &Parameters) -> String {
    safe_next(&value(parameters, "next")).unwrap_or(HOME).to_owned()
}

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = form(&state, &request).await;
    state.answer(&request, result)
}

async fn form<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let next = next_of(&query(request));
    match state.visitor(request).await?.0 {
        Some(_) => Ok(see_other(&next)),
        // Whoever is in the midst of it goes on there.
        None if half(state, request).await?.is_some() => Ok(see_other(&step_path(&next))),
        None => render(state, &LoginView::new("", &next, None).with_passkeys(state), StatusCode::OK),
    }
}

pub(crate) fn render<W: Site>(
    state: &State<W>,
    view: &LoginView,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    state.page("login", &Head::narrow(say("login-title"), &Visitor(None)), view, (status, Keep::Never))
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
    let (entered, next) = (value(form, "email"), next_of(form));
    // A password keeps its spaces.
    let password = SecretString::from(form.get("password").cloned().unwrap_or_default());
    let Ok(email) = entered.parse() else {
        let view = LoginView::new(&entered, &next, Some(WRONG)).with_passkeys(state);
        return render(state, &view, StatusCode::UNPROCESSABLE_ENTITY);
    };
    match flows::sign_in(&*state.world, &email, &password, &origin(request)).await {
        Ok(Entrance::Whole(entry)) if entry.who.user.must_change_password => {
            Ok(state.welcome(&entry, "/account/password"))
        }
        Ok(Entrance::Whole(entry)) => Ok(state.welcome(&entry, &next)),
        Ok(Entrance::Half { token, .. }) => Ok(state.half_welcome(&token, &step_path(&next))),
        Err(error) => {
            let wait = error.retry_after();
            let (text, status) = refusal(error)?;
            let page = render(state, &LoginView::new(&entered, &next, Some(text)).with_passkeys(state), status)?;
            Ok(told_to_wait(page, wait))
        }
    }
}

/// What a refused sign-in is told; a failure of ours is a page of its own.
fn refusal(error: AccountError) -> Result<(Say, StatusCode), PageError> {
    match &error {
        AccountError::SignIn(SignInError::WrongCredentials) => Ok((WRONG, StatusCode::UNPROCESSABLE_ENTITY)),
        AccountError::Password(PasswordError::Busy) => Ok((busy(), StatusCode::SERVICE_UNAVAILABLE)),
        AccountError::Limited(limited) => Ok((too_many(limited.seconds), StatusCode::TOO_MANY_REQUESTS)),
        AccountError::SignIn(SignInError::Store(_))
        | AccountError::Password(PasswordError::Broken(_))
        | AccountError::Register(_)
        | AccountError::ChangePassword(_)
        | AccountError::Session(_)
        | AccountError::Link(_)
        | AccountError::Factor(_)
        | AccountError::Store(_) => Err(error.into()),
    }
}

/// Too many sign-ins at once.
pub(crate) const fn busy() -> Say {
    say("login-busy")
}

/// `POST /logout`. Signing out twice changes nothing.
pub(crate) async fn sign_out<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = signed_out(&state, &request).await;
    state.answer(&request, result)
}

async fn signed_out<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    if let Some(claim) = state.cookie.claim(request) {
        flows::sign_out(&*state.world, claim, &origin(request)).await?;
    }
    Ok(state.farewell("/"))
}
