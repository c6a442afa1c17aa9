//! Every endpoint, one line each: method, path, handler, and who may call it. The OpenAPI document, and the tests that call
//! every endpoint as every role, are made of the same lines.

mod account;
mod api_keys;
mod change_address;
mod change_password;
mod create_session;
mod health;
mod login;
mod logout;
mod me;
mod openapi;
mod order;
mod passkeys;
mod plans;
mod privacy;
mod prove;
mod register;
mod reset_password;
mod second_factor;
mod servers;
mod services;
mod session;
mod sign_ins;
mod staff;
mod verify;
mod webhook;

use accounts::{
    Access::{self, AddFactor, Guest, GuestOr, May, OwnSignIn, Proven, Public, SignedIn},
    Permission::{
        ActForCustomers, Buy, EraseCustomers, ExportCustomers, ManageOwnAccount, ManageStaff, ReadAudit, ReplayEvents,
        SeeCases, SeeCustomers, SeeOrders, SeeOwnServices, SeeStaff, WorkCases,
    },
};
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi as _;

use crate::{
    document::Alike,
    route::{at, get, hook, post, unknown_path},
};

macro_rules! endpoints {
    ($($method:ident $path:literal => $($module:ident)::+, $access:expr $(; $help:literal)?;)*) => {
        /// Puts every endpoint on its path.
        pub(crate) fn configure(config: &mut ServiceConfig) {
            $(config.service(at($path, $method($($module)::+), $access, concat!("" $(, $help)?)));)*
            config.service(web::scope("/api").default_service(web::to(unknown_path)));
        }

        /// Every endpoint: its method, its path and who may call it.
        pub const ROUTES: &[(&str, &str, Access)] = &[$((method_of(stringify!($method)), $path, $access)),*];

        #[derive(utoipa::OpenApi)]
        #[openapi(
            info(title = "Hostwright", description = "The shop's API."),
            paths($($($module)::+),*),
            modifiers(&Alike),
        )]
        struct Document;
    };
}

/// GET, or POST for whatever else there is.
const fn method_of(word: &str) -> &'static str {
    if word.len() == "get".len() { "GET" } else { "POST" }
}

endpoints! {
    get "/api/plans" => plans::list, Public;
    post "/api/checkout/create-session" => create_session::create, GuestOr(Buy);
    get "/api/checkout/session/{sessionId}" => session::show, Guest;
    get "/api/orders/{orderId}" => order::show, Guest;
    hook "/api/webhooks/stripe" => webhook::receive, Public; "Stripe calls it; enter it in Stripe's dashboard as the webhook endpoint.";
    hook "/api/stripe/webhook" => webhook::receive_at_older_path, Public; "Stripe calls it; enter it in Stripe's dashboard as the webhook endpoint.";
    post "/api/auth/register" => register::register, Public;
    post "/api/auth/register/confirm" => register::confirm, Public;
    post "/api/auth/login" => login::login, Public;
    post "/api/auth/logout" => logout::logout, Public;
    post "/api/auth/logout-everywhere" => logout::everywhere, OwnSignIn;
    post "/api/auth/stop-acting" => staff::acting::stop, SignedIn;
    post "/api/auth/token" => sign_ins::token, SignedIn;
    get "/api/auth/sessions" => sign_ins::list, OwnSignIn;
    post "/api/auth/sessions/{sessionId}/end" => sign_ins::end, OwnSignIn;
    get "/api/auth/me" => me::show, SignedIn;
    post "/api/auth/change-password" => change_password::change, OwnSignIn;
    post "/api/auth/forgot-password" => reset_password::forgot, Public;
    post "/api/auth/reset-password" => reset_password::reset, Public;
    post "/api/auth/change-address" => change_address::ask, Proven(ManageOwnAccount);
    post "/api/auth/change-address/confirm" => change_address::confirm, May(ManageOwnAccount);
    post "/api/auth/prove" => prove::prove, OwnSignIn;
    post "/api/auth/prove/options" => prove::options, OwnSignIn;
    get "/api/auth/second-factor" => second_factor::list, OwnSignIn;
    post "/api/auth/second-factor/verify" => verify::verify, Public;
    post "/api/auth/second-factor/options" => verify::options, Public;
    post "/api/auth/second-factor/app" => second_factor::begin, AddFactor;
    post "/api/auth/second-factor/app/confirm" => second_factor::confirm, AddFactor;
    post "/api/auth/second-factor/app/remove" => second_factor::remove, AddFactor;
    post "/api/auth/second-factor/recovery-codes" => second_factor::codes, AddFactor;
    post "/api/auth/passkeys" => passkeys::add, AddFactor;
    post "/api/auth/passkeys/options" => passkeys::options, AddFactor;
    post "/api/auth/passkeys/sign-in" => passkeys::sign_in, Public;
    post "/api/auth/passkeys/sign-in/options" => passkeys::sign_in_options, Public;
    post "/api/auth/passkeys/{passkeyId}/rename" => passkeys::rename, OwnSignIn;
    post "/api/auth/passkeys/{passkeyId}/remove" => passkeys::remove, AddFactor;
    get "/api/auth/keys" => api_keys::list, May(ManageOwnAccount);
    post "/api/auth/keys/make" => api_keys::make, Proven(ManageOwnAccount);
    post "/api/auth/keys/{keyId}/end" => api_keys::end, May(ManageOwnAccount);
    get "/api/auth/export" => privacy::export_own, Proven(ManageOwnAccount);
    post "/api/auth/erase" => privacy::erase_own, Proven(ManageOwnAccount);
    get "/api/servers" => servers::list, May(SeeOwnServices);
    get "/api/services" => services::list, May(SeeOwnServices);
    get "/api/staff/orders/{orderId}" => staff::orders::show, May(SeeOrders);
    get "/api/staff/customers" => staff::customers::find, May(SeeCustomers);
    get "/api/staff/customers/{customerId}" => staff::customers::show, May(SeeCustomers);
    post "/api/staff/customers/{customerId}/act" => staff::acting::begin, May(ActForCustomers);
    get "/api/staff/customers/{customerId}/export" => privacy::export_customer, May(ExportCustomers);
    post "/api/staff/customers/{customerId}/erase" => privacy::erase_customer, May(EraseCustomers);
    get "/api/staff/cases" => staff::cases::list, May(SeeCases);
    post "/api/staff/cases/{caseId}/retry" => staff::cases::retry, May(WorkCases);
    post "/api/staff/events/{eventId}/replay" => staff::events::replay, May(ReplayEvents);
    get "/api/staff/members" => staff::members::list, May(SeeStaff);
    post "/api/staff/members/role" => staff::members::set_role, May(ManageStaff);
    get "/api/staff/audit" => staff::trail::list, May(ReadAudit);
    get "/api/health" => health::show, Public;
    get "/api/openapi.json" => openapi::show, Public;
}

/// Whether a route is one of Stripe's.
pub(crate) fn is_webhook(route: &str) -> bool {
    matches!(route, "/api/webhooks/stripe" | "/api/stripe/webhook")
}

/// What Stripe needs, and nothing else.
pub(crate) fn configure_webhooks(config: &mut ServiceConfig) {
    let help = "Stripe calls it; enter it in Stripe's dashboard as the webhook endpoint.";
    config.service(at("/api/webhooks/stripe", hook(webhook::receive), Public, help));
    config.service(at("/api/stripe/webhook", hook(webhook::receive_at_older_path), Public, help));
    config.service(at("/api/health", get(health::show), Public, ""));
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

/// A guest's checkout, read as its endpoint reads it.
#[cfg(test)]
pub(crate) fn read_checkout(
    fields: &mut crate::body::Fields,
) -> Result<checkout::CheckoutRequest, crate::problem::Problem> {
    create_session::read_guest(fields)
}
