//! The shop's pages: storefront, checkout, the page that follows an order, the customer's account.
//!
//! Rendered on the server with handlebars, usable without JavaScript. Handlers parse, authorise, call one flow and shape
//! the answer; what a customer is told is worked out by pure functions in `views`. Handlers are generic over [`Site`], so
//! that the tests run them on the memory shop.

mod answer;
mod assets;
mod checkout_form;
mod closed;
mod cookie;
mod desk;
mod events;
mod field;
mod form_page;
mod guard;
mod head;
mod languages;
mod limited;
mod origin;
mod pages;
mod reads;
mod render;
mod same_origin;
mod say;
mod second_door;
mod site;
mod state;
mod usual;
mod views;
mod visitor;
mod words;

pub use answer::{CONTENT_SECURITY_POLICY, not_found};
pub use closed::stays_open;
pub use cookie::SessionCookie;
pub use desk::{Desk, ROUTES as DESK_ROUTES, Setting, Shown, configure_for as configure_desk_for};
pub use origin::{TrustedProxies, UnknownProxy, origin};
pub use pages::{ROUTES, configure_for, gallery::configure_gallery_for};
pub use render::TemplateError;
pub use site::Site;
pub use state::{Registration, WebSettings, WebState};
pub use views::history_words;

#[cfg(test)]
mod tests;
