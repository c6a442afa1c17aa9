//! The queue and the inbox: done once, nothing left, nothing recorded by those who were taken for dead.

use std::collections::{BTreeMap, BTreeSet};

use super::{Inquiry, Rule};

pub(super) fn check(inquiry: &mut Inquiry<'_>) {
    done_once(inquiry);
    nothing_left(inquiry);
    events(inquiry);
    for fall in &inquiry.facts.falls {
        inquiry.accuse(Rule::Fell, fall.clone());
    }
    if inquiry.facts.throttled > 0 {
        let times = inquiry.facts.throttled;
        inquiry.accuse(Rule::Spared, format!("it refused {times} calls for being too many"));
    }
}

fn done_once(inquiry: &mut Inquiry<'_>) {
    let facts = inquiry.facts;
    let mut ends: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    let mut leases: BTreeSet<(i64, i64)> = BTreeSet::new();
    let lost: BTreeSet<(i64, i64)> = facts.lost_leases.iter().copied().collect();
    for row in &facts.tries {
        if row.outcome != "failed" {
            ends.entry(row.job).or_default().push(&row.outcome);
        }
        if !leases.insert((row.job, row.lease)) {
            inquiry.accuse(Rule::Job, format!("job {} recorded two ends under lease {}", row.job, row.lease));
        }
        // A rescue that buries a job writes its end under the lease that was lost; that is no late worker's doing.
        if lost.contains(&(row.job, row.lease)) && row.outcome != "dead" {
            let what =
                format!("job {} was recorded as {} under lease {}, which was lost", row.job, row.outcome, row.lease);
            inquiry.accuse(Rule::Stale, what);
        }
    }
    for (job, ended) in ends.iter().filter(|(_, ended)| ended.len() > 1) {
        inquiry.accuse(Rule::Job, format!("job {job} ended {} times: {ended:?}", ended.len()));
    }
}

fn nothing_left(inquiry: &mut Inquiry<'_>) {
    for job in inquiry.facts.jobs.iter().filter(|job| !job.scheduled) {
        inquiry.accuse(
            Rule::Job,
            format!("job {} {} is left{}: {}", job.id, job.kind, if job.runs { ", executing" } else { "" }, job.detail),
        );
    }
}

fn events(inquiry: &mut Inquiry<'_>) {
    let facts = inquiry.facts;
    for event in &facts.acknowledged {
        match facts.events.get(event) {
            None => inquiry.accuse(Rule::Event, format!("{event} was acknowledged and is not stored")),
            Some(None) => inquiry.accuse(Rule::Event, format!("{event} was never processed")),
            Some(Some(_)) => {}
        }
    }
}
