//! How an endpoint is put on its path, behind the access that it declares, with a clear answer to methods that it does not
//! have.

use accounts::Access;
use actix_web::{
    FromRequest, Handler, HttpResponse, Responder, Route,
    dev::HttpServiceFactory,
    guard,
    http::{Method, StatusCode, header},
    middleware::from_fn,
    web,
};

use crate::{auth, problem::Problem};

/// What happens to requests that another site's page makes with our cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CrossSite {
    /// Nothing: they change nothing, or no cookie is looked at.
    Taken,
    /// They are refused.
    Refused,
}

/// The requests that a handler takes.
#[derive(Debug, Clone)]
pub(crate) struct On {
    method: Method,
    pub(crate) cross_site: CrossSite,
}

impl On {
    /// Whether it takes this method. Whoever takes GET takes HEAD.
    pub(crate) fn takes(&self, method: &Method) -> bool {
        *method == self.method || (self.method == Method::GET && *method == Method::HEAD)
    }
}

/// A handler for a method.
pub(crate) struct Handling {
    on: On,
    route: Route,
}

/// Reads. Answers HEAD too.
pub(crate) fn get<F, Args>(handler: F) -> Handling
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    Handling { on: On { method: Method::GET, cross_site: CrossSite::Taken }, route: route.to(handler) }
}

/// Changes something, for a person or a program of theirs.
pub(crate) fn post<F, Args>(handler: F) -> Handling
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Handling { on: On { method: Method::POST, cross_site: CrossSite::Refused }, route: web::post().to(handler) }
}

/// Is told something by another system, which proves itself by a signature. No cookie is looked at.
pub(crate) fn hook<F, Args>(handler: F) -> Handling
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Handling { on: On { method: Method::POST, cross_site: CrossSite::Taken }, route: web::post().to(handler) }
}

/// An endpoint on its path; `help` is a sentence for those who come with another method.
pub(crate) fn at(
    path: &str,
    handling: Handling,
    access: Access,
    help: &'static str,
) -> impl HttpServiceFactory + 'static {
    let Handling { on, route } = handling;
    let allow = if on.method == Method::GET { "GET, HEAD" } else { "POST" };
    let text = format!("This address takes {} only. {help}", on.method);
    let text = text.trim_end().to_owned();
    let refuse = move || {
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", text.clone());
        let problem = problem.with("error", text.clone()).header(header::ALLOW, allow);
        async move { Err::<HttpResponse, _>(problem) }
    };
    let guarded = from_fn(move |request, next| {
        let on = on.clone();
        async move { auth::guard(access, &on, request, next).await }
    });
    web::resource(path).route(route).default_service(web::to(refuse)).wrap(guarded)
}

/// What nothing answers to.
pub(crate) async fn unknown_path() -> Result<HttpResponse, Problem> {
    let text = "There is nothing at this address; GET /api/openapi.json lists what there is.";
    Err(Problem::not_found(text).with("error", text))
}
