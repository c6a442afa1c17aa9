//! `/login/second-factor` and `/login/passkey`: the step after the password, and signing in with a passkey alone.

use accounts::{FactorError, PasskeyAnswer, PasskeyError, Passkeys as _, SecondFactor, SessionError};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::{AccountError, HalfSignedIn, NewSession};
use secrecy::SecretString;

use super::{
    State,
    mailed::read,
    sign_in::{LoginView, next_of, render as render_login},
};
use crate::{
    answer::{Keep, PageError, encoded, see_other},
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    say::{Say, say},
    site::Site,
    views::factors::{PasskeyForm, StepView, code_field},
    visitor::{Parameters, Visitor, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;
const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Where the step is.
pub(crate) fn step_path(next: &str) -> String {
    format!("/login/second-factor?next={}", encoded(next))
}

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let next = next_of(&query(&request));
    let result = match half(&state, &request).await {
        Ok(Some(half)) => step(&state, &half, &next, None, StatusCode::OK),
        Ok(None) => Ok(see_other(&format!("/login?next={}", encoded(&next)))),
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

/// Who is in the midst of signing in.
pub(crate) async fn half<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<Option<HalfSignedIn>, PageError> {
    let Some(claim) = state.cookie.claim(request) else { return Ok(None) };
    match flows::half_signed_in(&*state.world, claim).await {
        Ok(half) => Ok(Some(half)),
        Err(AccountError::Session(SessionError::SignedOut)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn step<W: Site>(
    state: &State<W>,
    half: &HalfSignedIn,
    next: &str,
    wrong: Option<Say>,
    status: StatusCode,
) -> Result<HttpResponse, PageError> {
    let label = if half.factors.app { say("code-app-or-recovery") } else { say("code-recovery") };
    let code = code_field(label).error(wrong.as_ref());
    let possible = !half.factors.passkeys.is_empty() && state.world.passkeys().possible();
    let asks = || PasskeyForm::get("/login/second-factor", "/api/auth/second-factor/options", next);
    let view = StepView {
        title: say("second-factor-title"),
        lead: say("second-factor-lead"),
        action: "/login/second-factor",
        next: next.to_owned(),
        problems: code.problem().into_iter().collect(),
        fields: vec![code],
        button: say("login-title"),
        passkey: possible.then(asks),
        form_error: None,
        signing_in: true,
    };
    state.page("step", &Head::narrow(view.title.clone(), &Visitor(None)), &view, (status, Keep::Never))
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
    let next = next_of(form);
    let (Some(claim), Some(half)) = (state.cookie.claim(request), half(state, request).await?) else {
        return Ok(see_other(&format!("/login?next={}", encoded(&next))));
    };
    let factor = match answer(form) {
        Some(answer) => SecondFactor::Passkey(answer),
        None => SecondFactor::entered(&SecretString::from(value(form, "code"))),
    };
    match flows::finish_sign_in(&*state.world, claim, &factor, &origin(request)).await {
        Ok(entry) => Ok(entered(state, &entry, &next)),
        Err(AccountError::Factor(error)) if words(&error).is_some() => step(state, &half, &next, words(&error), WRONG),
        Err(AccountError::Limited(limited)) => {
            let page = step(state, &half, &next, Some(too_many(limited.seconds)), StatusCode::TOO_MANY_REQUESTS)?;
            Ok(told_to_wait(page, Some(limited.seconds)))
        }
        Err(error) => Err(error.into()),
    }
}

fn entered<W: Site>(state: &State<W>, entry: &NewSession, next: &str) -> HttpResponse {
    if entry.who.user.must_change_password {
        return state.welcome(entry, "/account/password");
    }
    state.welcome(entry, next)
}

/// What a passkey answered, when the script sent it along.
pub(crate) fn answer(form: &Parameters) -> Option<PasskeyAnswer> {
    let challenge = value(form, "challenge").parse().ok()?;
    Some(PasskeyAnswer { challenge, answer: value(form, "answer") })
}

/// What people are told of a refused factor; `None` for a failure of ours.
pub(crate) const fn words(error: &FactorError) -> Option<Say> {
    Some(match error {
        FactorError::WrongCode => say("factor-wrong-code"),
        FactorError::HasApp => say("factor-has-app"),
        FactorError::NoApp => say("factor-no-app"),
        FactorError::NoSuchFactor => say("factor-none-such"),
        FactorError::NothingToRecover => say("factor-nothing-to-recover"),
        FactorError::TooManyPasskeys => say("factor-too-many-passkeys"),
        FactorError::Name => say("factor-name"),
        FactorError::ChallengeSpent => say("factor-spent"),
        FactorError::Passkey(PasskeyError::Impossible) => say("factor-impossible"),
        FactorError::Passkey(PasskeyError::Refused(_)) => say("factor-refused"),
        FactorError::Passkey(PasskeyError::Copied) => say("factor-copied"),
        FactorError::Passkey(PasskeyError::Broken(_)) | FactorError::Seal(_) | FactorError::Store(_) => return None,
    })
}

pub(crate) async fn passkey<W: Site>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => by_passkey(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn by_passkey<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let next = next_of(form);
    let Some(answer) = answer(form) else { return Ok(see_other(&format!("/login?next={}", encoded(&next)))) };
    match flows::sign_in_with_passkey(&*state.world, &answer, &origin(request)).await {
        Ok(entry) => Ok(entered(state, &entry, &next)),
        Err(AccountError::Factor(error)) if words(&error).is_some() => {
            render_login(state, &LoginView::new("", &next, words(&error)).with_passkeys(state), WRONG)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::spoken_in_english;

    #[test]
    fn a_refused_factor_is_told_in_the_words_of_the_api_as_a_sentence() {
        let sentence = |text: String| {
            let text = text.strip_prefix("name: ").unwrap_or(&text);
            format!("{}{}.", text[..1].to_uppercase(), &text[1..])
        };
        for error in [
            FactorError::HasApp,
            FactorError::NoApp,
            FactorError::NoSuchFactor,
            FactorError::NothingToRecover,
            FactorError::TooManyPasskeys,
            FactorError::Name,
            FactorError::ChallengeSpent,
            FactorError::Passkey(PasskeyError::Impossible),
            FactorError::Passkey(PasskeyError::Refused("secret".to_owned())),
            FactorError::Passkey(PasskeyError::Copied),
        ] {
            assert_eq!(spoken_in_english(&words(&error).unwrap()), sentence(error.to_string()));
        }
        assert_eq!(words(&FactorError::Passkey(PasskeyError::Broken("secret".to_owned()))), None);
    }
}
