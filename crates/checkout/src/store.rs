//! Where checkout keeps what makes a double click one order, and where events come in.

use std::future::Future;

use kernel::{Id, StoreError, Timestamp, entity};

/// The key a client chose for one checkout (`Idempotency-Key` header), with who sent it and what they asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientKey {
    /// Whose key it is: a user's id or `guest`. Two clients may choose the same key.
    pub scope: String,
    /// 1–255 visible ASCII characters.
    pub key: String,
    /// Digest of the request: the same key with another request is an error.
    pub fingerprint: String,
}

/// What became of claiming a [`ClientKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyClaim {
    /// It is new and now belongs to the given order.
    New,
    /// The same request made this order before.
    Replay(Id<entity::Order>),
    /// Another request used the key.
    Reused,
}

/// Checkout's own table, inside a transaction.
pub trait CheckoutStore {
    /// Claims a key for `order`. A claim by a transaction that has not ended yet is waited for.
    fn claim_key(
        &mut self,
        key: &ClientKey,
        order: Id<entity::Order>,
        at: Timestamp,
    ) -> impl Future<Output = Result<KeyClaim, StoreError>> + Send;
}

/// A verified gateway event on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingEvent {
    /// The gateway's id, or a digest of the body where it has none that we can read.
    pub id: String,
    /// The gateway's word for it; `unreadable` where there is none.
    pub kind: String,
    /// The API version it was made with.
    pub api_version: Option<String>,
    /// By the gateway's clock.
    pub created: Option<Timestamp>,
    /// Real money.
    pub livemode: Option<bool>,
    /// The id of the object that it is about.
    pub object: Option<String>,
    /// The raw body.
    pub raw: Vec<u8>,
    /// By our clock.
    pub received_at: Timestamp,
}

/// Whether an event was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Stored, and its job enqueued.
    New,
    /// It was here before; nothing was done.
    Duplicate,
}

/// Where events come in: stores the event and enqueues `orders::ProcessEvent` for it in one statement, so that an answer
/// of 200 means that the event cannot be lost.
pub trait EventInbox {
    /// Takes an event.
    fn take(&self, event: &IncomingEvent) -> impl Future<Output = Result<Taken, StoreError>> + Send;
}
