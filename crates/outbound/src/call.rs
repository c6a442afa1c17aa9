//! One call, or several under the same key, and what may have come of it.

use chrono::Duration;
use kernel::{Id, Timestamp, entity};

/// Stripe may forget an idempotency key once it is 24 hours old (docs.stripe.com/api/idempotent_requests). An hour before,
/// a repeated call counts as a new one and is reconciled by lookup instead.
pub const STRIPE_KEY_LIFE: Duration = Duration::hours(23);

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A payment page.
    CreateSession,
    /// Money back.
    Refund,
    /// A service at a provider.
    CreateService,
}

impl Purpose {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateSession => "create-session",
            Self::Refund => "refund",
            Self::CreateService => "create-service",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::CreateSession, Self::Refund, Self::CreateService].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// What is known of a call's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// It was about to be sent. It may have taken effect, or may still do so.
    Open,
    /// It took effect.
    Done,
    /// It certainly did not take effect.
    NotDone,
}

impl CallState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::NotDone => "not-done",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::NotDone].into_iter().find(|state| state.as_str() == text)
    }
}

/// The intent of a call and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundCall {
    /// The idempotency key, or the natural key under which the other side keeps what it makes.
    pub key: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The order behind it.
    pub order: Option<Id<entity::Order>>,
    /// What is known of its effect.
    pub state: CallState,
    /// How often it was sent, or was about to be.
    pub calls: i32,
    /// When it was first about to be sent.
    pub first_call_at: Timestamp,
    /// When it was last about to be sent.
    pub last_call_at: Timestamp,
    /// Since when looks have seen nothing, while its effect is open.
    pub absent_since: Option<Timestamp>,
    /// What the other side calls its result, or why there is none.
    pub detail: Option<String>,
}

/// What seeing nothing on the other side means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// It may be made.
    Proven,
    /// Look again after this time; until then nothing may be made.
    NotYet(Duration),
}

impl OutboundCall {
    /// The key is so old that the gateway may have forgotten it.
    pub fn key_is_stale(&self, now: Timestamp) -> bool {
        now - self.first_call_at >= STRIPE_KEY_LIFE
    }

    /// What a look at `now` that saw nothing means. Absence is proven at once where no call is open; else by two looks
    /// `settle` apart, both after the last call: a request that timed out may still be waiting on the other side.
    pub fn absence(&self, now: Timestamp, settle: Duration) -> Absence {
        if self.state != CallState::Open {
            return Absence::Proven;
        }
        let left = match self.absent_since {
            Some(since) => settle - (now - since),
            None => settle,
        };
        if left <= Duration::zero() { Absence::Proven } else { Absence::NotYet(left) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::seconds(60);

    fn call(state: CallState, absent_since: Option<i64>) -> OutboundCall {
        let at = |seconds| Timestamp::UNIX_EPOCH + Duration::seconds(seconds);
        OutboundCall {
            key: "svc_1".to_owned(),
            purpose: Purpose::CreateService,
            order: None,
            state,
            calls: 1,
            first_call_at: at(0),
            last_call_at: at(0),
            absent_since: absent_since.map(at),
            detail: None,
        }
    }

    #[test]
    fn absence_after_an_open_call_is_proven_by_two_looks_a_minute_apart() {
        let at = |seconds| Timestamp::UNIX_EPOCH + Duration::seconds(seconds);
        let open = |since| call(CallState::Open, since);
        assert_eq!(open(None).absence(at(3600), SETTLE), Absence::NotYet(SETTLE), "the first look proves nothing");
        assert_eq!(open(Some(10)).absence(at(69), SETTLE), Absence::NotYet(Duration::seconds(1)));
        assert_eq!(open(Some(10)).absence(at(70), SETTLE), Absence::Proven);
        assert_eq!(call(CallState::NotDone, None).absence(at(1), SETTLE), Absence::Proven);
    }

    #[test]
    fn a_key_is_stale_after_23_hours() {
        let call = call(CallState::Open, None);
        assert!(!call.key_is_stale(call.first_call_at + Duration::minutes(22 * 60 + 59)));
        assert!(call.key_is_stale(call.first_call_at + Duration::hours(23)));
    }
}
