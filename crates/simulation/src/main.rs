//! tmp
use simulation::{Setting, Stage, run};
fn main() {
    let stage = Stage::new();
    let mut args = std::env::args().skip(1);
    let from: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let count: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let (mut bad, mut orders, mut steps) = (0, 0, 0);
    let mut seen = simulation::Seen::default();
    for seed in from..from + count {
        let mut setting = Setting::of_seed(seed);
        setting.trace = count == 1;
        let outcome = run(&stage, &setting);
        for line in outcome.trace { println!("{line}"); }
        orders += outcome.orders; steps += outcome.steps; seen.add(&outcome.seen);
        if let Some(b) = outcome.broken { bad += 1; if bad < 30 { println!("seed {seed}: {} {}", b.rule.name(), b.what); } }
    }
    println!("{orders} orders, {steps} steps, {bad} of {count} bad");
    for f in simulation::Fault::ALL { print!("{}={} ", f.word(), seen.faults(*f)); }
    println!();
    for f in simulation::Sometimes::ALL { print!("{}={} ", f.word(), seen.count(*f)); }
    println!();
}
