//! Everybody but us: buyers, the gateway's deliveries, the bank, the panel's late answers, the shop's operator.

mod customer;
mod operator;

use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    core::{Ask, Core, HOUR, MINUTE, Micros, SECOND},
    gateway::PAGE_LIFE,
    shop::World,
    spawn::{Answer, Reply, Request, Spawn},
};

pub(crate) use operator::operate;

/// How long somebody waits for our API.
const PATIENCE: Micros = 30 * SECOND;
/// The gateway's pauses between its tries to deliver an event.
const REDELIVERY: [Micros; 7] = [5 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR];

/// What a task outside does.
pub(crate) async fn act(world: Rc<World>, what: Spawn) {
    match what {
        Spawn::Deliver { event, at } => deliver(&world, event, at).await,
        Spawn::Land { server, at } => {
            world.core.sleep_until(at).await;
            // Taken meanwhile: the panel's own index refuses it.
            let _ = world.core.lock().make_server(&server);
        }
        Spawn::Expire { session } => {
            world.core.sleep(PAGE_LIFE).await;
            world.core.lock().close_page(session);
        }
        Spawn::Settle { session, at, paid } => {
            world.core.sleep_until(at).await;
            world.core.lock().bank_decides(session, paid);
        }
        Spawn::Customer(number) => customer::shop(&world, number).await,
        Spawn::Operator => operate(&world).await,
        Spawn::Api(..) | Spawn::Bury => {}
    }
}

/// Delivers an event until it is taken, as the gateway does for three days.
async fn deliver(world: &Rc<World>, event: usize, at: Micros) {
    world.core.sleep_until(at).await;
    for pause in REDELIVERY.into_iter().chain(std::iter::repeat_n(10 * HOUR, 5)) {
        let body = format!("evt_{event}").into_bytes();
        if call(&world.core, Request::Webhook(body)).await == Answer::Taken {
            if let Some(event) = world.core.lock().ledger.events.get_mut(event) {
                event.taken = true;
            }
            return;
        }
        world.core.sleep(pause).await;
    }
}

/// Begins a call to our API.
pub(crate) fn begin(core: &Arc<Core>, request: Request) -> Waiting {
    let state = &mut *core.lock();
    let reply = Reply { waiter: state.task, slot: Arc::default() };
    state.spawns.push(Spawn::Api(request, reply.clone()));
    Waiting { core: Arc::clone(core), reply, until: state.now + PATIENCE }
}

/// Calls our API and waits for its answer, for a while.
pub(crate) fn call(core: &Arc<Core>, request: Request) -> Waiting {
    begin(core, request)
}

/// Waiting for an answer.
pub(crate) struct Waiting {
    core: Arc<Core>,
    reply: Reply,
    until: Micros,
}

impl Future for Waiting {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answer> {
        if let Some(answer) = self.reply.take() {
            return Poll::Ready(answer);
        }
        let mut state = self.core.lock();
        if state.now >= self.until {
            return Poll::Ready(Answer::Reset);
        }
        state.ask = Ask::At(self.until);
        Poll::Pending
    }
}
