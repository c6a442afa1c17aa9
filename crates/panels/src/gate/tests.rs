//! The gate under a clock that stands still until it is moved.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderValue},
};

use super::*;

const PANEL: Limits = Limits { per_minute: 180, at_once: 4 };

fn answer(status: u16, headers: &[(&'static str, &str)]) -> HttpAnswer {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    HttpAnswer { status: StatusCode::from_u16(status).unwrap(), headers: all, body: Vec::new() }
}

/// A clock that is moved by hand.
struct Time {
    gate: Gate,
    now: Instant,
}

impl Time {
    fn of(limits: Limits) -> Self {
        let now = Instant::now();
        Self { gate: Gate::since(limits, now), now }
    }

    fn goes_on(&mut self, time: Duration) {
        self.now += time;
    }

    fn passes(&self, errand: Errand) -> bool {
        self.gate.admit(errand, self.now).is_ok()
    }

    /// When somebody who is turned away shall come back.
    fn after(&self, errand: Errand) -> Duration {
        match self.gate.admit(errand, self.now) {
            Err(ProviderError::Busy { after, .. }) => after,
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("it was let pass"),
        }
    }

    fn hears(&self, status: u16, headers: &[(&'static str, &str)]) {
        self.gate.heard(&answer(status, headers), self.now);
    }

    fn misses(&self) {
        self.gate.missed(self.now);
    }
}

#[test]
fn a_thousand_deliveries_drain_at_the_panels_speed_and_never_above_its_limit() {
    const CALLS: usize = 6;
    let mut time = Time::of(PANEL);
    let start = time.now;
    // When each order is due, as the queue keeps it: by time, then by number.
    let mut waiting: BTreeSet<(Instant, usize)> = (0..1000).map(|number| (start, number)).collect();
    let (mut calls, mut turned_away, mut delivered) = (VecDeque::new(), 0, BTreeSet::new());
    while let Some((due, number)) = waiting.pop_first() {
        time.now = time.now.max(due);
        if time.passes(Errand::Begins) {
            assert!(time.passes(Errand::GoesOn), "what began goes on");
            (0..CALLS).for_each(|_| time.gate.spend());
            calls.extend([time.now; CALLS]);
            assert!(delivered.insert(number));
        } else {
            turned_away += 1;
            waiting.insert((time.now + time.after(Errand::Begins), number));
        }
        while calls.front().is_some_and(|call| time.now.duration_since(*call) >= Duration::from_mins(1)) {
            calls.pop_front();
        }
        assert!(calls.len() <= 240, "{} calls in one minute", calls.len());
    }
    assert_eq!(delivered.len(), 1000);
    let (took, least) = (time.now.duration_since(start), Duration::from_secs(1000 * 6 / 3));
    assert!(took <= least * 4 / 3, "it took {took:?}, and the panel would have borne it in {least:?}");
    assert!(turned_away <= 3000, "{turned_away} knocked in vain");
}

#[test]
fn whoever_is_turned_away_has_a_place_in_the_line() {
    let mut time = Time::of(PANEL);
    (0..25).for_each(|_| time.gate.spend());
    let (first, second) = (time.after(Errand::Begins), time.after(Errand::Begins));
    assert!(first < second, "{first:?} {second:?}");
    assert!(time.passes(Errand::GoesOn), "what began goes on");
    assert!(time.passes(Errand::Tries), "an operator may look at any time");
    time.goes_on(first);
    assert!(time.passes(Errand::Begins));
}

#[test]
fn what_began_ends_before_something_new_begins() {
    let mut time = Time::of(PANEL);
    (0..20).for_each(|_| time.gate.spend());
    // A thousand wait in line; whoever looks after what began does not stand behind them.
    (0..1000).for_each(|_| drop(time.gate.admit(Errand::Begins, time.now)));
    assert!(time.after(Errand::Begins) > Duration::from_mins(10));
    assert!(time.after(Errand::Follows) < Duration::from_secs(2));
    time.goes_on(Duration::from_secs(1));
    assert!(!time.passes(Errand::Begins) && time.passes(Errand::Follows), "three calls are enough for a look");
}

#[test]
fn there_are_no_more_at_once_than_seats() {
    let time = Time::of(PANEL);
    let seats: Vec<_> = (0..4).map(|_| time.gate.admit(Errand::Begins, time.now).unwrap()).collect();
    assert!(time.after(Errand::GoesOn) >= SEAT);
    drop(seats);
    assert!(time.passes(Errand::GoesOn));
}

#[test]
fn a_panel_that_fails_is_left_alone_and_looked_at_by_one() {
    let mut time = Time::of(Limits { per_minute: 0, at_once: 4 });
    (0..4).for_each(|_| time.misses());
    time.hears(404, &[]);
    // A key that may not read nodes is told so at each checkout: servers are delivered all the same.
    (0..20).for_each(|_| time.hears(403, &[]));
    assert!(time.passes(Errand::Begins));
    for status in [500, 502, 401, 302] {
        time.hears(status, &[]);
        assert!(time.passes(Errand::Begins), "it answered in between: it is there");
    }
    time.misses();
    assert!(time.after(Errand::Begins) <= PAUSE.0 && time.after(Errand::GoesOn) <= PAUSE.0);
    assert!(time.passes(Errand::Tries));
    time.goes_on(PAUSE.0);
    assert!(time.passes(Errand::Begins), "one looks");
    assert!(time.after(Errand::Begins) > PAUSE.0, "and the others wait, longer than before");
    time.hears(200, &[]);
    assert!(time.passes(Errand::Begins), "it is back");
    (0..100).for_each(|_| time.hears(500, &[]));
    assert!(time.after(Errand::Begins) <= PAUSE.1, "it is looked at every five minutes at least");
}

#[test]
fn what_the_panel_says_of_its_own_count_is_kept() {
    let mut time = Time::of(PANEL);
    time.hears(429, &[("retry-after", "37")]);
    assert_eq!(time.after(Errand::GoesOn), Duration::from_secs(37));
    time.goes_on(Duration::from_secs(37));
    assert!(time.passes(Errand::Begins));
    // Somebody else uses the same allowance.
    time.hears(200, &[("x-ratelimit-remaining", "3")]);
    assert!(time.after(Errand::Begins) > Duration::from_secs(1));
}

/// An allowance in memory, under the same clock.
#[derive(Debug)]
struct Till(Mutex<(i64, Instant, Instant, bool)>);

impl Allowance for Till {
    fn take<'a>(&'a self, _: &'a str, take: Take) -> provisioning::BoxFuture<'a, Taken> {
        let mut till = self.0.lock().unwrap();
        let (has, since, now, there) = &mut *till;
        let earned = i64::try_from(now.duration_since(*since).as_millis()).unwrap() * i64::from(take.per_minute) / 60;
        (*has, *since) = ((*has + earned).min(take.burst * 1000), *now);
        let left = *has - take.calls * 1000;
        let taken = match (*there, left - take.least * 1000) {
            (false, _) => Taken::Unknown,
            (true, missing @ ..0) => Taken::Missing(-missing),
            (true, _) => {
                *has = left;
                Taken::All
            }
        };
        Box::pin(async move { taken })
    }
}

/// Three programs with a gate each, one till.
#[tokio::test]
async fn programs_that_share_stay_below_the_limit_together() {
    const CALLS: usize = 6;
    let start = Instant::now();
    let till = Arc::new(Till(Mutex::new((BURST * 1000, start, start, true))));
    let shared = || Some(Shared { panel: "games".to_owned(), allowance: Arc::clone(&till) as Arc<dyn Allowance> });
    let gates: Vec<Gate> = (0..3).map(|_| Gate::since(PANEL, start).sharing(shared())).collect();
    let mut now = start;
    let mut waiting: BTreeSet<(Instant, usize)> = (0..300).map(|number| (start, number)).collect();
    let (mut calls, mut delivered) = (VecDeque::new(), 0);
    while let Some((due, number)) = waiting.pop_first() {
        now = now.max(due);
        till.0.lock().unwrap().2 = now;
        let gate = &gates[number % 3];
        let passed = match gate.fetch(Errand::Begins, now).await {
            Ok(()) => gate.admit(Errand::Begins, now).map(drop),
            Err(error) => Err(error),
        };
        match passed {
            Ok(()) => {
                (0..CALLS).for_each(|_| gate.spend());
                calls.extend([now; CALLS]);
                delivered += 1;
            }
            Err(ProviderError::Busy { after, .. }) => drop(waiting.insert((now + after, number))),
            Err(error) => panic!("{error}"),
        }
        while calls.front().is_some_and(|call| now.duration_since(*call) >= Duration::from_mins(1)) {
            calls.pop_front();
        }
        assert!(calls.len() <= 240, "{} calls in one minute", calls.len());
    }
    assert_eq!(delivered, 300);
    assert!(now.duration_since(start) <= Duration::from_mins(10) * 4 / 3, "{:?}", now.duration_since(start));
}

#[tokio::test]
async fn where_nobody_can_be_asked_a_program_counts_by_itself() {
    let start = Instant::now();
    let till = Arc::new(Till(Mutex::new((0, start, start, true))));
    let shared = Shared { panel: "games".to_owned(), allowance: Arc::clone(&till) as Arc<dyn Allowance> };
    let gate = Gate::since(PANEL, start).sharing(Some(shared));
    assert!(gate.fetch(Errand::Begins, start).await.is_err(), "nothing is left");
    till.0.lock().unwrap().3 = false;
    gate.fetch(Errand::Begins, start).await.unwrap();
    assert!(gate.admit(Errand::Begins, start).is_err(), "it begins with nothing");
    let later = start + Duration::from_secs(4);
    gate.fetch(Errand::Begins, later).await.unwrap();
    assert!(gate.admit(Errand::Begins, later).is_ok(), "and earns by time");
}
