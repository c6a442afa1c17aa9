//! The command line.

use std::{fs, path::PathBuf, process::ExitCode};

use simulation::{
    Exhausted, Fault, Pairs, Plan, Setting, Small, Stage, Totals, json, markdown, run_all, run_many, shrink, table,
    thousands,
};

/// The end of a trace that is shown unasked.
const LINES: usize = 150;
/// In microseconds.
const HOUR: u64 = 3_600_000_000;

/// Orders in worlds where everything goes wrong, and whether they end as they must.
#[derive(Debug, clap::Parser)]
#[command(name = "hostwright-simulation", version)]
#[allow(clippy::struct_excessive_bools, reason = "each is a mode of its own on the command line")]
pub(crate) struct Options {
    /// How many orders.
    #[arg(long, default_value_t = 100_000)]
    orders: u64,
    /// The first world's seed; the others follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Show what happens in the world of the seed.
    #[arg(long)]
    replay: bool,
    /// Webhooks alone go wrong: 50 % doubled, 20 % reordered, 10 % never sent.
    #[arg(long)]
    webhooks: bool,
    /// Break one order's life at each of its effects, and at every two.
    #[arg(long)]
    exhaustive: bool,
    /// With --exhaustive: every two in one of the four lives and not in each.
    #[arg(long)]
    spread: bool,
    /// Find each planted bug (needs a build with `--cfg planted`).
    #[arg(long)]
    planted: bool,
    /// With --planted: this one alone.
    #[arg(long)]
    bug: Option<String>,
    /// Buyers in each world; 0: as the seed says.
    #[arg(long, default_value_t = 0)]
    buyers: usize,
    /// Draw what goes wrong by this seed instead of the world's own.
    #[arg(long)]
    plan_of: Option<u64>,
    /// Kinds of faults to leave out, by name.
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
    /// How often each kind of fault and each consequence must be seen at least; 0 turns that off.
    #[arg(long, default_value_t = 0)]
    coverage: u64,
    /// Where the results go as simulation.json and simulation.md.
    #[arg(long)]
    results: Option<PathBuf>,
}

impl Options {
    fn setting(&self) -> Setting {
        let named = |fault: &&Fault| self.without.iter().any(|name| name.eq_ignore_ascii_case(fault.name()));
        Setting {
            orders: self.buyers,
            plan_of: self.plan_of,
            without: Fault::ALL.iter().filter(named).copied().collect(),
            ..Setting::of_seed(self.seed)
        }
    }
}

/// Does what was asked for.
pub(crate) fn run(options: Options) -> ExitCode {
    let good = if options.replay {
        replay(&options)
    } else if options.exhaustive {
        exhaustive(if options.spread { Pairs::Spread } else { Pairs::All })
    } else if options.planted {
        planted(&options)
    } else {
        many(&options)
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[allow(clippy::print_stdout, reason = "this is its output")]
fn say(text: &str) {
    println!("{}", text.trim_end());
}

fn replay(options: &Options) -> bool {
    let outcome = run_one(&Setting { trace: true, ..options.setting() });
    for line in &outcome.trace {
        say(line);
    }
    if let Some(broken) = outcome.broken {
        say(&format!("{} is broken: {}", broken.rule.name(), broken.rule.sentence()));
        return false;
    }
    say(&format!("all {} orders are as they must be", outcome.orders));
    true
}

fn run_one(setting: &Setting) -> simulation::Outcome {
    simulation::run(&Stage::new(), setting)
}

fn many(options: &Options) -> bool {
    let (title, like) = if options.webhooks {
        let like =
            Setting { plan: Some(Plan::webhooks()), all_pay: true, bound: 5 * 60 * 1_000_000, ..options.setting() };
        ("webhooks: 50 % doubled, 20 % reordered, 10 % never sent", like)
    } else {
        // The longest pause between tries and the longest install, one after the other.
        ("simulated orders, with faults", Setting { bound: HOUR + HOUR / 2, ..options.setting() })
    };
    let totals = run_many(&like, options.orders, options.threads);
    say(&table(title, &totals));
    let covered = report_coverage(&totals, options.coverage);
    if let Some((seed, _)) = totals.broken.first() {
        report_smallest(&Setting { seed: *seed, ..like });
    }
    let written = write_results(options, title, &totals);
    totals.broken.is_empty() && covered && written
}

fn report_coverage(totals: &Totals, least: u64) -> bool {
    let missing = totals.seen.missing(least);
    if missing.is_empty() {
        if least > 0 {
            say(&format!("coverage: each fault and each consequence was seen at least {} times", thousands(least)));
        }
        return true;
    }
    say(&format!("coverage: seen less than {} times: {}", thousands(least), missing.join(", ")));
    false
}

fn report_smallest(setting: &Setting) {
    let Some(Small { setting, outcome }) = shrink(&Stage::new(), setting) else { return };
    let skipped = outcome.trace.len().saturating_sub(LINES);
    say(&format!("\nthe smallest world that still fails ({skipped} lines left out):"));
    for line in outcome.trace.iter().skip(skipped) {
        say(line);
    }
    let without: Vec<&str> = setting.without.iter().map(|fault| fault.name()).collect();
    let plan = setting.plan_of.map_or_else(String::new, |seed| format!(" --plan-of {seed}"));
    say(&format!(
        "again: hostwright-simulation --replay --seed {}{plan} --buyers {} --without {}",
        setting.seed,
        setting.orders,
        without.join(",")
    ));
}

fn write_results(options: &Options, title: &str, totals: &Totals) -> bool {
    let Some(folder) = &options.results else { return true };
    let name = if options.webhooks { "simulation-webhooks" } else { "simulation" };
    let files = [("md", markdown(title, totals)), ("json", format!("{:#}\n", json(title, totals)))];
    let written = fs::create_dir_all(folder).and_then(|()| {
        files.iter().try_for_each(|(ending, text)| fs::write(folder.join(format!("{name}.{ending}")), text))
    });
    if let Err(error) = &written {
        say(&format!("the results could not be written to {}: {error}", folder.display()));
    }
    written.is_ok()
}

fn exhaustive(pairs: Pairs) -> bool {
    let Exhausted { effects, runs, deeds, broken } = run_all(pairs);
    let effects: Vec<String> = effects.iter().map(u32::to_string).collect();
    say(&format!("effects in one order's life      {:>10}", effects.join(", ")));
    say(&format!("lives, every deed and every pair {:>10}", thousands(runs)));
    say(&format!("deeds done                       {:>10}", thousands(deeds)));
    say(&format!("broken                           {:>10}", thousands(broken.len() as u64)));
    for (deeds, broken) in broken.iter().take(5) {
        say(&format!("{deeds:?}: {} {}", broken.rule.name(), broken.what));
    }
    broken.is_empty()
}

#[cfg(not(planted))]
fn planted(options: &Options) -> bool {
    let _ = &options.bug;
    say("this build has no planted bugs; scripts/simulate planted makes one that has");
    false
}

/// Finds every planted bug, two at a time, and prints each as it is found.
#[cfg(planted)]
fn planted(options: &Options) -> bool {
    use std::sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    };
    let wanted = |bug: &&simulation::Bug| options.bug.as_deref().is_none_or(|name| name == bug.name);
    let bugs: Vec<_> = simulation::BUGS.iter().filter(wanted).copied().collect();
    say(&format!(
        "{:<26}{:<54}{:<6}{:>8}{:>8}  {}",
        "planted bug", "what it removes", "found", "worlds", "s", "what was seen"
    ));
    let (next, found) = (AtomicUsize::new(0), Mutex::new(0_usize));
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                let stage = Stage::new();
                while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let search = simulation::find(&stage, *bug, options.seed);
                    let (rule, what) = search.broken.map_or(("NOT", String::new()), |b| (b.rule.name(), b.what));
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    *found += usize::from(rule != "NOT");
                    let millis = search.took.as_millis();
                    let took = format!("{}.{:02}", millis / 1000, millis % 1000 / 10);
                    say(&format!("{:<26}{:<54}{rule:<6}{:>8}{took:>8}  {what}", bug.name, bug.removes, search.seeds));
                }
            });
        }
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    say(&format!("{found} of {} planted bugs found", bugs.len()));
    found == bugs.len()
}
