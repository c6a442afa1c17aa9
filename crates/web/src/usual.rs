//! How long setting up usually takes, from the shop's own figures, kept for a minute: every waiting page asks each second.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use catalog::ProductKind;
use chrono::Duration;
use kernel::Timestamp;

use crate::site::Site;

/// How old a figure may be.
const FRESH: Duration = Duration::minutes(1);

/// When it was read, and what was read.
type Kept = (Timestamp, Option<Duration>);

/// The last readings. Each process has its own: nothing is decided by them.
#[derive(Debug, Default)]
pub(crate) struct Usual(Mutex<HashMap<ProductKind, Kept>>);

impl Usual {
    /// The usual time from payment to a running service of this kind; `None` where too few were delivered, or it cannot be
    /// read: a page is shown without it then.
    pub(crate) async fn read<W: Site>(&self, world: &W, kind: ProductKind) -> Option<Duration> {
        let now = world.env().now();
        let fresh = |(at, _): &Kept| now.signed_duration_since(*at) < FRESH;
        if let Some((_, known)) = self.with(|kept| kept.get(&kind).copied().filter(fresh)) {
            return known;
        }
        let read = world.usual_delivery(kind).await;
        let known = read.inspect_err(|error| tracing::warn!(error = %error, "the usual time cannot be read")).ok()?;
        self.with(|kept| kept.insert(kind, (now, known)));
        known
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<ProductKind, Kept>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
