//! After the storm: no more faults, and everything comes to rest, or it never will.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    facts::{paid_and_pending, unfinished, unpaid_among},
    failed::Outcome,
    history::{Entry, Op, Phase},
    stack::Stack,
};

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What was still under way at the end, if anything was.
pub(crate) struct Rest {
    pub(crate) took: Duration,
    pub(crate) left: Vec<String>,
}

/// Waits until nothing is under way, at most so long. Falls count here as well.
pub(crate) async fn come_to_rest(stack: &mut Stack, limit: Duration) -> Outcome<Rest> {
    let from = Instant::now();
    loop {
        stack.keep()?;
        let mut left = unfinished(&stack.cluster.sql().await?).await?;
        // The sandbox's account of everything is long; it is asked when the rest is quiet.
        if left.is_empty() {
            left = outside(stack).await?;
        }
        if left.is_empty() || from.elapsed() > limit {
            return Ok(Rest { took: from.elapsed(), left });
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn outside(stack: &Stack) -> Outcome<Vec<String>> {
    let truth = stack.desk.look("/control/truth").await?;
    let (paid, pending) = paid_and_pending(&truth);
    let unknown = unpaid_among(&stack.cluster.sql().await?, &paid).await?;
    let mut left = Vec::new();
    if pending > 0 {
        left.push(format!("{pending} webhooks to be sent"));
    }
    if unknown > 0 {
        left.push(format!("{unknown} payments that the shop has not heard of"));
    }
    Ok(left)
}

/// Sessions that a customer paid, by the history; the sandbox must say the same, or it is not to be believed.
pub(crate) fn paid_sessions(history: &[Entry]) -> BTreeSet<String> {
    let paid = history.iter().filter(|entry| entry.op == Op::Pay && entry.phase == Phase::Ok);
    paid.filter_map(|entry| entry.session.clone()).collect()
}
