//! One scenario after the other, from an empty database to a verdict.

use std::{fs::File, path::Path, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use crate::{
    Config,
    board::Board,
    calm::{Rest, come_to_rest, paid_sessions},
    check::{Violation, check, sum},
    cluster::Postgres,
    dice::Dice,
    facts::{Facts, purchases, read_record, read_truth},
    failed::{Because, Failed, Outcome},
    history::History,
    load::{Load, Plan},
    nemesis::{Scene, wreak},
    progress::Progress,
    report::{Report, Totals, figures_of, summary},
    sabotage::sabotage,
    scenario::{Form, Kind, Scenario},
    stack::{Place, Stack, directory},
    watch::Watch,
};

/// Beyond its span and its calm a scenario gets so much for starting, healing and counting.
const SLACK: Duration = Duration::from_mins(4);

/// Runs what was chosen; whether every promise was kept.
pub(crate) async fn all(config: &Config) -> Outcome<bool> {
    let chosen = config.chosen()?;
    let _alone = alone(config)?;
    let (mut reports, mut failed) = (Vec::new(), Vec::new());
    for (scenario, form) in chosen {
        eprintln!("── {}: {}", scenario.name, scenario.what);
        let place = place(config, scenario.name)?;
        if let Some(why) = refuses(scenario.kind, &place) {
            eprintln!("   left out: {why}");
            continue;
        }
        let bound = form.span + form.calm + SLACK;
        let ended = match timeout(bound, one(config, &place, (scenario, form))).await {
            Ok(ended) => ended,
            Err(_) => Err(Failed::new(format!("it did not end within {bound:?}"))),
        };
        // One that cannot be finished does not keep the others from being tried.
        match ended {
            Ok(report) => {
                report.write(&config.figures)?;
                eprint!("{}", report.table());
                reports.push(report);
            }
            Err(error) => {
                eprintln!(" ✗ {}: {error}", scenario.name);
                failed.push(scenario.name);
            }
        }
    }
    eprint!("{}", summary(&reports));
    if !failed.is_empty() {
        return Err(Failed::new(format!("not finished: {}", failed.join(", "))));
    }
    Ok(reports.iter().all(Report::holds))
}

/// One at a time: another one's database would be thrown away. The kernel lets go when this process ends.
fn alone(config: &Config) -> Outcome<File> {
    let lock = File::create(directory(config.out.clone())?.join("lock")).because("lock the place")?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(error) => Err(Failed::new(format!("another run uses {}: {error}", config.out.display()))),
    }
}

/// Why it cannot be tried here, if so.
fn refuses(kind: Kind, place: &Place) -> Option<String> {
    if kind == Kind::DiskFull {
        return place.refuses_disks().map(|why| format!("no disk can be mounted here ({why})"));
    }
    let missing = kind == Kind::ClockSkew && place.faketime.is_none();
    missing.then(|| "libfaketime is not installed (Debian: faketime)".to_owned())
}

fn place(config: &Config, name: &str) -> Outcome<Place> {
    let own = std::env::current_exe().because("find the programs")?;
    let beside = || own.parent().map(Path::to_path_buf).unwrap_or_default();
    let logs = directory(config.out.join(name))?;
    for entry in std::fs::read_dir(&logs).because("read the logs")?.flatten() {
        drop(std::fs::remove_file(entry.path()));
    }
    let absolute = |path: &Path| std::path::absolute(path).because("find a path");
    let pg = directory(absolute(&config.pg_place)?)?;
    // What an earlier run left; it is ours alone.
    drop(std::fs::remove_dir_all(pg.join("data")));
    Ok(Place {
        bin: config.bin.clone().unwrap_or_else(beside),
        catalog: absolute(&config.catalog)?.display().to_string(),
        pg,
        logs: absolute(&logs)?,
        postgres: Postgres {
            bin: config.pg_bin.clone(),
            runner: config.pg_runner.split_whitespace().map(str::to_owned).collect(),
            libraries: config.pg_libraries.clone().filter(|paths| !paths.is_empty()),
        },
        faketime: crate::stack::find_faketime(),
    })
}

async fn one(config: &Config, place: &Place, (scenario, form): (Scenario, Form)) -> Outcome<Report> {
    let shape = scenario.shape(form);
    let mut stack = Stack::open(place, &shape, config.seed).await?;
    let history = Arc::new(History::new(&place.logs.join("history.jsonl"))?);
    let board = Arc::new(Board::default());
    let dice = Dice::new(config.seed);
    let plan = Plan { orders: form.orders, over: form.opening(), players: scenario.kind.players(), seed: config.seed };
    let mut load = Load::start(plan, stack.desk.clone(), Arc::clone(&history));
    let progress =
        Progress::start((scenario.name, form.span), Arc::clone(&load.counts), Arc::clone(&board), stack.cluster.port);
    let watch = Watch::start(stack.cluster.port, Arc::clone(&board));
    let until = Instant::now() + form.span;
    let mut scene = Scene { stack: &mut stack, board: &board, watch: &watch, load: &load, dice: &dice, form, until };
    let broken = wreak(scenario.kind, &mut scene).await;
    // Healed before the verdict on the nemesis, so that its error does not hide how things stand.
    progress.stage("healing");
    load.close();
    stack.heal().await?;
    broken?;
    load.end().await;
    progress.stage("calm");
    let rest = come_to_rest(&mut stack, form.calm).await?;
    let took = history.elapsed();
    progress.stage("counting");
    let facts = gather(&mut stack, &history, &board).await?;
    if watch.waiting() > 0 {
        board.remark(format!("{} lost leases were never seen again", watch.waiting()));
    }
    let mut violations = check(&facts);
    violations.extend(disbelief(&facts, &history));
    let spoilt = if config.sabotage { sabotage(&mut stack, &history, &board).await? } else { Vec::new() };
    drop(progress);
    Ok(report_of(&stack, (scenario, form), (rest, took), (&facts, violations, spoilt), &board))
}

/// Everything that is known now.
pub(crate) async fn gather(stack: &mut Stack, history: &History, board: &Board) -> Outcome<Facts> {
    let entries = history.entries();
    let mut facts = Facts { purchases: purchases(&entries), lost_leases: board.all_lost_leases(), ..Facts::default() };
    read_record(&mut facts, &stack.cluster.sql().await?).await?;
    read_truth(&mut facts, &stack.desk.look("/control/truth").await?);
    if facts.busiest_minute > 0 {
        board.remark(format!("the panel was asked at most {} times in one minute", facts.busiest_minute));
    }
    facts.falls = stack.programs().flat_map(|program| program.falls.clone()).collect();
    Ok(facts)
}

/// The sandbox is the judge of what was paid; whether it says what the customers say.
fn disbelief(facts: &Facts, history: &History) -> Vec<Violation> {
    let known: std::collections::BTreeSet<String> =
        facts.sessions.iter().filter(|session| session.paid).map(|session| session.id.clone()).collect();
    let paid = paid_sessions(&history.entries());
    let unknown = paid.difference(&known).map(|session| Violation {
        rule: crate::check::Rule::Money,
        evidence: format!("{session} was paid by a customer, and the sandbox does not know it"),
    });
    unknown.collect()
}

fn report_of(
    stack: &Stack,
    (scenario, form): (Scenario, Form),
    (rest, took): (Rest, Duration),
    (facts, violations, spoilt): (&Facts, Vec<Violation>, Vec<(String, bool)>),
    board: &Board,
) -> Report {
    let starts = |programs: &[crate::program::Program]| programs.iter().map(|one| u64::from(one.starts)).sum();
    let totals = Totals {
        faults: board.faults(),
        api_starts: starts(&stack.apis),
        worker_starts: starts(&stack.workers),
        stillborn: stack.apis.iter().chain(&stack.workers).map(|one| u64::from(one.stillborn)).sum(),
        rescues: stack.workers_said("lost jobs were taken back"),
        refused: stack.workers_said(crate::nemesis::REFUSED),
        adopted: stack.workers_said("adopted order.id="),
        broken: stack.proxies().map(|proxy| proxy.tally().broken.load(std::sync::atomic::Ordering::Relaxed)).sum(),
    };
    let passing = facts.alarms.iter().filter(|(order, _)| !facts.cases.contains_key(order));
    let figures = figures_of((scenario.kind, form), board, stack);
    Report {
        name: scenario.name,
        what: scenario.what,
        took,
        rest,
        sums: sum(facts),
        cases: facts.cases.values().cloned().collect(),
        passing: passing.map(|(order, why)| format!("{order}: {why}")).collect(),
        totals,
        figures,
        violations,
        spoilt,
        remarks: board.remarks(),
        recoveries: board.recoveries(),
    }
}
