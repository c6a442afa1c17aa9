//! How an endpoint is put on its path, with a clear answer to methods that it does not have.

use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, Responder, Route, guard,
    http::{Method, StatusCode, header},
    web,
};

use crate::problem::Problem;

/// A handler for a method.
pub(crate) struct On {
    method: Method,
    route: Route,
}

/// Reads. Answers HEAD too.
pub(crate) fn get<F, Args>(handler: F) -> On
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    On { method: Method::GET, route: route.to(handler) }
}

/// Changes something.
pub(crate) fn post<F, Args>(handler: F) -> On
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    On { method: Method::POST, route: web::post().to(handler) }
}

/// An endpoint on its path; `help` is a sentence for those who come with another method.
pub(crate) fn at(path: &str, on: On, help: &'static str) -> Resource {
    let allow = if on.method == Method::GET { "GET, HEAD" } else { "POST" };
    let text = format!("This address takes {} only. {help}", on.method);
    let text = text.trim_end().to_owned();
    let refuse = move || {
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", text.clone());
        let problem = problem.with("error", text.clone()).header(header::ALLOW, allow);
        async move { Err::<HttpResponse, _>(problem) }
    };
    web::resource(path).route(on.route).default_service(web::to(refuse))
}

/// What nothing answers to.
pub(crate) async fn unknown_path() -> Result<HttpResponse, Problem> {
    let text = "There is nothing at this address; GET /api/openapi.json lists what there is.";
    Err(Problem::not_found(text).with("error", text))
}
