//! The pages' handlers, one file each, and their addresses.

pub(crate) mod account;
mod assets;
mod checkout;
pub(crate) mod order;
pub(crate) mod password;
pub(crate) mod payment;
mod plans;
pub(crate) mod register;
pub(crate) mod sign_in;

use actix_web::{
    HttpResponse, Resource, Route, guard,
    http::header,
    middleware::from_fn,
    web::{self, Data, FormConfig, ServiceConfig},
};

use crate::{events, same_origin, site::Site};

/// A checkout form with every field full is far below this.
const FORM_LIMIT: usize = 32 * 1024;

/// Mounts every page. The server gives `web::Data<WebState<W>>` and, as its default service, [`crate::not_found`].
pub fn configure_for<W: Site>(cfg: &mut ServiceConfig) {
    cfg.app_data(FormConfig::default().limit(FORM_LIMIT));
    cfg.service(page("/", READ).route(read().to(plans::show::<W>)));
    cfg.service(page("/assets/{name}", READ).route(read().to(assets::send::<W>)));
    cfg.service(page("/orders/{order}", READ).route(read().to(order::show::<W>)));
    cfg.service(page("/orders/{order}/events", READ).route(read().to(events::follow::<W>)));
    cfg.service(page("/orders/{order}/pay", READ).route(read().to(payment::lead_on::<W>)));
    cfg.service(page("/account", READ).route(read().to(account::show::<W>)));
    let checkout = page("/order/{plan}", BOTH).route(read().to(checkout::show::<W>));
    cfg.service(checkout.route(web::post().to(checkout::submit::<W>)).wrap(from_fn(same_origin::guard::<W>)));
    let sign_in = page("/login", BOTH).route(read().to(sign_in::show::<W>));
    cfg.service(sign_in.route(web::post().to(sign_in::submit::<W>)).wrap(from_fn(same_origin::guard::<W>)));
    let register = page("/register", BOTH).route(read().to(register::show::<W>));
    cfg.service(register.route(web::post().to(register::submit::<W>)).wrap(from_fn(same_origin::guard::<W>)));
    let sign_out = page("/logout", "POST").route(web::post().to(sign_in::sign_out::<W>));
    cfg.service(sign_out.wrap(from_fn(same_origin::guard::<W>)));
    let password = page("/account/password", BOTH).route(read().to(password::show::<W>));
    cfg.service(password.route(web::post().to(password::submit::<W>)).wrap(from_fn(same_origin::guard::<W>)));
}

const READ: &str = "GET, HEAD";
const BOTH: &str = "GET, HEAD, POST";

/// An address that answers other methods with what it takes.
fn page(path: &str, methods: &'static str) -> Resource {
    let refuse = move || async move {
        let text = format!("This address takes {methods}.");
        HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, methods)).body(text)
    };
    web::resource(path).default_service(web::to(refuse))
}

/// GET, and HEAD beside it.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// What handlers take for the shared state.
type State<W> = Data<crate::state::WebState<W>>;
