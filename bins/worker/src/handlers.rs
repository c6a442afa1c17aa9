//! Which job goes to which flow. A new job is one line in [`register`].

use std::{marker::PhantomData, rc::Rc};

use flows::{deliver, delivery_is_dead, event_is_dead, mail_is_dead, process_event, send_mail};
use infra::{
    jobs::{DeadReason, DeathOutcome, Engine, Handler, LocalBoxFuture},
    world::WorkerWorld,
};
use kernel::{Job, JobContext, JobFailure, Queue, Recorded, RetryClass, StoreError};
use notify::SendMail;
use orders::ProcessEvent;
use provisioning::jobs::Deliver;

/// Registers every job.
pub(crate) fn register(engine: Engine, world: &Rc<WorkerWorld>) -> Engine {
    engine
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
        .register(flow::<SendMail, _, _>(
            world,
            async |world, job, context| send_mail(world, job, context).await,
            async |world, job, reason| mail_is_dead(world, job, reason).await,
        ))
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
