//! Taking in what the gateway sends.

use checkout::{EventInbox, PaymentGateway, Taken};
use kernel::{StoreError, planted};

use crate::Shop;

/// Stores a body whose signature was verified, and enqueues its processing, in one statement. Nothing is decided here:
/// whatever was signed is kept, also what cannot be read.
///
/// # Errors
/// The store's; the caller then answers 503 and the gateway sends it again.
pub async fn take_event<W: Shop>(world: &W, raw: &[u8]) -> Result<(String, Taken), StoreError> {
    let event = world.gateway().envelope(raw, world.env().now());
    let taken = match world.db().take(&event).await {
        Err(_) if planted("taken-before-stored") => Taken::Duplicate,
        taken => taken?,
    };
    Ok((event.id, taken))
}
