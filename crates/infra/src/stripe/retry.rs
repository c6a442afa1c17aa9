//! When a call is tried again, and after which pause: the rule of Stripe's own libraries (stripe-node and stripe-python),
//! and longer pauses where Stripe says that we ask too much.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use super::failure::{CallError, Seen};
use crate::http::Sent;

/// Tries in all.
const TRIES: u32 = 3;

/// The pauses between tries: doubled from the first up to the most, then shortened at random by up to a half, but never
/// below the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPace {
    /// After the first try that failed.
    pub first: Duration,
    /// At most.
    pub most: Duration,
    /// After the first answer 429.
    pub busy_first: Duration,
    /// At most after a 429, whatever `Retry-After` says: somebody waits for us.
    pub busy_most: Duration,
}

impl Default for RetryPace {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            most: Duration::from_secs(5),
            busy_first: Duration::from_secs(2),
            busy_most: Duration::from_secs(10),
        }
    }
}

impl RetryPace {
    /// No pauses, for tests.
    pub const NONE: Self =
        Self { first: Duration::ZERO, most: Duration::ZERO, busy_first: Duration::ZERO, busy_most: Duration::ZERO };

    /// The pause before another try; `None` when there shall be none. `seed` tells calls apart, so that many that failed
    /// together do not come back together.
    pub(super) fn next(&self, error: &CallError, tries: u32, seed: &str) -> Option<Duration> {
        if tries >= TRIES {
            return None;
        }
        let usual = (self.first, self.most);
        let busy = (self.busy_first, self.busy_most);
        let (first, most) = match &error.seen {
            Seen::NoAnswer(error) if error.sent == Sent::Forbidden => return None,
            Seen::NoAnswer(_) => usual,
            Seen::Unreadable(_) => return None,
            Seen::Refused(refusal) => match (refusal.should_retry, refusal.status) {
                _ if refusal.is_key_reuse() => return None,
                (Some(false), _) => return None,
                (_, 429) => busy,
                (Some(true), _) | (None, 409 | 500..) => usual,
                (None, _) => return None,
            },
        };
        let asked = error.refusal().and_then(|refusal| refusal.retry_after).unwrap_or_default().min(most);
        let doubled = first.saturating_mul(1 << (tries - 1).min(16)).min(most);
        Some(jittered(doubled, tries, seed).max(first).max(asked))
    }
}

/// Between a half and all of it.
fn jittered(pause: Duration, tries: u32, seed: &str) -> Duration {
    let mut hasher = DefaultHasher::new();
    (seed, tries).hash(&mut hasher);
    let part = u32::try_from(hasher.finish() % 1024).unwrap_or(0);
    pause / 2 + pause / 2 * part / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::HttpError, stripe::failure::Refusal};

    fn answered(status: u16, should_retry: Option<bool>) -> CallError {
        CallError::refused(Refusal {
            status,
            kind: None,
            code: None,
            message: None,
            request_id: None,
            replayed: false,
            should_retry,
            retry_after: None,
        })
    }

    fn again(error: &CallError) -> bool {
        RetryPace::default().next(error, 1, "seed").is_some()
    }

    #[test]
    fn statuses_that_are_tried_again() {
        for (status, expected) in [
            (302, false),
            (400, false),
            (401, false),
            (402, false),
            (404, false),
            (409, true),
            (429, true),
            (500, true),
            (503, true),
        ] {
            assert_eq!(again(&answered(status, None)), expected, "{status}");
        }
    }

    #[test]
    fn what_stripe_says_about_it_counts_more_than_the_status() {
        assert!(again(&answered(400, Some(true))));
        assert!(!again(&answered(500, Some(false))));
        assert!(!again(&answered(429, Some(false))));
    }

    #[test]
    fn a_reused_key_is_never_tried_again() {
        let mut error = answered(409, Some(true));
        if let Seen::Refused(refusal) = &mut error.seen {
            refusal.kind = Some("idempotency_error".to_owned());
        }
        assert!(!again(&error));
    }

    #[test]
    fn there_are_three_tries() {
        let error = CallError::from(HttpError { sent: Sent::NotSent, detail: String::new() });
        let pace = RetryPace::default();
        assert_eq!((1..=4).filter(|tries| pace.next(&error, *tries, "seed").is_some()).count(), 2);
    }

    #[test]
    fn a_forbidden_address_is_not_tried_again() {
        let error = CallError::from(HttpError { sent: Sent::Forbidden, detail: String::new() });
        assert_eq!(RetryPace::default().next(&error, 1, "seed"), None);
    }

    #[test]
    fn pauses_stay_within_their_bounds() {
        let pace = RetryPace::default();
        for seed in 0..200 {
            let seed = format!("order-{seed}");
            let second = pace.next(&answered(500, None), 2, &seed).unwrap_or_default();
            assert!((pace.first..=Duration::from_secs(1)).contains(&second), "{second:?}");
            let busy = pace.next(&answered(429, None), 2, &seed).unwrap_or_default();
            assert!((pace.busy_first..=Duration::from_secs(4)).contains(&busy), "{busy:?}");
        }
    }

    #[test]
    fn retry_after_is_obeyed_up_to_a_bound() {
        let pace = RetryPace::default();
        let asking = |seconds| {
            let mut error = answered(429, None);
            if let Seen::Refused(refusal) = &mut error.seen {
                refusal.retry_after = Some(Duration::from_secs(seconds));
            }
            pace.next(&error, 1, "seed")
        };
        assert_eq!(asking(7), Some(Duration::from_secs(7)));
        assert_eq!(asking(3600), Some(pace.busy_most));
    }
}
