//! Which job goes to which flow, and how often sweeps come.

use flows::{
    deliver, delivery_is_dead, event_is_dead, mail_is_dead, process_event, refund_is_dead, send_mail, send_refund,
    sweeps::{
        self, ConfirmMissing, SweepLedger, SweepMails, SweepMissedEvents, SweepOperations, SweepPanels,
        SweepPendingOrders, SweepRefunds, SweepRooms, SweepUndelivered, SweepWaitingEvents, confirm_missing,
    },
};
use kernel::{Job, JobContext, JobFailure, JobQueue, Recorded, RetryClass, StoreError};
use notify::SendMail;
use orders::{
    ProcessEvent, SendRefund,
    testing::{MemoryJob, MemoryJobs},
};
use provisioning::jobs::Deliver;

use crate::{core::Micros, shop::World};

fn read<J: Job>(job: &MemoryJob) -> Result<J, JobFailure> {
    let bad = |error: serde_json::Error| JobFailure::new(RetryClass::Permanent, "undecodable", error);
    serde_json::from_value(job.payload.clone()).map_err(bad)
}

impl World {
    /// One try.
    pub(crate) async fn run(&self, job: &MemoryJob, context: JobContext) -> Result<Recorded, JobFailure> {
        match job.kind {
            ProcessEvent::KIND => process_event(self, read(job)?, context).await,
            Deliver::KIND => deliver(self, read(job)?, context).await,
            SendMail::KIND => send_mail(self, read(job)?, context).await,
            SendRefund::KIND => send_refund(self, read(job)?, context).await,
            ConfirmMissing::KIND => confirm_missing(self, read(job)?, context).await,
            SweepPendingOrders::KIND => sweeps::sweep_pending_orders(self, read(job)?, context).await,
            SweepMissedEvents::KIND => sweeps::sweep_missed_events(self, read(job)?, context).await,
            SweepWaitingEvents::KIND => sweeps::sweep_waiting_events(self, read(job)?, context).await,
            SweepUndelivered::KIND => sweeps::sweep_undelivered(self, read(job)?, context).await,
            SweepMails::KIND => sweeps::sweep_mails(self, read(job)?, context).await,
            SweepRefunds::KIND => sweeps::sweep_refunds(self, read(job)?, context).await,
            SweepOperations::KIND => sweeps::sweep_operations(self, read(job)?, context).await,
            SweepRooms::KIND => sweeps::sweep_rooms(self, read(job)?, context).await,
            SweepPanels::KIND => sweeps::sweep_panels(self, read(job)?, context).await,
            SweepLedger::KIND => sweeps::sweep_ledger(self, read(job)?, context).await,
            other => Err(JobFailure::new(RetryClass::Permanent, "unknown-kind", other.to_owned())),
        }
    }

    /// A dead job becomes a case.
    pub(crate) async fn bury(&self, job: &MemoryJob, reason: &str) -> Result<(), StoreError> {
        let bad = |failure: JobFailure| StoreError::bug(failure.to_string());
        match job.kind {
            ProcessEvent::KIND => event_is_dead(self, read(job).map_err(bad)?, reason).await,
            Deliver::KIND => delivery_is_dead(self, read(job).map_err(bad)?, reason).await,
            SendMail::KIND => mail_is_dead(self, read(job).map_err(bad)?, reason).await,
            SendRefund::KIND => refund_is_dead(self, read(job).map_err(bad)?, reason).await,
            ConfirmMissing::KIND => sweeps::sweep_is_dead::<ConfirmMissing, _>(self, reason).await,
            SweepPendingOrders::KIND => sweeps::sweep_is_dead::<SweepPendingOrders, _>(self, reason).await,
            SweepMissedEvents::KIND => sweeps::sweep_is_dead::<SweepMissedEvents, _>(self, reason).await,
            SweepWaitingEvents::KIND => sweeps::sweep_is_dead::<SweepWaitingEvents, _>(self, reason).await,
            SweepUndelivered::KIND => sweeps::sweep_is_dead::<SweepUndelivered, _>(self, reason).await,
            SweepMails::KIND => sweeps::sweep_is_dead::<SweepMails, _>(self, reason).await,
            SweepRefunds::KIND => sweeps::sweep_is_dead::<SweepRefunds, _>(self, reason).await,
            SweepOperations::KIND => sweeps::sweep_is_dead::<SweepOperations, _>(self, reason).await,
            SweepRooms::KIND => sweeps::sweep_is_dead::<SweepRooms, _>(self, reason).await,
            SweepPanels::KIND => sweeps::sweep_is_dead::<SweepPanels, _>(self, reason).await,
            SweepLedger::KIND => sweeps::sweep_is_dead::<SweepLedger, _>(self, reason).await,
            _ => Ok(()),
        }
    }
}

/// The sweeps, by their place in [`flows::sweeps::SWEEPS`].
pub(crate) const SWEEPS: usize = sweeps::SWEEPS.len();

/// How often a sweep comes.
pub(crate) fn pace(sweep: usize) -> Micros {
    sweeps::SWEEPS
        .get(sweep)
        .map_or(Micros::MAX, |(_, every)| Micros::try_from(every.as_micros()).unwrap_or(Micros::MAX))
}

/// Its kind.
pub(crate) fn kind(sweep: usize) -> &'static str {
    sweeps::SWEEPS.get(sweep).map_or("", |(kind, _)| *kind)
}

/// Enqueues a sweep, as its schedule does.
pub(crate) async fn enqueue(jobs: &mut MemoryJobs, sweep: usize) -> Result<(), StoreError> {
    match kind(sweep) {
        SweepPendingOrders::KIND => jobs.enqueue(&SweepPendingOrders {}).await,
        SweepMissedEvents::KIND => jobs.enqueue(&SweepMissedEvents {}).await,
        SweepWaitingEvents::KIND => jobs.enqueue(&SweepWaitingEvents {}).await,
        SweepUndelivered::KIND => jobs.enqueue(&SweepUndelivered {}).await,
        SweepMails::KIND => jobs.enqueue(&SweepMails {}).await,
        SweepRefunds::KIND => jobs.enqueue(&SweepRefunds {}).await,
        SweepOperations::KIND => jobs.enqueue(&SweepOperations {}).await,
        SweepRooms::KIND => jobs.enqueue(&SweepRooms {}).await,
        SweepPanels::KIND => jobs.enqueue(&SweepPanels {}).await,
        _ => jobs.enqueue(&SweepLedger {}).await,
    }
    .map(|_| ())
}
