//! From a result to an HTTP answer: headers that every page has, and the pages for what went wrong.

use std::fmt::Write;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::BoxBody,
    http::{Method, StatusCode, header},
    web::Data,
};
use kernel::{Failure, FailureKind};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::{
    head::Head,
    languages,
    limited::{told_to_wait, too_many},
    render::TemplateError,
    say::{Say, say},
    site::Site,
    state::WebState,
    visitor::Visitor,
};

/// What a page's browser may load and where its forms may go: nothing but the shop itself. Payment pages are reached by a
/// page of our own that leads on (`/orders/{id}/pay`), because browsers apply `form-action` to a form's redirects too.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; object-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum PageError {
    /// There is no such page, plan or order.
    NotFound,
    /// The form came from another site.
    ForeignForm,
    /// The form could not be read.
    BadForm(StatusCode),
    /// Somebody must sign in first, and comes back to this path.
    SignIn(String),
    /// Who they are has to be proven again, and they come back to this path.
    Prove(String),
    /// Their role does not allow it.
    Forbidden,
    /// Whoever acts as a customer leaves this to them.
    Acting,
    /// A temporary password must be changed first.
    ChangePassword,
    /// A second factor must be added first.
    AddFactor,
    /// It was tried too often; the whole seconds to wait.
    Limited(u32),
    /// Something failed: kind, stable code, and the whole chain for the log.
    Failed(FailureKind, &'static str, String),
}

impl<E: Failure> From<E> for PageError {
    fn from(error: E) -> Self {
        match (error.kind(), error.retry_after()) {
            (FailureKind::Limited, Some(seconds)) => Self::Limited(seconds),
            (kind, _) => Self::Failed(kind, error.code(), chain(&error)),
        }
    }
}

impl Failure for TemplateError {
    fn kind(&self) -> FailureKind {
        FailureKind::Bug
    }
    fn code(&self) -> &'static str {
        "page-not-renderable"
    }
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// How long browsers may keep a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// For going back, but to be asked for again.
    Revalidate,
    /// Not at all: it shows what only one person may see, or changes any moment.
    Never,
}

/// The headers of a page.
pub(crate) fn html(status: StatusCode, keep: Keep) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        // «same-origin» and not «no-referrer»: with the latter browsers send forms with `Origin: null`.
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, if keep == Keep::Never { "no-store" } else { "private, no-cache" }));
    answer
}

/// Goes on to another page of ours, with GET.
pub(crate) fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// A page that only says something.
#[derive(Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) title: Say,
    pub(crate) text: Say,
    /// For support: finds the line in the log.
    pub(crate) reference: Option<String>,
    /// Seconds after which the page asks again by itself.
    pub(crate) again: Option<u32>,
    /// Where to go on instead.
    pub(crate) to: (&'static str, Say),
}

/// Seconds after which a page asks again when the database was away.
const AGAIN: u32 = 10;

const fn message(title: Say, text: Say) -> Message {
    Message { title, text, reference: None, again: None, to: ("/", say("error-to-plans")) }
}

/// Whether a browser may ask for it again without doing anything twice.
fn is_read(request: &HttpRequest) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Where somebody goes on who asked for this: people of the shop to their desk, customers to their account.
fn way_on(request: &HttpRequest, status: StatusCode) -> (&'static str, Say) {
    let staff = request.extensions().get::<Visitor>().is_some_and(Visitor::is_staff);
    let path = request.path();
    if staff || (path.starts_with("/desk") && status != StatusCode::NOT_FOUND) {
        ("/desk", say("error-to-desk"))
    } else if path.starts_with("/account") {
        ("/account", say("error-to-account"))
    } else {
        ("/", say("error-to-plans"))
    }
}

/// A page of which the language is not known yet; travels with the answer until [`WebState::answer`] speaks it.
struct Unspoken {
    name: &'static str,
    head: Head,
    it: serde_json::Value,
}

impl<W: Site> WebState<W> {
    /// A page, for [`WebState::answer`].
    #[allow(clippy::unused_self, reason = "the page belongs to the state that speaks it")]
    pub(crate) fn page<T: Serialize>(
        &self,
        name: &'static str,
        head: &Head,
        it: &T,
        (status, keep): (StatusCode, Keep),
    ) -> Result<HttpResponse, PageError> {
        let broken = |error: serde_json::Error| TemplateError { page: name.to_owned(), reason: error.to_string() };
        let unspoken = Unspoken { name, head: head.clone(), it: serde_json::to_value(it).map_err(broken)? };
        let mut answer = html(status, keep).finish();
        answer.extensions_mut().insert(unspoken);
        Ok(answer)
    }

    /// The page in the language of who asked, or what is shown instead.
    pub(crate) fn answer(&self, request: &HttpRequest, result: Result<HttpResponse, PageError>) -> HttpResponse {
        let error = match result.and_then(|answer| self.spoken(request, answer)) {
            Ok(answer) => return answer,
            Err(error) => error,
        };
        let shown = self.instead(request, error);
        self.spoken(request, shown).unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
    }

    fn spoken(&self, request: &HttpRequest, mut answer: HttpResponse) -> Result<HttpResponse, PageError> {
        let Some(page) = answer.extensions_mut().remove::<Unspoken>() else { return Ok(answer) };
        let language = languages::of_request(request);
        let body = self.renderer.page((page.name, language), (&self.site, &page.head), page.it)?;
        let mut answer = answer.set_body(BoxBody::new(body));
        answer.headers_mut().insert(header::CONTENT_LANGUAGE, header::HeaderValue::from_static(language));
        answer.headers_mut().append(header::VARY, header::HeaderValue::from_static("Accept-Language, Cookie"));
        Ok(answer)
    }

    fn instead(&self, request: &HttpRequest, error: PageError) -> HttpResponse {
        match error {
            PageError::SignIn(next) => see_other(&format!("/login?next={}", encoded(&next))),
            PageError::ChangePassword => see_other("/account/password"),
            PageError::AddFactor => see_other("/account/security"),
            PageError::Prove(next) => see_other(&format!("/account/prove?next={}", encoded(&next))),
            PageError::Forbidden => self.message(
                request,
                StatusCode::FORBIDDEN,
                message(say("error-forbidden"), say("error-forbidden-text")),
            ),
            PageError::Acting => {
                self.message(request, StatusCode::FORBIDDEN, message(say("error-acting"), say("error-acting-text")))
            }
            PageError::NotFound => self.message(
                request,
                StatusCode::NOT_FOUND,
                message(say("error-not-found"), say("error-not-found-text")),
            ),
            PageError::ForeignForm => self.message(
                request,
                StatusCode::FORBIDDEN,
                message(say("error-foreign-form"), say("error-foreign-form-text")),
            ),
            PageError::BadForm(status) => {
                self.message(request, status, message(say("error-bad-form"), say("error-bad-form-text")))
            }
            PageError::Limited(seconds) => {
                let it = message(say("error-limited"), too_many(seconds));
                told_to_wait(self.message(request, StatusCode::TOO_MANY_REQUESTS, it), Some(seconds))
            }
            PageError::Failed(kind, code, chain) => self.failed(request, (kind, code), &chain),
        }
    }

    fn failed(&self, request: &HttpRequest, (kind, code): (FailureKind, &str), chain: &str) -> HttpResponse {
        let token = self.world.env().token();
        let reference: String = token.expose_secret().chars().take(10).collect();
        let path = request.match_pattern().unwrap_or_default();
        tracing::error!(
            error.id = reference,
            error.code = code,
            error.chain = chain,
            http.route = path,
            "a page failed"
        );
        let (status, title, text) = match kind {
            FailureKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, say("error-busy"), say("error-busy-text")),
            FailureKind::NotFound => (StatusCode::NOT_FOUND, say("error-not-found"), say("error-moved-text")),
            FailureKind::Invalid
            | FailureKind::Forbidden
            | FailureKind::Unauthenticated
            | FailureKind::Conflict
            | FailureKind::Limited
            | FailureKind::Upstream
            | FailureKind::Bug => (StatusCode::INTERNAL_SERVER_ERROR, say("error-ours"), say("error-ours-text")),
        };
        let again = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(AGAIN);
        let it =
            Message { reference: Some(reference), again: again.filter(|_| is_read(request)), ..message(title, text) };
        told_to_wait(self.message(request, status, it), again)
    }

    /// Which methods an address takes, told to who used another one.
    pub(crate) fn refused_method(&self, request: &HttpRequest, methods: &'static str) -> HttpResponse {
        let it = message(say("error-method-title"), say("error-method").with("methods", methods));
        let shown = self.message(request, StatusCode::METHOD_NOT_ALLOWED, it);
        let mut answer = self.answer(request, Ok(shown));
        answer.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(methods));
        answer
    }

    fn message(&self, request: &HttpRequest, status: StatusCode, it: Message) -> HttpResponse {
        let it = Message { to: way_on(request, status), ..it };
        let head = Head { refresh: it.again, ..Head::narrow(it.title.clone(), &Visitor(None)) };
        let shown = self.page("message", &head, &it, (status, Keep::Never));
        shown.unwrap_or_else(|_| HttpResponse::InternalServerError().body("Something went wrong on our side."))
    }
}

/// The page for addresses that lead nowhere; for the server's default service.
pub async fn not_found<W: Site>(state: Data<WebState<W>>, request: HttpRequest) -> HttpResponse {
    state.answer(&request, Err(PageError::NotFound))
}

/// Percent-encodes a path for a query parameter.
pub(crate) fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
