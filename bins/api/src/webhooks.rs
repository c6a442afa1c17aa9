//! What became of webhooks: counted as they come, told once a second.
//!
//! A line for each that is refused would let a forger fill the disk; so refusals are counted by reason, and one line a
//! second says how many there were.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::rt;
use infra::stripe::SignatureError;

/// How often refusals are told.
const PERIOD: Duration = Duration::from_secs(1);

/// Why one was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No signature, or none in Stripe's form.
    Unsigned,
    /// Not signed with a secret of ours, or changed on the way.
    Mismatch,
    /// Signed too long ago, or in the future.
    OutOfTime,
    /// No secret is configured.
    NoSecret,
    /// Larger than an event can be.
    TooLarge,
}

impl From<SignatureError> for Refusal {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Malformed | SignatureError::NoSignature => Self::Unsigned,
            SignatureError::Mismatch => Self::Mismatch,
            SignatureError::TooOld | SignatureError::InFuture => Self::OutOfTime,
            SignatureError::NoSecret => Self::NoSecret,
        }
    }
}

/// How many came since the process started.
#[derive(Debug, Default)]
pub(crate) struct WebhookCounts {
    received: AtomicU64,
    duplicates: AtomicU64,
    unsigned: AtomicU64,
    mismatch: AtomicU64,
    out_of_time: AtomicU64,
    no_secret: AtomicU64,
    too_large: AtomicU64,
    told: AtomicU64,
}

/// The task that tells of refusals; ends when dropped.
pub(crate) struct Reporting(rt::task::JoinHandle<()>);

impl Drop for Reporting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl WebhookCounts {
    /// One was stored.
    pub(crate) fn received(&self) {
        self.received.fetch_add(1, Ordering::Relaxed);
    }

    /// One had come before.
    pub(crate) fn duplicate(&self) {
        self.duplicates.fetch_add(1, Ordering::Relaxed);
    }

    /// One was refused.
    pub(crate) fn refused(&self, why: Refusal) {
        self.count(why).fetch_add(1, Ordering::Relaxed);
    }

    const fn count(&self, why: Refusal) -> &AtomicU64 {
        match why {
            Refusal::Unsigned => &self.unsigned,
            Refusal::Mismatch => &self.mismatch,
            Refusal::OutOfTime => &self.out_of_time,
            Refusal::NoSecret => &self.no_secret,
            Refusal::TooLarge => &self.too_large,
        }
    }

    /// Received, duplicates among them not counted; duplicates; not signed as they should be.
    pub(crate) fn read(&self) -> [u64; 3] {
        let signature = [Refusal::Unsigned, Refusal::Mismatch, Refusal::OutOfTime, Refusal::NoSecret];
        let rejected = signature.map(|why| self.count(why).load(Ordering::Relaxed)).iter().sum();
        [self.received.load(Ordering::Relaxed), self.duplicates.load(Ordering::Relaxed), rejected]
    }

    /// Tells of refusals for as long as the returned task lives.
    pub(crate) fn keep_reported(counts: &Arc<Self>) -> Reporting {
        let counts = Arc::clone(counts);
        Reporting(rt::spawn(async move {
            loop {
                rt::time::sleep(PERIOD).await;
                counts.report();
            }
        }))
    }

    /// One line, if any were refused since the last. Neither bodies nor headers: a forger must not write into the log.
    fn report(&self) {
        let [_, _, signature] = self.read();
        let too_large = self.too_large.load(Ordering::Relaxed);
        let all = signature.saturating_add(too_large);
        let new = all.saturating_sub(self.told.swap(all, Ordering::Relaxed));
        if new == 0 {
            return;
        }
        tracing::warn!(
            webhooks.refused = new,
            total.unsigned = self.unsigned.load(Ordering::Relaxed),
            total.mismatch = self.mismatch.load(Ordering::Relaxed),
            total.out_of_time = self.out_of_time.load(Ordering::Relaxed),
            total.no_secret = self.no_secret.load(Ordering::Relaxed),
            total.too_large = too_large,
            "refused webhooks"
        );
    }
}
