//! A few thousand orders in every test run; `scripts/simulate` runs a million.

use simulation::{Setting, Stage, run, run_all};

/// Worlds that were broken once: seed, what the plan was drawn by, buyers, and what it was.
const BROKEN_ONCE: &[(u64, Option<u64>, usize, &str)] = &[
    (147, None, 0, "a late answer of the gateway overwrote a payment that had succeeded"),
    (591, None, 0, "a cursor moved past an event that was still to come, by a clock that was ahead"),
    (1275, None, 0, "the same, and a payment that failed was never heard of"),
    (998, None, 0, "two workers with different clocks saw absence proven at once: two servers"),
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
    let all = run_all(false);
    assert_eq!(all.broken, []);
    let effects: u32 = all.effects.iter().sum();
    assert!(effects >= 200, "{:?} effects", all.effects);
    assert!(all.deeds >= u64::from(effects), "{} deeds", all.deeds);
}

#[test]
fn what_was_broken_once_holds() {
    let stage = Stage::new();
    for (seed, plan_of, orders, what) in BROKEN_ONCE {
        let setting = Setting { plan_of: *plan_of, orders: *orders, ..Setting::of_seed(*seed) };
        assert_eq!(run(&stage, &setting).broken, None, "seed {seed}: {what}");
    }
}

#[test]
fn a_seed_repeats_its_world_line_by_line() {
    let trace = || run(&Stage::new(), &Setting { trace: true, ..Setting::of_seed(4711) }).trace;
    let first = trace();
    assert!(first.len() > 50, "{} lines", first.len());
    assert_eq!(first, trace());
}
