//! The pages' handlers, one file each, and their addresses.

pub(crate) mod account;
mod address;
mod assets;
mod billing;
mod checkout;
pub(crate) mod gallery;
mod language;
pub(crate) mod mailed;
pub(crate) mod order;
pub(crate) mod password;
pub(crate) mod payment;
mod plans;
mod privacy;
mod prove;
pub(crate) mod register;
mod second_factor;
mod security;
mod service;
pub(crate) mod sign_in;

use accounts::{
    Access::{self, AddFactor, Guest, GuestOr, May, OwnSignIn, Proven, Public, SignedIn},
    Permission::{Buy, ManageOwnAccount, SeeOwnServices},
};
use actix_web::{
    HttpRequest, Resource, Route,
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{self, Data},
};

use crate::{events, guard, site::Site};

/// A checkout form with every field full is far below this.
pub(crate) const FORM_LIMIT: usize = 32 * 1024;

/// The forms of one address: how it is shown, and what sending it does. `$bound` is what the pages need of the world.
macro_rules! pages {
    ($bound:path; $($path:literal, $access:expr => $(get $($show:ident)::+)? $(,)? $(post $($submit:ident)::+)?;)*) => {
        /// Mounts every page. The server gives `web::Data<WebState<W>>` and, as its default service, [`crate::not_found`].
        pub fn configure_for<W: $bound>(cfg: &mut actix_web::web::ServiceConfig) {
            cfg.app_data(actix_web::web::FormConfig::default().limit($crate::pages::FORM_LIMIT));
            $(
                let page = $crate::pages::Page {
                    show: None$(.or(Some($crate::pages::read().to($($show)::+::<W>))))?,
                    submit: None$(.or(Some(actix_web::web::post().to($($submit)::+::<W>))))?,
                };
                cfg.service(page.at::<W>($path, $access));
            )*
        }

        /// Every page: its method, its path and who may ask for it.
        pub const ROUTES: &[(&str, &str, accounts::Access)] = &[
            $($(("GET", { let _ = stringify!($($show)::+); $path }, $access),)? $(("POST", { let _ = stringify!($($submit)::+); $path }, $access),)?)*
        ];
    };
}

pub(crate) use pages;

pages! {
    Site;
    "/", Guest => get plans::show;
    "/assets/{name}", Public => get assets::send;
    "/language", Public => post language::choose;
    "/orders/{order}", Guest => get order::show;
    "/orders/{order}/events", Guest => get events::follow;
    "/orders/{order}/pay", Guest => get payment::lead_on;
    "/order/{plan}", GuestOr(Buy) => get checkout::show, post checkout::submit;
    "/login", Guest => get sign_in::show, post sign_in::submit;
    "/logout", Public => post sign_in::sign_out;
    "/login/second-factor", Public => get second_factor::show, post second_factor::submit;
    "/login/passkey", Guest => post second_factor::passkey;
    "/register", Guest => get register::show, post register::submit;
    "/register/confirm", Guest => get mailed::confirm, post mailed::confirmed;
    "/forgot-password", Guest => get mailed::forgot, post mailed::asked;
    "/reset-password", Guest => get mailed::reset, post mailed::chosen;
    "/account", May(SeeOwnServices) => get account::show;
    "/account/billing", May(SeeOwnServices) => get billing::show;
    "/account/billing/portal", May(ManageOwnAccount) => get billing::portal;
    "/account/services/{service}", May(SeeOwnServices) => get service::show;
    "/account/services/{service}/power", May(ManageOwnAccount) => post service::power;
    "/account/services/{service}/password", May(ManageOwnAccount) => post service::password;
    "/account/services/{service}/console", May(ManageOwnAccount) => get service::console;
    "/account/mails", May(ManageOwnAccount) => get billing::mails;
    "/account/prove", OwnSignIn => get prove::show, post prove::submit;
    "/account/security", OwnSignIn => get security::show;
    "/account/security/app", AddFactor => get security::app, post security::begin_app;
    "/account/security/app/confirm", AddFactor => get security::back, post security::confirm_app;
    "/account/security/app/remove", AddFactor => get security::back, post security::remove_app;
    "/account/security/recovery-codes", AddFactor => get security::back, post security::new_codes;
    "/account/security/passkeys", AddFactor => get security::passkey, post security::add_passkey;
    "/account/security/passkeys/rename", OwnSignIn => get security::back, post security::rename_passkey;
    "/account/security/passkeys/remove", AddFactor => get security::back, post security::remove_passkey;
    "/account/password", OwnSignIn => get password::show, post password::submit;
    "/account/address", Proven(ManageOwnAccount) => get address::show, post address::submit;
    "/account/address/confirm", May(ManageOwnAccount) => get address::confirm, post address::confirmed;
    "/account/privacy", May(ManageOwnAccount) => get privacy::show;
    "/account/privacy/export", Proven(ManageOwnAccount) => get privacy::export;
    "/account/privacy/erase", Proven(ManageOwnAccount) => get privacy::ask, post privacy::erase;
    "/account/sessions/end", May(ManageOwnAccount) => post account::end_session;
    "/account/sessions/end-all", OwnSignIn => post account::end_all;
    "/account/stop-acting", SignedIn => post account::stop_acting;
}

/// What an address shows, and what it takes.
pub(crate) struct Page {
    pub(crate) show: Option<Route>,
    pub(crate) submit: Option<Route>,
}

impl Page {
    /// On its path, behind the access that it declares. Other methods are told what it takes.
    pub(crate) fn at<W: Site>(self, path: &str, access: Access) -> impl HttpServiceFactory + 'static {
        let methods = match (&self.show, &self.submit) {
            (Some(_), Some(_)) => "GET, HEAD, POST",
            (Some(_), None) => "GET, HEAD",
            (None, _) => "POST",
        };
        let refuse =
            move |state: State<W>, request: HttpRequest| async move { state.refused_method(&request, methods) };
        let resource = web::resource(path).default_service(web::to(refuse));
        let resource = [self.show, self.submit].into_iter().flatten().fold(resource, Resource::route);
        resource.wrap(from_fn(move |request, next| guard::admitted::<W>((access, methods), request, next)))
    }
}

/// GET, and HEAD beside it.
pub(crate) fn read() -> Route {
    web::route().guard(actix_web::guard::Any(actix_web::guard::Get()).or(actix_web::guard::Head()))
}

/// What handlers take for the shared state.
pub(crate) type State<W> = Data<crate::state::WebState<W>>;
