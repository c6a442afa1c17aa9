//! `POST /language`: somebody chooses the language of the pages.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Form,
};

use super::State;
use crate::{
    answer::{PageError, see_other},
    languages::{self, COOKIES},
    site::Site,
    visitor::{Parameters, safe_next, value},
};

/// A year.
const KEPT: u32 = 31_536_000;

pub(crate) async fn choose<W: Site>(
    state: State<W>,
    request: HttpRequest,
    form: Result<Form<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let result = match form {
        Ok(form) => chosen(&state, &request, &form),
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

fn chosen<W: Site>(state: &State<W>, request: &HttpRequest, form: &Parameters) -> Result<HttpResponse, PageError> {
    let language = languages::spoken(&value(form, "language")).ok_or(PageError::NotFound)?;
    let mut answer = see_other(&back(request));
    let (name, secure) =
        if state.world.links().site.starts_with("https://") { (COOKIES[0], "; Secure") } else { (COOKIES[1], "") };
    let cookie = format!("{name}={language}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// The page of ours that they were on.
fn back(request: &HttpRequest) -> String {
    let from = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.splitn(4, '/').nth(3).map(|path| format!("/{path}"));
    path.filter(|path| safe_next(path).is_some()).unwrap_or_else(|| "/".to_owned())
}
