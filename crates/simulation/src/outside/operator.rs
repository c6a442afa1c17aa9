//! The shop's operator: tries things again that need it, and things that do not.

use std::rc::Rc;

use flows::Shop;
use kernel::{JobQueue, StoreError, Transact};
use notify::SendMail;
use orders::testing::MemoryStore;

use crate::{
    core::{MINUTE, SECOND},
    fault::Fault,
    shop::World,
};

/// A few rounds of trying things again, and of breaking things.
pub(crate) async fn operate(world: &Rc<World>) {
    for _ in 0..4 {
        let pause = world.core.lock().dice.between(10 * SECOND, 4 * MINUTE);
        world.core.sleep(pause).await;
        try_again(world).await;
        remove_job(world);
    }
}

/// What the database refuses is not tried again: an operator sees that.
async fn try_again(world: &Rc<World>) {
    let (strikes, what, which) = {
        let state = &mut *world.core.lock();
        (state.strikes(Fault::Redrive), state.dice.index(3), state.dice.word())
    };
    match what {
        _ if !strikes => {}
        0 => {
            if let Some(event) = pick(world, which, |store| store.events.iter().map(|(id, _)| id.clone()).collect()) {
                let (env, by) = (&mut world.env(), audit::Actor::operator("operator"));
                let _ = flows::replay_event(world.db(), env, &event, &by).await;
            }
        }
        1 => {
            let order = pick(world, which, |store| store.orders.values().map(|order| order.id).collect());
            if let Some(order) = order {
                let env = &mut world.env();
                let _ = world.db().transaction(async |tx| orders::retry(tx, env, order).await).await;
            }
        }
        _ => {
            let mail = pick(world, which, |store| {
                store.mails.mails.values().map(|mail| SendMail { mail: mail.id, order: mail.order }).collect()
            });
            if let Some(mail) = mail {
                let again = async |tx: &mut MemoryStore| tx.enqueue(&mail).await.map(|_| ());
                let _: Result<(), StoreError> = world.db().transaction(again).await;
            }
        }
    }
}

/// A job that waits is gone: whoever looks for what was missed must see that.
fn remove_job(world: &World) {
    let state = &mut *world.core.lock();
    let waiting = state.store.jobs.live.iter().filter(|(_, job)| job.holder.is_none()).map(|(id, _)| *id);
    let waiting: Vec<i64> = waiting.collect();
    if waiting.is_empty() || !state.strikes(Fault::JobRemoved) {
        return;
    }
    if let Some(id) = waiting.get(state.dice.index(waiting.len())) {
        state.store.jobs.live.remove(id);
        state.say(|_| format!("job {id} is removed by hand"));
    }
}

fn pick<T>(world: &World, which: u64, list: impl FnOnce(&MemoryStore) -> Vec<T>) -> Option<T> {
    let mut all = list(&world.core.lock().store);
    if all.is_empty() {
        return None;
    }
    let place = usize::try_from(which % all.len() as u64).unwrap_or(0);
    Some(all.swap_remove(place))
}
