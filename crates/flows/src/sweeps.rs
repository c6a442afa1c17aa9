//! Looking for what was missed. Every sweep is a job that comes again and again; what it finds goes through the same code
//! as what a webhook brings, and what it cannot put right becomes a case. A sweep never deletes anything.
//!
//! Outside drills a sweep finds nothing, so each find is logged and counted.

mod events;
mod ledger;
mod mails;
mod missing;
mod operations;
mod panels;
mod pending;
mod refunds;
mod rooms;
mod undelivered;

use std::time::Duration;

use cases::{CaseKind, NewCase, SweepReport};
use kernel::{Job, JobContext, JobFailure, Queue, Recorded, StoreError, Timestamp, Transact};
use serde::{Deserialize, Serialize};

pub use events::{sweep_missed_events, sweep_waiting_events};
pub use ledger::sweep_ledger;
pub use mails::sweep_mails;
pub use missing::{ConfirmMissing, confirm_missing};
pub use operations::sweep_operations;
pub use panels::sweep_panels;
pub use pending::sweep_pending_orders;
pub use refunds::sweep_refunds;
pub use rooms::sweep_rooms;
pub use undelivered::sweep_undelivered;

use crate::Shop;

/// How many things one step of a sweep looks at.
const BATCH: i64 = 100;

macro_rules! sweeps {
    ($($(#[$doc:meta])* $name:ident = $kind:literal every $every:literal s, within $budget:literal s, $tries:literal tries;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
            pub struct $name {}

            impl $name {
                /// How often it comes.
                pub const EVERY: Duration = Duration::from_secs($every);
            }

            impl Job for $name {
                const KIND: &'static str = $kind;
                const QUEUE: Queue = Queue::Upkeep;
                const MAX_ATTEMPTS: i16 = $tries;
                const BUDGET: Duration = Duration::from_secs($budget);

                fn dedupe_key(&self) -> Option<String> {
                    Some(Self::KIND.to_owned())
                }
            }
        )*
        /// Every sweep: its kind and how often it comes.
        pub const SWEEPS: &[(&str, Duration)] = &[$((<$name as Job>::KIND, $name::EVERY)),*];
    };
}

// One that comes again soon gives up early; one that does not is tried for longer than a provider is usually away.
sweeps! {
    /// Asks the gateway about orders that are pending for more than two minutes.
    SweepPendingOrders = "sweep.pending_orders" every 20 s, within 120 s, 6 tries;
    /// Fetches events that no webhook brought.
    SweepMissedEvents = "sweep.missed_events" every 60 s, within 300 s, 6 tries;
    /// Looks after events that came in and were not processed.
    SweepWaitingEvents = "sweep.waiting_events" every 15 s, within 60 s, 6 tries;
    /// Looks after orders that are paid and not delivered.
    SweepUndelivered = "sweep.undelivered" every 15 s, within 120 s, 6 tries;
    /// Looks after mails that are not sent.
    SweepMails = "sweep.mails" every 60 s, within 60 s, 6 tries;
    /// Looks after refunds that were asked for and are not sent.
    SweepRefunds = "sweep.refunds" every 60 s, within 60 s, 6 tries;
    /// Looks after operations on services that are not over.
    SweepOperations = "sweep.operations" every 60 s, within 60 s, 6 tries;
    /// Asks the providers whether there is room for what is on sale.
    SweepRooms = "sweep.rooms" every 180 s, within 120 s, 6 tries;
    /// Compares the providers' lists with ours: orphans, missing services, drift.
    SweepPanels = "sweep.panels" every 3_600 s, within 600 s, 12 tries;
    /// Compares thirty days of the gateway's books with ours, both ways.
    SweepLedger = "sweep.ledger" every 86_400 s, within 1_800 s, 12 tries;
}

/// The database's time: whatever clock the sweeping worker has, it must not take what is young for old.
async fn now<W: Shop>(world: &W) -> Result<Timestamp, StoreError> {
    world.db().transaction(async |tx| kernel::JobQueue::now(tx).await).await
}

/// What a run saw so far.
#[derive(Debug, Default)]
struct Tally {
    seen: i64,
    found: i64,
    cursor: Option<Timestamp>,
}

impl Tally {
    /// Something was not as it should be.
    fn find<J: Job>(&mut self, what: &str, id: &str) {
        self.found += 1;
        tracing::warn!(sweep = J::KIND, what, id, "a sweep found something");
    }
}

/// Ends a run: notes what it saw, and that it runs at all.
async fn finish<J: Job, W: Shop>(world: &W, context: JobContext, tally: Tally) -> Result<Recorded, JobFailure> {
    let env = world.env();
    let report = SweepReport { at: env.now(), seen: tally.seen, found: tally.found, cursor: tally.cursor };
    let work = async |tx: &mut W::Tx| {
        use cases::SweepStore as _;
        use kernel::JobQueue as _;
        let recorded = tx.complete(context.lease).await?;
        tx.record_sweep(J::KIND, &report).await?;
        cases::cause_gone(tx, &env, (CaseKind::JobDead, J::KIND), "the sweep runs again").await?;
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// A sweep is out of tries: it comes again all the same, and until one succeeds nobody looks for what is missed.
///
/// # Errors
/// The store's.
pub async fn sweep_is_dead<J: Job, W: Shop>(world: &W, reason: &str) -> Result<(), StoreError> {
    let env = &mut world.env();
    let new = NewCase {
        kind: CaseKind::JobDead,
        subject: J::KIND.to_owned(),
        order: None,
        reason: format!("{} fails again and again: {reason}", J::KIND),
        next_step: "mend what the reason names; the case closes when the sweep succeeds".to_owned(),
    };
    world.db().transaction(async |tx| cases::open(tx, env, new).await.map(|_| ())).await
}
