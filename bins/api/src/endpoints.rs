//! Every endpoint, one line each: method, path, handler. The OpenAPI document is made of the same lines.

mod account;
mod change_address;
mod change_password;
mod create_session;
mod health;
mod login;
mod logout;
mod me;
mod openapi;
mod order;
mod plans;
mod register;
mod reset_password;
mod servers;
mod services;
mod session;
mod sign_ins;
mod webhook;

use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi as _;

use crate::route::{at, get, post, unknown_path};

macro_rules! endpoints {
    ($($method:ident $path:literal => $module:ident::$handler:ident $(, $help:expr)?;)*) => {
        /// Puts every endpoint on its path.
        pub(crate) fn configure(config: &mut ServiceConfig) {
            $(config.service(at($path, $method($module::$handler), concat!("" $(, $help)?)));)*
            config.service(web::scope("/api").default_service(web::to(unknown_path)));
        }

        #[derive(utoipa::OpenApi)]
        #[openapi(
            info(title = "Hostwright", description = "The shop's API."),
            paths($($module::$handler),*),
        )]
        struct Document;
    };
}

endpoints! {
    get "/api/plans" => plans::list;
    post "/api/checkout/create-session" => create_session::create;
    get "/api/checkout/session/{sessionId}" => session::show;
    get "/api/orders/{orderId}" => order::show;
    post "/api/webhooks/stripe" => webhook::receive, "Stripe calls it; enter it in Stripe's dashboard as the webhook endpoint.";
    post "/api/stripe/webhook" => webhook::receive_at_older_path, "Stripe calls it; enter it in Stripe's dashboard as the webhook endpoint.";
    post "/api/auth/register" => register::register;
    post "/api/auth/register/confirm" => register::confirm;
    post "/api/auth/login" => login::login;
    post "/api/auth/logout" => logout::logout;
    post "/api/auth/logout-everywhere" => logout::everywhere;
    post "/api/auth/token" => sign_ins::token;
    get "/api/auth/sessions" => sign_ins::list;
    post "/api/auth/sessions/{sessionId}/end" => sign_ins::end;
    get "/api/auth/me" => me::show;
    post "/api/auth/change-password" => change_password::change;
    post "/api/auth/forgot-password" => reset_password::forgot;
    post "/api/auth/reset-password" => reset_password::reset;
    post "/api/auth/change-address" => change_address::ask;
    post "/api/auth/change-address/confirm" => change_address::confirm;
    get "/api/servers" => servers::list;
    get "/api/services" => services::list;
    get "/api/health" => health::show;
    get "/api/openapi.json" => openapi::show;
}

/// Whether a route is one of Stripe's.
pub(crate) fn is_webhook(route: &str) -> bool {
    matches!(route, "/api/webhooks/stripe" | "/api/stripe/webhook")
}

/// What Stripe needs, and nothing else.
pub(crate) fn configure_webhooks(config: &mut ServiceConfig) {
    let help = "Stripe calls it; enter it in Stripe's dashboard as the webhook endpoint.";
    config.service(at("/api/webhooks/stripe", post(webhook::receive), help));
    config.service(at("/api/stripe/webhook", post(webhook::receive_at_older_path), help));
    config.service(at("/api/health", get(health::show), ""));
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// A person's name: 1 to 200 characters, none of them a control character.
fn person_name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    let fits = (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err("expected 1 to 200 characters, none of them a control character") }
}
