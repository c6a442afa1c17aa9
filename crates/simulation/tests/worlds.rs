//! A few thousand orders in every test run; `scripts/simulate` runs a million.

use simulation::{Pairs, Setting, Stage, run, run_all};

/// Worlds that are broken when a safeguard is left out, the rarer of them.
const NEEDS: &[(u64, &str)] = &[
    (956, "stale-payment-is-saved"),
    (7, "absence-seen-once"),
    (4, "no-sweep-of-missed"),
    (225, "refund-goes-back"),
    (128, "no-sweep-of-ledger"),
    (591, "dead-event-is-silent"),
    (22, "no-revival"),
    // Too rare for the search: one order of a million.
    (60_329, "failure-hits-any-attempt"),
];

#[test]
fn a_few_thousand_orders_under_faults_end_as_they_must() {
    let stage = Stage::new();
    let (mut orders, mut faults) = (0, 0);
    for seed in 10_000..10_200 {
        let outcome = run(&stage, &Setting::of_seed(seed));
        assert_eq!(outcome.broken, None, "scripts/simulate replay {seed}");
        orders += outcome.orders;
        faults += outcome.seen.all_faults();
    }
    assert!(orders > 1400, "{orders} orders");
    assert!(faults > orders, "{faults} faults among {orders} orders");
}

#[test]
fn one_orders_life_survives_every_deed_at_every_effect() {
    let all = run_all(Pairs::None);
    assert_eq!(all.broken, []);
    let effects: u32 = all.effects.iter().sum();
    assert!(effects >= 200, "{:?} effects", all.effects);
    assert!(all.deeds >= u64::from(effects), "{} deeds", all.deeds);
}

#[test]
fn worlds_that_need_a_safeguard_hold_with_it() {
    let stage = Stage::new();
    for (seed, bug) in NEEDS {
        assert_eq!(
            run(&stage, &Setting::of_seed(*seed)).broken,
            None,
            "seed {seed}, which needs what {bug} leaves out"
        );
    }
}

/// `RUSTFLAGS="--cfg planted" cargo test -p hostwright-simulation`
#[cfg(planted)]
#[test]
fn worlds_that_need_a_safeguard_break_without_it() {
    let stage = Stage::new();
    for (seed, bug) in NEEDS {
        kernel::plant(bug);
        let broken = run(&stage, &Setting::of_seed(*seed)).broken;
        kernel::plant("");
        assert!(broken.is_some(), "seed {seed} holds with {bug} planted");
    }
}

#[test]
fn a_seed_repeats_its_world_line_by_line() {
    let trace = || run(&Stage::new(), &Setting { trace: true, ..Setting::of_seed(4711) }).trace;
    let first = trace();
    assert!(first.len() > 50, "{} lines", first.len());
    assert_eq!(first, trace());
}
