//! `/account/security…`: what somebody signs in with; adding and removing it.

use accounts::{FactorError, Passkeys as _};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::{AccountError, NewCodes, SignedIn};
use secrecy::SecretString;

use super::{
    State,
    mailed::read,
    prove::signed_in,
    second_factor::{answer, words},
};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    views::factors::{AppSetupView, CodesView, NewPasskeyView, SecurityView},
    visitor::{Parameters, Visitor, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;
const HOME: &str = "/account/security";
const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = list(&state, &request).await;
    state.answer(&request, result)
}

async fn list<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    let factors = flows::factors(&*state.world, &who).await?;
    let view = SecurityView::new(&factors, who.must_add_factor, state.world.passkeys().possible());
    let head = Head { narrow: true, ..Head::account(say("security-title"), &Visitor(Some(who)), "security") };
    state.page("security", &head, &view, (StatusCode::OK, Keep::Never))
}

/// Whoever had to prove anew who they are comes back to the list and presses the button once more.
pub(crate) async fn back<W: Site>(_: State<W>) -> HttpResponse {
    see_other(HOME)
}

pub(crate) async fn begin_app<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = begun(&state, &request).await;
    state.answer(&request, result)
}

async fn begun<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    match flows::begin_app(&*state.world, &who, &state.site.shop_name).await {
        Ok(_) => Ok(see_other("/account/security/app")),
        Err(error) => known(error),
    }
}

/// What another tab did meanwhile is no failure: the list shows how it is now.
fn known(error: AccountError) -> Result<HttpResponse, PageError> {
    match &error {
        AccountError::Factor(
            FactorError::HasApp | FactorError::NoApp | FactorError::NoSuchFactor | FactorError::NothingToRecover,
        ) => Ok(see_other(HOME)),
        AccountError::Factor(_)
        | AccountError::Limited(_)
        | AccountError::ChangePassword(_)
        | AccountError::Password(_)
        | AccountError::Register(_)
        | AccountError::SignIn(_)
        | AccountError::Session(_)
        | AccountError::Link(_)
        | AccountError::Store(_) => Err(error.into()),
    }
}

pub(crate) async fn app<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match signed_in(&state, &request).await {
        Ok(who) => app_page(&state, who, None, StatusCode::OK).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn app_page<W: Site>(
    state: &State<W>,
    who: SignedIn,
    wrong: Option<Say>,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    match flows::pending_app(&*state.world, &who, &state.site.shop_name).await {
        Ok(setup) => {
            let head = Head::narrow(say("app-title"), &Visitor(Some(who)));
            state.page("app_setup", &head, &AppSetupView::new(&setup, wrong.as_ref()), (status, Keep::Never))
        }
        Err(error) => known(error),
    }
}

pub(crate) async fn confirm_app<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => confirmed(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn confirmed<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    let code: String = value(form, "code").chars().filter(|c| !c.is_whitespace()).collect();
    match flows::confirm_app(&*state.world, &who, &SecretString::from(code), &origin(request)).await {
        Ok(codes) => added(state, who, say("codes-app-on"), codes),
        Err(AccountError::Factor(error @ FactorError::WrongCode)) => app_page(state, who, words(&error), WRONG).await,
        Err(AccountError::Limited(limited)) => {
            let words = Some(too_many(limited.seconds));
            let page = app_page(state, who, words, StatusCode::TOO_MANY_REQUESTS).await?;
            Ok(told_to_wait(page, Some(limited.seconds)))
        }
        Err(error) => known(error),
    }
}

/// With the first factor come recovery codes; they are shown this once.
fn added<W: Site>(state: &State<W>, who: SignedIn, title: Say, codes: NewCodes) -> Result<HttpResponse, PageError> {
    let Some(codes) = codes else { return Ok(see_other(HOME)) };
    let head = Head::narrow(title.clone(), &Visitor(Some(who)));
    state.page("codes", &head, &CodesView::new(title, &codes), (StatusCode::OK, Keep::Never))
}

pub(crate) async fn remove_app<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match signed_in(&state, &request).await {
        Ok(who) => done(flows::remove_app(&*state.world, &who, &origin(&request)).await),
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

fn done(result: Result<(), AccountError>) -> Result<HttpResponse, PageError> {
    match result {
        Ok(()) => Ok(see_other(HOME)),
        Err(error) => known(error),
    }
}

pub(crate) async fn new_codes<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match signed_in(&state, &request).await {
        Ok(who) => match flows::new_recovery_codes(&*state.world, &who, &origin(&request)).await {
            Ok(codes) => added(&state, who, say("codes-new"), Some(codes)),
            Err(error) => known(error),
        },
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

pub(crate) async fn passkey<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match signed_in(&state, &request).await {
        Ok(who) => passkey_page(&state, who, &NewPasskeyView::new("", None, None), StatusCode::OK),
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

fn passkey_page<W: Site>(
    state: &State<W>,
    who: SignedIn,
    view: &NewPasskeyView,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    state.page("passkey_new", &Head::narrow(say("passkey-add"), &Visitor(Some(who))), view, (status, Keep::Never))
}

pub(crate) async fn add_passkey<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => add(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn add<W: Site>(state: &State<W>, request: &HttpRequest, form: &Parameters) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    let name = value(form, "name");
    let Some(answer) = answer(form) else { return Ok(see_other("/account/security/passkeys")) };
    match flows::add_passkey(&*state.world, &who, (&answer, &name), &origin(request)).await {
        Ok(codes) => added(state, who, say("codes-passkey-added"), codes),
        Err(AccountError::Factor(error)) if words(&error).is_some() => {
            let of_name = matches!(error, FactorError::Name);
            let (beside, above) = if of_name { (words(&error), None) } else { (None, words(&error)) };
            let view = NewPasskeyView::new(&name, beside.as_ref(), above);
            passkey_page(state, who, &view, WRONG)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn rename_passkey<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => renamed(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn renamed<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    let id = value(form, "passkey").parse().map_err(|_| PageError::NotFound)?;
    match flows::rename_passkey(&*state.world, &who, id, &value(form, "name")).await {
        // The field takes no more characters than a name may have.
        Err(AccountError::Factor(FactorError::Name)) => Err(PageError::BadForm(WRONG)),
        result => done(result),
    }
}

pub(crate) async fn remove_passkey<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => removed(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn removed<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    let id = value(form, "passkey").parse().map_err(|_| PageError::NotFound)?;
    done(flows::remove_passkey(&*state.world, &who, id, &origin(request)).await)
}
