//! From a world that fails to the smallest one that still does.

use crate::{
    check::Rule,
    fault::Plan,
    world::{Outcome, Setting, Stage, run},
};

/// Other seeds that are tried for a smaller world.
const SEEDS: u64 = 400;

/// A world that fails, made small.
#[derive(Debug, Clone)]
pub struct Small {
    /// Which world.
    pub setting: Setting,
    /// What came of it, with its trace.
    pub outcome: Outcome,
}

/// Leaves out kinds of faults, then buyers, as long as the same rule is broken. `None` when the world does not fail.
pub fn shrink(stage: &Stage, setting: &Setting) -> Option<Small> {
    let rule = broken_rule(stage, setting)?;
    let mut small = setting.clone();
    if small.plan.is_none() {
        small.plan_of = Some(small.plan_of.unwrap_or(small.seed));
    }
    for fault in Plan::of(&small).kinds() {
        let mut fewer = small.clone();
        fewer.without.push(fault);
        if let Some(found) = find(stage, &fewer, rule, SEEDS / 20) {
            small = found;
        }
    }
    for orders in 1..=12 {
        let fewer = Setting { orders, ..small.clone() };
        if let Some(found) = find(stage, &fewer, rule, SEEDS) {
            small = found;
            break;
        }
    }
    small.trace = true;
    let outcome = run(stage, &small);
    Some(Small { setting: small, outcome })
}

fn broken_rule(stage: &Stage, setting: &Setting) -> Option<Rule> {
    run(stage, setting).broken.map(|broken| broken.rule)
}

/// This world or one of the next seeds.
fn find(stage: &Stage, setting: &Setting, rule: Rule, seeds: u64) -> Option<Setting> {
    let tries = (0..seeds).map(|off| Setting { seed: setting.seed + off, ..setting.clone() });
    let mut failing = tries.filter(|setting| broken_rule(stage, setting) == Some(rule));
    failing.next()
}
