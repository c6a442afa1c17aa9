//! Ids and secrets come from the surroundings that a test decides.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{collections::BTreeSet, sync::Arc};

use kernel::{Clock, Env, Id, Timestamp, entity::Order};
use secrecy::ExposeSecret;

struct At(i64);
impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_timestamp(self.0, 123_456_789).unwrap()
    }
}

#[test]
fn the_same_seed_gives_the_same_ids_and_another_seed_others() {
    let ids = |seed| -> Vec<Id<Order>> {
        let mut env = Env::with(Arc::new(At(1_768_478_400)), seed);
        (0..5).map(|_| env.id()).collect()
    };
    assert_eq!(ids(1), ids(1));
    assert_ne!(ids(1), ids(2));
    assert_eq!(ids(1).iter().collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn ids_are_ordered_by_time() {
    let at = |seconds| Env::with(Arc::new(At(seconds)), 1).id::<Order>();
    assert!(at(1_768_478_400) < at(1_768_478_401));
    assert_eq!(at(1_768_478_400).uuid().get_version_num(), 7);
}

#[test]
fn time_is_kept_to_what_the_database_keeps() {
    let env = Env::with(Arc::new(At(10)), 1);
    assert_eq!(env.now().timestamp_subsec_nanos(), 123_456_000);
}

#[test]
fn secrets_are_long_mixed_and_not_the_same_twice() {
    let mut env = Env::system();
    let mut seen = BTreeSet::new();
    for _ in 0..200 {
        let secret = env.secret(16);
        let text = secret.expose_secret();
        assert_eq!(text.chars().count(), 16);
        assert!(text.chars().any(|c| c.is_ascii_digit()) && text.chars().any(|c| c.is_ascii_alphabetic()));
        assert!(text.chars().any(|c| c.is_ascii_punctuation()), "{text}");
        assert!(seen.insert(text.to_owned()));
    }
    assert_eq!(env.token().expose_secret().len(), 64);
    assert!(!format!("{:?}", env.secret(16)).contains(seen.first().unwrap()));
}
