//! A checkout request becomes an order and a payment session; the [`PaymentGateway`] port.
//!
//! The order is written first. The gateway is asked outside any transaction, and whatever it answers is recorded on the
//! order: an abandoned or refused checkout is a row, not a mystery.

mod gateway;
mod place;
mod record;
mod request;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use gateway::{DecodeError, GatewayError, PaymentGateway, SessionDiscount, SessionRequest, Window};
pub use place::{Placed, place, place_of, place_within, session_request};
pub use record::{next_attempt, record_gateway_error, record_session};
pub use request::{CheckoutError, CheckoutRequest};
pub use store::{CheckoutStore, ClientKey, EventInbox, IncomingEvent, KeyClaim, Taken};
