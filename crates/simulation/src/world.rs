//! One made-up world, from its first buyer to its rest.

use std::{rc::Rc, sync::Arc};

use accounts::{KnownWords, WelcomeMail};
use audit::{ChainKey, PseudonymKey};
use limits::Limits;
use notify::{Brand, Renderer};
use orders::{Links, testing::MemoryStore};

use crate::{
    check::{Broken, Checker, Rule},
    core::{Core, HOUR, MINUTE, Micros, SECOND, State, Who},
    dice::Dice,
    exec::Executor,
    fault::{Fault, Plan},
    gateway::Ledger,
    mailbox::Mailbox,
    panel::Panel,
    script::Script,
    seen::Seen,
    shop::{Fixed, World},
    spawn::Spawn,
    sweeping::Sweeps,
};

/// What worlds share: templates and the catalogue, which never change.
pub struct Stage {
    fixed: Rc<Fixed>,
    store: MemoryStore,
}

const CATALOG: &str = include_str!("catalog.toml");

impl Stage {
    /// Sets the stage.
    ///
    /// # Panics
    /// When a mail template is broken.
    #[allow(clippy::expect_used, reason = "the harness ends here, before anything was simulated")]
    pub fn new() -> Self {
        let site = "https://shop.example".to_owned();
        let brand = Brand {
            shop_name: "Shop".to_owned(),
            site_url: site.clone(),
            support_email: "help@shop.example".to_owned(),
            colours: notify::Colours::default(),
        };
        let renderer = Renderer::new().expect("the templates are right").repeating();
        let (pseudonyms, chain_key) = (PseudonymKey::new([1; 32]), ChainKey::new("fake", [2; 32]));
        // What is simulated are orders that were let in.
        let (limits, links) = (Limits::off(), Links::new(site));
        let fixed = Rc::new(Fixed {
            known_words: KnownWords::default(),
            pseudonyms,
            chain_key,
            limits,
            links,
            brand,
            renderer,
        });
        let store = MemoryStore { catalog: catalog::testing::catalog_of(CATALOG), ..MemoryStore::default() };
        Self { fixed, store }
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// Which world.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Everything that is left to chance.
    pub seed: u64,
    /// How many buyers.
    pub orders: usize,
    /// How often what goes wrong; `None`: drawn by the seed.
    pub plan: Option<Plan>,
    /// Draw the plan by this seed instead.
    pub plan_of: Option<u64>,
    /// Kinds of faults that are left out.
    pub without: Vec<Fault>,
    /// Faults at chosen places.
    pub script: Script,
    /// Keep a trace.
    pub trace: bool,
    /// Every buyer pays by card, at once.
    pub all_pay: bool,
    /// How long after calm an order may take to be right.
    pub bound: u64,
}

impl Setting {
    /// A world of this seed with everything that it draws.
    pub const fn of_seed(seed: u64) -> Self {
        Self {
            seed,
            orders: 0,
            plan: None,
            plan_of: None,
            without: Vec::new(),
            script: Script::off(),
            trace: false,
            all_pay: false,
            bound: u64::MAX,
        }
    }
}

/// What came of a world.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The rule that was broken, if one was.
    pub broken: Option<Broken>,
    /// What was seen.
    pub seen: Seen,
    /// Orders that were placed.
    pub orders: u64,
    /// Orders that were paid at the gateway.
    pub paid: u64,
    /// Polls and jumps.
    pub steps: u64,
    /// Effects, in a scripted run.
    pub effects: u32,
    /// Deeds that were done, in a scripted run.
    pub deeds: usize,
    /// How long the slowest paid order took after calm, in microseconds.
    pub slowest: u64,
    /// How long the slowest paid order took after it was paid, in microseconds.
    pub longest: u64,
    /// The trace, if one was kept.
    pub trace: Vec<String>,
    /// Kinds of faults that the world's plan had.
    pub kinds: Vec<Fault>,
}

const MOST_STEPS: u64 = 400_000;
/// Everything that is on its way has come by then.
const DAYS: u64 = 30 * 24 * HOUR;

/// A world as it begins, with how many workers, and when calm comes.
fn begin(scene: &Stage, setting: &Setting) -> (State, usize, Micros) {
    let plan = Plan::of(setting);
    let mut dice = Dice::new(setting.seed ^ 0x5eed);
    let drawn = 4 + dice.index(9);
    let orders = if setting.orders == 0 { drawn } else { setting.orders };
    let workers = 1 + dice.index(3);
    let busy = dice.between(MINUTE, 12 * MINUTE);
    let calm_at = busy + dice.between(MINUTE, 5 * MINUTE);
    let state = State {
        now: 0,
        dice,
        plan,
        chaos: true,
        who: Who::default(),
        task: 0,
        ask: crate::core::Ask::Next,
        spawns: (0..orders).map(Spawn::Customer).chain([Spawn::Operator]).collect(),
        wakes: Vec::new(),
        db_down_until: 0,
        poison: None,
        skew: [0; 8],
        store: scene.store.clone(),
        ledger: Ledger::default(),
        panel: Panel::default(),
        mailbox: Mailbox::default(),
        check: Checker::default(),
        seen: Seen::default(),
        script: setting.script.clone(),
        trace: setting.trace.then(Vec::new),
        steps: 0,
        busy: if setting.script.is_on() { SECOND } else { busy },
        all_pay: setting.all_pay,
        slowest: 0,
        longest: 0,
        sweeps: Sweeps::default(),
    };
    (state, workers, calm_at)
}

/// Runs a world to its rest.
pub fn run(scene: &Stage, setting: &Setting) -> Outcome {
    let (state, workers, calm_at) = begin(scene, setting);
    let kinds = state.plan.kinds();
    let core = Arc::new(Core::new(state));
    // Not drawn, so that a seed's world stays what it was.
    let welcome = if setting.seed.is_multiple_of(2) { WelcomeMail::Link } else { WelcomeMail::Password };
    let world = Rc::new(World::new(&core, Rc::clone(&scene.fixed), welcome));
    {
        let state = &mut *core.lock();
        state.panel.lax = state.dice.percent(30);
        if !setting.script.is_on() {
            state.plan_rare_sweeps();
        }
    }
    let mut executor = Executor::new(world, workers);
    let mut rest = executor.run(calm_at, MOST_STEPS);
    calm(&core, calm_at);
    rest |= executor.run(calm_at + DAYS, MOST_STEPS);
    let mut found = 0;
    for _ in 0..2 {
        // A day later everything is looked through, and once more: then there must be nothing left to find.
        {
            let state = &mut *core.lock();
            state.now += 25 * HOUR;
            found = state.found();
            state.sweep_all();
        }
        rest &= executor.run(Micros::MAX, MOST_STEPS);
    }
    drop(executor);
    let state = &mut *core.lock();
    if state.check.broken.is_none() {
        let live: Vec<&str> = state.store.jobs.live.values().map(|job| job.kind).collect();
        let wanted = state.next_sweep().map(|(_, sweep)| crate::jobs::kind(sweep));
        let why = format!("jobs that are left: {live:?}; a sweep that finds nothing: {wanted:?}");
        state.holds(rest, Rule::E8, || why);
        state.check_sweeps(found);
        state.check_end(calm_at, setting.bound);
    }
    outcome(state, kinds)
}

/// From now on nothing goes wrong any more; what is on its way still comes.
fn calm(core: &Core, at: u64) {
    let state = &mut *core.lock();
    state.now = state.now.max(at);
    state.chaos = false;
    state.db_down_until = 0;
    state.say(|_| "calm".to_owned());
}

fn outcome(state: &mut State, kinds: Vec<Fault>) -> Outcome {
    let paid = state.store.orders.values().filter(|order| state.ledger.is_paid(order.id)).count();
    Outcome {
        broken: state.check.broken.clone(),
        seen: state.seen.clone(),
        orders: state.store.orders.len() as u64,
        paid: paid as u64,
        steps: state.steps,
        effects: state.script.effects(),
        deeds: state.script.done,
        slowest: state.slowest,
        longest: state.longest,
        trace: state.trace.take().unwrap_or_default(),
        kinds,
    }
}
