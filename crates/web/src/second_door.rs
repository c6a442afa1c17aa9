//! How often an order's page may ask the gateway itself, when the webhook does not come.
//!
//! In-process on purpose: two processes asking once each does no harm, since the answer is recorded under the order's
//! lock and changes nothing the second time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chrono::Duration;
use kernel::{Id, Timestamp, entity};

/// Least time between two questions about one order; doubled with each, so that a page that is left open asks less.
const FIRST_PAUSE: Duration = Duration::seconds(10);
/// So often the pause is doubled: ten minutes at last.
const DOUBLINGS: u32 = 6;
/// After this time without a question an order is forgotten.
const MEMORY: Duration = Duration::hours(1);
/// Orders asked about within the first pause, so that strangers cannot make us flood the gateway.
const MOST: usize = 64;

/// When an order was last asked about, and how often.
#[derive(Debug, Clone, Copy)]
struct Asked {
    at: Timestamp,
    times: u32,
}

/// Who knocked when.
#[derive(Debug, Default)]
pub(crate) struct SecondDoor(Mutex<BTreeMap<Id<entity::Order>, Asked>>);

impl SecondDoor {
    /// Whether the gateway may be asked about this order now. A yes counts as asked.
    pub(crate) fn may_ask(&self, order: Id<entity::Order>, now: Timestamp) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |at: Timestamp| now.signed_duration_since(at);
        asked.retain(|_, last| since(last.at) < MEMORY);
        let before = asked.get(&order).copied();
        let rested = before.is_none_or(|last| since(last.at) >= pause(last.times));
        let recent = asked.values().filter(|last| since(last.at) < FIRST_PAUSE).count();
        if !rested || recent >= MOST {
            return false;
        }
        asked.insert(order, Asked { at: now, times: before.map_or(1, |last| last.times.saturating_add(1)) });
        true
    }
}

/// The time to wait after so many questions.
fn pause(times: u32) -> Duration {
    FIRST_PAUSE * (1 << times.saturating_sub(1).min(DOUBLINGS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_asked_about_ever_more_rarely() {
        let door = SecondDoor::default();
        let mut env = orders::testing::env(1);
        let (begin, order) = (env.now(), env.id());
        let asked: Vec<i64> =
            (0..1000).filter(|second| door.may_ask(order, begin + Duration::seconds(*second))).collect();
        assert_eq!(asked, [0, 10, 30, 70, 150, 310, 630]);
        assert_eq!(pause(u32::MAX), Duration::seconds(640));
        assert!(door.may_ask(order, begin + Duration::hours(3)));
    }

    #[test]
    fn strangers_cannot_flood_the_gateway() {
        let door = SecondDoor::default();
        let mut env = orders::testing::env(1);
        let now = env.now();
        let allowed = (0..200).filter(|_| door.may_ask(env.id(), now)).count();
        assert_eq!(allowed, MOST);
        assert!(door.may_ask(env.id(), now + FIRST_PAUSE));
    }
}
