//! How long a claim of 50 takes, made as a worker's dispatcher makes it.

use std::{rc::Rc, time::Instant};

use infra::jobs::Claims as Taking;
use kernel::Queue;
use serde_json::{Value, json};

use crate::noop::{Times, connect};

const AT_ONCE: usize = 50;

/// Claims jobs that were enqueued just before.
#[derive(clap::Args)]
pub(crate) struct Claims {
    /// How many claims.
    #[arg(long)]
    claims: usize,
}

impl Claims {
    pub(crate) async fn run(self, url: String) -> Result<Value, Box<dyn std::error::Error>> {
        let db = connect(url).await?;
        let mut taking = Taking::new(&db, Queue::Mail);
        let times = Rc::new(Times::default());
        for round in 0..self.claims + 20 {
            taking.fill(AT_ONCE).await?;
            let began = Instant::now();
            let taken = taking.take(AT_ONCE).await?;
            let took = began.elapsed();
            if taken != AT_ONCE {
                return Err(format!("{taken} jobs were taken instead of {AT_ONCE}").into());
            }
            if round >= 20 {
                times.note(took);
            }
            taking.end().await?;
        }
        let (p50, p99, most) = (times.at(500), times.at(990), times.at(1000));
        Ok(json!({ "claims": times.count(), "p50_ms": p50, "p99_ms": p99, "max_ms": most }))
    }
}
