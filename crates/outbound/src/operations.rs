//! Before a call and after it.

use chrono::Duration;
use kernel::{Env, Id, StoreError, entity};

use crate::{Absence, CallState, OutboundCall, OutboundStore, Purpose};

/// The longest outcome that is kept.
const LONGEST: usize = 500;

/// A call is about to be sent: on record once the caller's transaction commits, and only then may it be sent.
///
/// # Errors
/// The store's.
pub async fn about_to_call<S: OutboundStore>(
    store: &mut S,
    env: &Env,
    (purpose, key): (Purpose, &str),
    order: Option<Id<entity::Order>>,
) -> Result<OutboundCall, StoreError> {
    let now = env.now();
    let call = OutboundCall {
        key: key.to_owned(),
        purpose,
        order,
        state: CallState::Open,
        calls: 1,
        first_call_at: now,
        last_call_at: now,
        absent_since: None,
        detail: None,
    };
    store.open_call(&call).await
}

/// The call took effect; `detail` is what the other side calls its result. Unknown keys are left alone.
///
/// # Errors
/// The store's.
pub async fn happened<S: OutboundStore>(store: &mut S, key: &str, detail: &str) -> Result<(), StoreError> {
    store.settle_call(key, CallState::Done, &short(detail)).await
}

/// The call certainly took no effect; `detail` says why. What is known to have happened stays so.
///
/// # Errors
/// The store's.
pub async fn did_not_happen<S: OutboundStore>(store: &mut S, key: &str, detail: &str) -> Result<(), StoreError> {
    store.settle_call(key, CallState::NotDone, &short(detail)).await
}

fn short(detail: &str) -> String {
    detail.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

/// A look saw nothing on the other side: says whether that proves absence, and remembers the look. `settle` is how long
/// a call whose answer was lost may still take effect there.
///
/// # Errors
/// The store's.
pub async fn seen_absent<S: OutboundStore>(
    store: &mut S,
    env: &Env,
    key: &str,
    settle: Duration,
) -> Result<Absence, StoreError> {
    let Some(call) = store.lock_call(key).await? else { return Ok(Absence::Proven) };
    let now = env.now();
    if call.state == CallState::Open && call.absent_since.is_none() {
        store.note_absent(key, now).await?;
    }
    Ok(call.absence(now, settle))
}
