//! The figures that a scenario is about, each with what is wanted of it.

use std::sync::atomic::Ordering;

use crate::{
    board::{Board, Round},
    clock::seconds,
    scenario::{Form, Kind},
    stack::Stack,
};

/// From the loss of a worker to the next claim of its jobs.
const RECOVERY_MS: i64 = 12_000;
/// From a restarted database taking connections to the first claim.
const FIRST_CLAIM_MS: i64 = 2_000;

/// A number, and whether it is good enough.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) want: String,
    pub(crate) got: String,
    pub(crate) holds: bool,
    /// Whether the scenario fails with it. A time does so on a quiet machine alone: how long something takes beside other
    /// work is no proof against the programs.
    pub(crate) decides: bool,
}

fn figure(what: &str, want: impl Into<String>, got: impl Into<String>, holds: bool) -> Figure {
    Figure { what: what.to_owned(), want: want.into(), got: got.into(), holds, decides: true }
}

fn timed(what: &str, want: impl Into<String>, got: impl Into<String>, holds: bool) -> Figure {
    Figure { decides: false, ..figure(what, want, got, holds) }
}

/// The value below which so many of a hundred are; of sorted values.
fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

pub(crate) fn figures_of((kind, form): (Kind, Form), board: &Board, stack: &Stack) -> Vec<Figure> {
    let wanted = form.target.unwrap_or(1);
    let mut all = vec![figure("faults", format!("≥ {wanted}"), board.faults().to_string(), board.faults() >= wanted)];
    let recoveries = board.recoveries();
    if !recoveries.is_empty() {
        let p99 = percentile(&recoveries, 99);
        let what = "abandoned job claimed again, p99";
        all.push(if matches!(kind, Kind::Zombies | Kind::PanelLimit) {
            // Most workers are frozen there, or a thousand jobs wait for the panel: then more are due than there are places.
            figure(what, "", seconds(p99), true)
        } else {
            timed(what, "≤ 12.00 s", seconds(p99), p99 <= RECOVERY_MS)
        });
        let (p50, most) = (percentile(&recoveries, 50), recoveries.last().copied().unwrap_or_default());
        let rest = format!("{} / {} of {}", seconds(p50), seconds(most), recoveries.len());
        all.push(figure("  the same, p50 / longest", "", rest, true));
    }
    if board.poisoned() > 0 {
        all.push(figure("jobs given up after three dead workers", "", board.poisoned().to_string(), true));
    }
    if kind == Kind::Zombies {
        all.extend(zombies(board));
    } else if kind == Kind::Restarts {
        all.extend(restarts(board));
    } else if kind == Kind::CommitCuts {
        all.extend(cuts(stack));
    }
    for figure in &mut all {
        figure.decides |= form.quiet;
    }
    all
}

fn zombies(board: &Board) -> [Figure; 3] {
    let rounds = board.rounds();
    let all = |count: fn(&Round) -> u64| rounds.iter().map(count).sum::<u64>();
    let (lost, refused, wronged) = (all(|round| round.lost), all(|round| round.refused), all(|round| round.wronged));
    let fenced = rounds.iter().filter(|round| round.fenced).count();
    // Who stops by itself records nothing that could be refused.
    let whole = rounds.iter().all(|round| round.refused >= round.lost || round.fenced);
    [
        figure("stale completions refused", format!("all {lost}"), refused.to_string(), whole && refused > 0),
        figure("completions refused to who held the job", "0", wronged.to_string(), wronged == 0),
        figure("  rounds, and those in which one stopped itself", "", format!("{}, {fenced}", rounds.len()), true),
    ]
}

fn restarts(board: &Board) -> [Figure; 2] {
    let claims = board.first_claims();
    let most = claims.last().copied().unwrap_or(i64::MAX);
    let median = seconds(percentile(&claims, 50));
    [
        timed("first claim after a restart, longest", "≤ 2.00 s", seconds(most), most <= FIRST_CLAIM_MS),
        figure("  the same, median", "", format!("{median} of {}", claims.len()), true),
    ]
}

fn cuts(stack: &Stack) -> Vec<Figure> {
    let Some(proxy) = stack.gates.first() else { return Vec::new() };
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed).to_string();
    let tally = proxy.tally();
    vec![
        figure("commits that passed or were cut", "", count(&tally.commits), true),
        figure("  cut, committed, answer thrown away", "", count(&tally.cut_committed), true),
        figure("  cut in the moment of sending", "", count(&tally.cut_unseen), true),
        figure("  cut, answered by an error", "", count(&tally.cut_refused), true),
    ]
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_by_rank() {
        let values: Vec<i64> = (1..=200).collect();
        assert_eq!([50, 99, 100].map(|percent| percentile(&values, percent)), [100, 198, 200]);
        assert_eq!((percentile(&[7], 99), percentile(&[], 99)), (7, 0));
    }
}
