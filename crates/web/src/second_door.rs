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

/// Least time between two questions about one order.
const PAUSE: Duration = Duration::seconds(10);
/// Orders asked about within one pause, so that strangers cannot make us flood the gateway.
const MOST: usize = 64;

/// Who knocked when.
#[derive(Debug, Default)]
pub(crate) struct SecondDoor(Mutex<BTreeMap<Id<entity::Order>, Timestamp>>);

impl SecondDoor {
    /// Whether the gateway may be asked about this order now. A yes counts as asked.
    pub(crate) fn may_ask(&self, order: Id<entity::Order>, now: Timestamp) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| now.signed_duration_since(*at) < PAUSE);
        if asked.contains_key(&order) || asked.len() >= MOST {
            return false;
        }
        asked.insert(order, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_asked_about_once_per_pause_and_strangers_cannot_flood() {
        let door = SecondDoor::default();
        let mut env = orders::testing::env(1);
        let (now, first) = (env.now(), env.id());
        assert!(door.may_ask(first, now));
        assert!(!door.may_ask(first, now + Duration::seconds(9)));
        assert!(door.may_ask(first, now + Duration::seconds(10)));
        let later = now + Duration::seconds(30);
        let allowed = (0..200).filter(|_| door.may_ask(env.id(), later)).count();
        assert_eq!(allowed, MOST);
    }
}
