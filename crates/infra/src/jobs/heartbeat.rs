//! Saying «I live» every two seconds, and standing back when nobody can have heard it.

use std::{rc::Rc, time::Duration};

use kernel::StoreError;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Client;

use super::crew::Crew;

/// How often.
const EVERY: Duration = Duration::from_secs(2);
/// How soon again after one that did not arrive: a database that was restarted must not wait for the next turn, in which it may
/// be away again.
const AGAIN: Duration = Duration::from_millis(200);
/// How long one beat may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// After so long without one that arrived we stop, since the others take our jobs after ten.
const FENCE_AFTER: Duration = Duration::from_secs(6);

/// Beats until it is dropped.
pub(super) async fn beat(crew: Rc<Crew>) {
    // Taken before sending: the database may have noted it at any time after that.
    let mut heard = Instant::now();
    let mut pulse = Heart(None);
    let mut missed = false;
    loop {
        let sent = Instant::now();
        let arrived = match timeout(PATIENCE, pulse.beat(&crew)).await {
            Ok(Ok(())) => true,
            // Said once for all that follow it.
            Ok(Err(_)) | Err(_) if missed => false,
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the worker's heartbeat did not arrive");
                false
            }
            Err(_) => {
                tracing::warn!("the worker's heartbeat took too long");
                false
            }
        };
        missed = !arrived;
        if arrived {
            heard = sent;
        } else {
            pulse = Heart(None);
        }
        let in_order = arrived && unfence(&crew).await;
        if heard.elapsed() > FENCE_AFTER && !crew.fenced.send_replace(true) {
            tracing::error!("nobody has heard of this worker for {} s; its jobs are stopped", FENCE_AFTER.as_secs());
        }
        sleep(if in_order { EVERY } else { AGAIN }).await;
    }
}

/// A connection of its own: a pool that is busy must not look like a worker that is dead.
struct Heart(Option<Client>);

impl Heart {
    async fn beat(&mut self, crew: &Crew) -> Result<(), StoreError> {
        let away = |error: tokio_postgres::Error| StoreError::Unavailable(Box::new(error));
        let client = match &mut self.0 {
            Some(client) => client,
            empty => empty.insert(crew.db.connector().client().await.map_err(away)?),
        };
        // Two values that we made ourselves; nothing needs escaping.
        let (draining, worker) = (crew.is_stopping(), crew.worker);
        let statement = format!("UPDATE workers SET last_seen = now(), draining = {draining} WHERE id = '{worker}'");
        if client.execute(&statement, &[]).await.map_err(away)? == 0 {
            // Somebody removed the row, thinking us dead: our jobs are being rescued, and we begin anew.
            crew.arrive().await?;
        }
        Ok(())
    }
}

/// Back in touch: what was stopped is given back first, then new jobs may be taken; whether they may.
async fn unfence(crew: &Crew) -> bool {
    if !crew.is_fenced() {
        return true;
    }
    match crew.give_back().await {
        Ok(released) => {
            tracing::info!(jobs.released = released, "the worker is in touch again");
            crew.fenced.send_replace(false);
            true
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "stopped jobs could not be given back yet");
            false
        }
    }
}
