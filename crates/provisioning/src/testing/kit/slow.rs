//! An answer that takes its time.

use std::time::Duration;

use super::Stage;
use crate::{Lookup, ProviderError};

/// How long a panel may truly take to make something: longer than most clients wait, shorter than the slowest panel needs.
pub const SLOW_ANSWER: Duration = Duration::from_secs(40);

/// A create that is answered after [`SLOW_ANSWER`] is waited for, or is in doubt and then found; it is never a failure, and
/// makes one thing. Apart from the suite, since it takes that long.
///
/// # Panics
/// When the provider does not conform, or when its stage cannot be slow.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
pub async fn provider_waits(stage: &dyn Stage) {
    let (provider, order) = (stage.provider(), stage.order(1));
    assert!(stage.slow(SLOW_ANSWER).await, "its stage can be slow");
    match provider.create(&order).await {
        Ok(_) | Err(ProviderError::Unknown { .. }) => {}
        Err(error) => panic!("a slow answer is no failure: {error}"),
    }
    assert!(matches!(provider.find(&order).await.unwrap(), Lookup::Ours(_)), "it took effect, so it is found");
    provider.create(&order).await.unwrap();
    assert_eq!(stage.truth(order.service).await, 1);
}
