//! The pages' handlers, one file each, and their addresses.

pub(crate) mod account;
mod address;
mod assets;
mod checkout;
pub(crate) mod mailed;
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
    // Each form with its page; a form of another site is refused before anything is done.
    macro_rules! form {
        ($path:literal, $show:path, $submit:path) => {
            let both = page($path, BOTH).route(read().to($show)).route(web::post().to($submit));
            cfg.service(both.wrap(from_fn(same_origin::guard::<W>)));
        };
        ($path:literal, $submit:path) => {
            let only = page($path, "POST").route(web::post().to($submit));
            cfg.service(only.wrap(from_fn(same_origin::guard::<W>)));
        };
    }
    form!("/order/{plan}", checkout::show::<W>, checkout::submit::<W>);
    form!("/login", sign_in::show::<W>, sign_in::submit::<W>);
    form!("/logout", sign_in::sign_out::<W>);
    form!("/register", register::show::<W>, register::submit::<W>);
    form!("/register/confirm", mailed::confirm::<W>, mailed::confirmed::<W>);
    form!("/forgot-password", mailed::forgot::<W>, mailed::asked::<W>);
    form!("/reset-password", mailed::reset::<W>, mailed::chosen::<W>);
    form!("/account/password", password::show::<W>, password::submit::<W>);
    form!("/account/address", address::show::<W>, address::submit::<W>);
    form!("/account/address/confirm", address::confirm::<W>, address::confirmed::<W>);
    form!("/account/sessions/end", account::end_session::<W>);
    form!("/account/sessions/end-all", account::end_all::<W>);
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
