//! What every store of limits does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]

use std::net::IpAddr;

use chrono::Duration;
use kernel::{EmailAddress, Id, Timestamp, entity};

use crate::{Attempt, Decision, LimitKey, LimitStore, Limits, RULES, Refusal};

const HERE: &str = "192.0.2.1";
const THERE: &str = "2001:db8::1";

struct Suite<'a, S> {
    store: &'a S,
    limits: Limits,
    begin: Timestamp,
}

impl<S: LimitStore> Suite<'_, S> {
    async fn refusals(&self, attempt: &Attempt<'_>, ip: &str, millis: i64) -> Vec<Refusal> {
        let ip: IpAddr = ip.parse().unwrap();
        let now = self.begin + Duration::milliseconds(millis);
        self.store.take(&self.limits.charges(attempt, Some(ip)), Some(now)).await.unwrap()
    }

    async fn tries(&self, attempt: &Attempt<'_>, ip: &str, millis: i64) -> Decision {
        Decision::of(&self.refusals(attempt, ip, millis).await)
    }
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

/// The suite. `store` is empty, and `begin` an instant of the suite's choice from then on.
///
/// # Panics
/// When the store does otherwise.
pub async fn store_conforms<S: LimitStore>(store: &S, begin: Timestamp) {
    let suite = Suite { store, limits: Limits::on(LimitKey::new([7; 32])), begin };
    assert_eq!(store.take(&[], Some(begin)).await.unwrap(), [], "nothing to count");
    one_place_is_bounded_before_the_account(&suite).await;
    a_refusal_takes_nothing(&suite).await;
    refusals_are_news_once(&suite).await;
}

/// Ten tries at once from one place, then one every thirty seconds; elsewhere the account can still be tried.
async fn one_place_is_bounded_before_the_account<S: LimitStore>(suite: &Suite<'_, S>) {
    let ada = address("ada@example.com");
    let sign_in = Attempt::SignIn(&ada);
    for _ in 0..10 {
        assert_eq!(suite.tries(&sign_in, HERE, 0).await, Decision::Allowed);
    }
    assert_eq!(suite.tries(&sign_in, HERE, 0).await, Decision::Wait(30));
    assert_eq!(suite.tries(&sign_in, HERE, 1).await, Decision::Wait(30), "whole seconds, and enough of them");
    assert_eq!(suite.tries(&sign_in, HERE, 29_000).await, Decision::Wait(1));
    assert_eq!(suite.tries(&sign_in, HERE, 29_999).await, Decision::Wait(1), "never more than it takes");
    assert_eq!(suite.tries(&sign_in, HERE, 30_000).await, Decision::Allowed);
    assert_eq!(suite.tries(&sign_in, HERE, 30_000).await, Decision::Wait(30));
    assert_eq!(suite.tries(&sign_in, THERE, 30_000).await, Decision::Allowed);
    let eve = address("eve@example.com");
    assert_eq!(suite.tries(&Attempt::SignIn(&eve), HERE, 30_000).await, Decision::Allowed);
    let late = i64::from(RULES.iter().map(crate::Rule::refill).max().unwrap()) * 1000 + 30_000;
    for _ in 0..10 {
        assert_eq!(suite.tries(&sign_in, HERE, late).await, Decision::Allowed, "full again, and not fuller");
    }
    assert_eq!(suite.tries(&sign_in, HERE, late).await, Decision::Wait(30));
}

/// Where one bucket has no try left, the others keep theirs.
async fn a_refusal_takes_nothing<S: LimitStore>(suite: &Suite<'_, S>) {
    let bob = address("bob@example.com");
    for _ in 0..5 {
        assert_eq!(suite.tries(&Attempt::Mail(&bob), HERE, 0).await, Decision::Allowed);
    }
    for _ in 0..50 {
        assert_eq!(suite.tries(&Attempt::Mail(&bob), HERE, 0).await, Decision::Wait(600));
    }
    for number in 0..15 {
        let other = address(&format!("other{number}@example.com"));
        assert_eq!(suite.tries(&Attempt::Mail(&other), HERE, 0).await, Decision::Allowed, "{number}");
    }
    let last = address("last@example.com");
    assert_eq!(suite.tries(&Attempt::Mail(&last), HERE, 0).await, Decision::Wait(60), "the network's own");
    assert_eq!(suite.tries(&Attempt::Mail(&bob), HERE, 0).await, Decision::Wait(600), "the longer one counts");
}

/// The first refusal is news, those that follow are not, until the bucket could have filled.
async fn refusals_are_news_once<S: LimitStore>(suite: &Suite<'_, S>) {
    let user: Id<entity::User> = "usr_0198c0ffee0070008000000000000001".parse().unwrap();
    let code = Attempt::SecondFactor(user);
    for _ in 0..5 {
        assert_eq!(suite.tries(&code, HERE, 0).await, Decision::Allowed);
    }
    let mut told = Vec::new();
    for second in (0..900).step_by(10) {
        let refusals = suite.refusals(&code, HERE, second * 1000).await;
        told.extend(refusals.iter().filter(|refusal| refusal.news).map(|_| second));
    }
    assert_eq!(told, [0, 310, 610], "once in the five minutes that it takes to fill");
}
