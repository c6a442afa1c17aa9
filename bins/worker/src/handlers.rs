//! Which job goes to which flow. A new job is one line in [`register`].

use std::{marker::PhantomData, rc::Rc};

use accounts::AnswerRequest;
use audit::{ChainEntries, NoteHead};
use flows::{
    answer_request, deliver, delivery_is_dead, event_is_dead, mail_is_dead, operation_is_dead, process_event,
    refund_is_dead, request_is_dead, send_mail, send_refund,
    sweeps::{
        self, ConfirmMissing, SweepLedger, SweepMails, SweepMissedEvents, SweepOperations, SweepPanels,
        SweepPendingOrders, SweepRefunds, SweepRooms, SweepUndelivered, SweepWaitingEvents, confirm_missing,
    },
};
use infra::{
    jobs::{DeadReason, Death, DeathOutcome, Engine, Handler, LocalBoxFuture},
    world::WorkerWorld,
};
use kernel::{Job, JobContext, JobFailure, Queue, Recorded, RetryClass, StoreError};
use notify::SendMail;
use orders::{ProcessEvent, SendRefund};
use provisioning::jobs::{Deliver, Resume, Suspend, Terminate};

/// Registers every job, and the schedules of those that come again and again.
pub(crate) fn register(engine: Engine, world: &Rc<WorkerWorld>) -> Engine {
    let engine = engine
        .register(flow::<ProcessEvent, _, _>(
            world,
            async |world, job, context| process_event(world, job, context).await,
            async |world, job, reason| event_is_dead(world, job, reason).await,
        ))
        .register(flow::<Deliver, _, _>(
            world,
            async |world, job, context| deliver(world, job, context).await,
            async |world, job, reason| delivery_is_dead(world, job, reason).await,
        ))
        .register(flow::<SendRefund, _, _>(
            world,
            async |world, job, context| send_refund(world, job, context).await,
            async |world, job, reason| refund_is_dead(world, job, reason).await,
        ))
        .register(flow::<SendMail, _, _>(
            world,
            async |world, job, context| send_mail(world, job, context).await,
            async |world, job, reason| mail_is_dead(world, job, reason).await,
        ))
        .register(flow::<AnswerRequest, _, _>(
            world,
            async |world, job, context| answer_request(world, job, context).await,
            async |world, job, reason| request_is_dead(world, job, reason).await,
        ))
        .register(flow::<ConfirmMissing, _, _>(
            world,
            async |world, job, context| confirm_missing(world, job, context).await,
            async |world, _, reason| sweeps::sweep_is_dead::<ConfirmMissing, _>(world, reason).await,
        ));
    let engine = operating(engine, world);
    let told = Rc::clone(world);
    sweeping(engine, world).on_death(async move |death| {
        let Death { letter, kind, order, reason, .. } = death;
        flows::unknown_job_is_dead(&*told, (letter, &kind), order, &reason.detail).await
    })
}

/// What is done to services in the years after they were delivered.
fn operating(engine: Engine, world: &Rc<WorkerWorld>) -> Engine {
    macro_rules! operation {
        ($engine:expr, $job:ident, $run:path) => {
            $engine.register(flow::<$job, _, _>(
                world,
                async |world, job, context| $run(world, job, context).await,
                async |world, job: $job, reason| operation_is_dead(world, job.0, reason).await,
            ))
        };
    }
    let engine = operation!(engine, Suspend, flows::suspend_service);
    let engine = operation!(engine, Resume, flows::resume_service);
    operation!(engine, Terminate, flows::terminate_service)
}

/// The sweeps and what else comes again and again, each with its pace.
fn sweeping(engine: Engine, world: &Rc<WorkerWorld>) -> Engine {
    macro_rules! sweep {
        ($engine:expr, $job:ident, $run:path) => {
            $engine.every($job::EVERY, &$job {}).register(flow::<$job, _, _>(
                world,
                async |world, job, context| $run(world, job, context).await,
                async |world, _, reason| sweeps::sweep_is_dead::<$job, _>(world, reason).await,
            ))
        };
    }
    let engine = sweep!(engine, SweepPendingOrders, sweeps::sweep_pending_orders);
    let engine = sweep!(engine, SweepMissedEvents, sweeps::sweep_missed_events);
    let engine = sweep!(engine, SweepWaitingEvents, sweeps::sweep_waiting_events);
    let engine = sweep!(engine, SweepUndelivered, sweeps::sweep_undelivered);
    let engine = sweep!(engine, SweepMails, sweeps::sweep_mails);
    let engine = sweep!(engine, SweepRefunds, sweeps::sweep_refunds);
    let engine = sweep!(engine, SweepOperations, sweeps::sweep_operations);
    let engine = sweep!(engine, SweepRooms, sweeps::sweep_rooms);
    let engine = sweep!(engine, SweepPanels, sweeps::sweep_panels);
    let engine = sweep!(engine, SweepLedger, sweeps::sweep_ledger);
    let engine = sweep!(engine, ChainEntries, flows::chain_entries);
    sweep!(engine, NoteHead, flows::note_head)
}

/// A payload's type, its flow, and what its death means.
struct FlowHandler<J, R, D> {
    world: Rc<WorkerWorld>,
    run: R,
    dead: D,
    job: PhantomData<fn() -> J>,
}

fn flow<J, R, D>(world: &Rc<WorkerWorld>, run: R, dead: D) -> FlowHandler<J, R, D>
where
    J: Job,
    R: AsyncFn(&WorkerWorld, J, JobContext) -> Result<Recorded, JobFailure> + 'static,
    D: AsyncFn(&WorkerWorld, J, &str) -> Result<(), StoreError> + 'static,
{
    FlowHandler { world: world.clone(), run, dead, job: PhantomData }
}

impl<J, R, D> Handler for FlowHandler<J, R, D>
where
    J: Job,
    R: AsyncFn(&WorkerWorld, J, JobContext) -> Result<Recorded, JobFailure>,
    D: AsyncFn(&WorkerWorld, J, &str) -> Result<(), StoreError>,
{
    fn kind(&self) -> &'static str {
        J::KIND
    }

    fn queue(&self) -> Queue {
        J::QUEUE
    }

    fn run(&self, payload: serde_json::Value, context: JobContext) -> LocalBoxFuture<'_, Result<Recorded, JobFailure>> {
        Box::pin(async move {
            let job = serde_json::from_value(payload)
                .map_err(|error| JobFailure::new(RetryClass::Permanent, "undecodable", error))?;
            (self.run)(&self.world, job, context).await
        })
    }

    fn dead(
        &self,
        payload: serde_json::Value,
        reason: DeadReason,
    ) -> LocalBoxFuture<'_, Result<DeathOutcome, StoreError>> {
        Box::pin(async move {
            let Ok(job) = serde_json::from_value(payload) else {
                return Ok(DeathOutcome::Undecodable);
            };
            (self.dead)(&self.world, job, &reason.detail).await?;
            Ok(DeathOutcome::Handled)
        })
    }
}
