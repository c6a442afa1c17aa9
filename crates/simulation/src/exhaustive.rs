//! One order's life, broken at each of its effects in every way, and at every two of them.

use crate::{
    check::Broken,
    dice::WHOLE,
    fault::{Fault, Plan},
    script::{Deed, Script},
    world::{Setting, Stage, run},
};

/// Effects after the usual number that a second deed may strike: what recovering adds.
const RECOVERY: u32 = 12;

/// What the exhaustive runs came to.
#[derive(Debug, Clone, Default)]
pub struct Exhausted {
    /// Effects in each undisturbed life.
    pub effects: Vec<u32>,
    /// Worlds.
    pub runs: u64,
    /// Deeds that were done in them.
    pub deeds: u64,
    /// What broke, and where.
    pub broken: Vec<(Vec<(u32, Deed)>, Broken)>,
}

/// The worlds in which a single order lives: its server is ready at once, or is installed first; everything is done once,
/// or clicks, events and jobs come twice.
fn lives() -> Vec<Setting> {
    let once = Plan::CALM;
    let mut twice = Plan::CALM;
    for fault in [Fault::DoubleClick, Fault::WebhookDoubled, Fault::Redrive] {
        twice.set(fault, WHOLE);
    }
    let mut lives = Vec::new();
    for plan in [once, twice] {
        for seed in [1, 2] {
            lives.push(Setting { orders: 1, plan: Some(plan.clone()), all_pay: true, ..Setting::of_seed(seed) });
        }
    }
    lives
}

/// Which two deeds are done in one life, besides every single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// None.
    None,
    /// Every two, each in one of the lives.
    Spread,
    /// Every two, in each life.
    All,
}

/// Every single deed, and every two as `pairs` says. Each life on a thread of its own.
pub fn run_all(pairs: Pairs) -> Exhausted {
    let lives = lives();
    let shares = u32::try_from(lives.len()).unwrap_or(u32::MAX);
    std::thread::scope(|scope| {
        let share = |number: u32| match pairs {
            Pairs::None => None,
            Pairs::Spread => Some((number, shares)),
            Pairs::All => Some((0, 1)),
        };
        let running: Vec<_> =
            (0..).zip(&lives).map(|(number, life)| scope.spawn(move || run_life(life, share(number)))).collect();
        let mut all = Exhausted::default();
        for life in running {
            match life.join() {
                Ok(life) => all.join(life),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// Of the pairs the life takes those whose places come to its number, divided by the number of shares.
fn run_life(life: &Setting, share: Option<(u32, u32)>) -> Exhausted {
    let (stage, mut all) = (Stage::new(), Exhausted::default());
    let effects = play(&stage, life, Vec::new(), &mut all);
    all.effects = vec![effects];
    for first in 1..=effects {
        for deed in Deed::ALL {
            play(&stage, life, vec![(first, deed)], &mut all);
        }
    }
    if let Some(share) = share {
        play_pairs(&stage, life, (effects, share), &mut all);
    }
    all
}

impl Exhausted {
    fn join(&mut self, other: Self) {
        self.effects.extend(other.effects);
        self.runs += other.runs;
        self.deeds += other.deeds;
        self.broken.extend(other.broken);
    }
}

fn play_pairs(stage: &Stage, life: &Setting, (effects, (own, shares)): (u32, (u32, u32)), all: &mut Exhausted) {
    for first in 1..=effects {
        for second in (first + 1..=effects + RECOVERY).filter(|second| (first + second) % shares == own) {
            for one in Deed::ALL {
                for other in Deed::ALL {
                    play(stage, life, vec![(first, one), (second, other)], all);
                }
            }
        }
    }
}

/// One life; how many effects it had.
fn play(stage: &Stage, life: &Setting, deeds: Vec<(u32, Deed)>, all: &mut Exhausted) -> u32 {
    let setting = Setting { script: Script::new(deeds.clone()), ..life.clone() };
    let outcome = run(stage, &setting);
    all.runs += 1;
    all.deeds += outcome.deeds as u64;
    if let Some(broken) = outcome.broken {
        all.broken.push((deeds, broken));
    }
    outcome.effects
}
