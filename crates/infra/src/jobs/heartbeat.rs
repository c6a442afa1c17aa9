//! Saying «I live» every two seconds, and standing back when nobody can have heard it.

use std::{rc::Rc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::crew::Crew;

/// How often.
const EVERY: Duration = Duration::from_secs(2);
/// How long one beat may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// After so long without one that arrived we stop, since the others take our jobs after ten.
const FENCE_AFTER: Duration = Duration::from_secs(6);

/// Beats until it is dropped.
pub(super) async fn beat(crew: Rc<Crew>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Taken before sending: the database may have noted it at any time after that.
    let mut heard = Instant::now();
    loop {
        ticks.tick().await;
        let sent = Instant::now();
        match timeout(PATIENCE, crew.beat()).await {
            Ok(Ok(())) => {
                heard = sent;
                unfence(&crew).await;
            }
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the worker's heartbeat did not arrive");
            }
            Err(_) => tracing::warn!("the worker's heartbeat took too long"),
        }
        if heard.elapsed() > FENCE_AFTER && !crew.fenced.send_replace(true) {
            tracing::error!("nobody has heard of this worker for {} s; its jobs are stopped", FENCE_AFTER.as_secs());
        }
    }
}

/// Back in touch: what was stopped is given back first, then new jobs may be taken.
async fn unfence(crew: &Crew) {
    if !crew.is_fenced() {
        return;
    }
    match crew.give_back().await {
        Ok(released) => {
            tracing::info!(jobs.released = released, "the worker is in touch again");
            crew.fenced.send_replace(false);
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "stopped jobs could not be given back yet");
        }
    }
}
