//! Orders, payments and subscriptions: their state machines, and what every gateway event means.
//!
//! Whoever reads `pay.rs` sees everything that paying causes. Nothing here knows which gateway or database there is.

mod attention;
mod delivery;
mod gateway_event;
mod judge;
mod links;
mod mails;
mod order;
mod pay;
mod payment;
mod place;
mod refund;
mod room;
mod settle;
mod state;
mod stock;
mod store;
mod subscription;
#[cfg(feature = "testing")]
pub mod testing;
mod timeline;

pub use attention::{Attention, give_up, mail_failed, payment_is_stuck, raise, retry};
pub use delivery::{delivery_begins, delivery_progressed};
pub use gateway_event::{
    ChargeFact, DisputeFact, GatewayEvent, GatewayFact, InvoiceFact, PaymentStatus, ProcessEvent, RefundFact,
    RefundStatus, SessionFact, SessionStatus, SessionTrigger, SubscriptionFact,
};
pub use judge::{Verdict, judge};
pub use links::{LinkKey, Links, OrderLink};
pub use order::{AppliedDiscount, Buyer, Delivered, Order, OrderLine};
pub use pay::{Receipt, pay};
pub use payment::{Payment, PaymentState, WrongPaymentState};
pub use place::{NewOrder, place};
pub use refund::{
    Refund, RefundError, RefundRequest, RefundState, SendRefund, ask_refund, record_refund, refund_failed, refundable,
    retry_refund,
};
pub use room::{FULL_STANDS, Place, ROOM_FRESH, RoomSeen};
pub use settle::{
    cancel, record_charge, record_dispute, record_expiry, record_failure, record_mismatch, record_processing,
    record_second_payment, record_subscription,
};
pub use state::{OrderState, Resume, WrongState};
pub use stock::{Stock, StockStore, is_full, left_of, stock_of};
pub use store::{
    EventOutcome, EventStore, OrderError, OrderSession, OrderStore, OrderTx, SessionState, StoredEvent, Undelivered,
};
pub use subscription::{Subscription, SubscriptionStatus};
pub use timeline::{Actor, TimelineEntry};

/// What a buyer chooses about the delivery; part of every order.
pub use provisioning::DeliveryRequest;
