//! `/account/prove`: a fresh proof of who is there, before something dangerous.

use accounts::{ChangePasswordError, Passkeys as _, PasswordError, SecondFactor};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::{AccountError, Proof, SignedIn};
use kernel::Failure as _;

use super::{
    State,
    mailed::{password, read},
    second_factor::{answer, words},
    sign_in::{busy, next_of},
};
use crate::{
    answer::{Keep, PageError},
    field::Field,
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    views::factors::{PasskeyForm, StepView, code_field},
    visitor::{Parameters, Visitor, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;

/// What is wrong, by field.
#[derive(Debug, Default)]
struct Refused {
    password: Option<Say>,
    code: Option<Say>,
    form: Option<Say>,
}

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let next = next_of(&query(&request));
    let result = match signed_in(&state, &request).await {
        Ok(who) => step(&state, who, &next, Refused::default(), StatusCode::OK).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

pub(crate) async fn signed_in<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<SignedIn, PageError> {
    let who = state.visitor(request).await?.0;
    who.ok_or_else(|| PageError::SignIn(request.uri().path().to_owned()))
}

async fn step<W: Site>(
    state: &State<W>,
    who: SignedIn,
    next: &str,
    refused: Refused,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    let factors = flows::factors(&*state.world, &who).await?;
    let secret = Field::password("password", say("field-your-password"), "current-password");
    let secret = secret.error(refused.password.as_ref());
    let code = code_field(say("code-app-or-recovery")).error(refused.code.as_ref());
    let fields: Vec<Field> = if factors.any() { vec![secret, code] } else { vec![secret] };
    let possible = !factors.passkeys.is_empty() && state.world.passkeys().possible();
    let view = StepView {
        title: say("prove-title"),
        lead: say("prove-lead"),
        action: "/account/prove",
        next: next.to_owned(),
        problems: fields.iter().filter_map(Field::problem).collect(),
        fields,
        button: say("prove-go-on"),
        passkey: possible.then(|| PasskeyForm::get("/account/prove", "/api/auth/prove/options", next)),
        form_error: refused.form,
        signing_in: false,
    };
    state.page("step", &Head::narrow(view.title.clone(), &Visitor(Some(who))), &view, (status, Keep::Never))
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
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let who = signed_in(state, request).await?;
    let next = next_of(form);
    let proof = if let Some(answer) = answer(form) {
        Proof::Passkey(answer)
    } else {
        let code = Some(value(form, "code")).filter(|code| !code.is_empty());
        let factor = code.map(|code| SecondFactor::entered(&code.into()));
        Proof::Password { password: password(form), factor }
    };
    match flows::prove(&*state.world, &who, &proof, &origin(request)).await {
        Ok(entry) => Ok(state.welcome(&entry, &next)),
        Err(error) => {
            let wait = error.retry_after();
            let (refused, status) = refusal(error)?;
            let page = step(state, who, &next, refused, status).await?;
            Ok(told_to_wait(page, wait))
        }
    }
}

fn refusal(error: AccountError) -> Result<(Refused, StatusCode), PageError> {
    let (none, wrong) = (Refused::default(), StatusCode::UNPROCESSABLE_ENTITY);
    match &error {
        AccountError::ChangePassword(ChangePasswordError::WrongPassword) => {
            Ok((Refused { password: Some(say("password-not-present")), ..none }, wrong))
        }
        AccountError::Password(PasswordError::Busy) => {
            Ok((Refused { form: Some(busy()), ..none }, StatusCode::SERVICE_UNAVAILABLE))
        }
        AccountError::Limited(limited) => {
            Ok((Refused { form: Some(too_many(limited.seconds)), ..none }, StatusCode::TOO_MANY_REQUESTS))
        }
        AccountError::Factor(factor) => match words(factor) {
            Some(text) => Ok((Refused { code: Some(text), ..none }, wrong)),
            None => Err(error.into()),
        },
        AccountError::ChangePassword(_)
        | AccountError::Password(PasswordError::Broken(_))
        | AccountError::Register(_)
        | AccountError::SignIn(_)
        | AccountError::Session(_)
        | AccountError::Link(_)
        | AccountError::Store(_) => Err(error.into()),
    }
}
