//! The customers: so many, at a steady rate, until they are told to stop coming.

mod buyer;
mod desk;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval},
};

use self::buyer::Buyer;
pub(crate) use self::desk::Desk;
use crate::{dice::Dice, history::History};

/// How it goes; for the progress line.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Customers who came.
    pub(crate) came: AtomicU32,
    /// Orders that were confirmed.
    pub(crate) placed: AtomicU32,
    /// Orders of which the customer does not know.
    pub(crate) unknown: AtomicU32,
    /// Orders that were refused.
    pub(crate) refused: AtomicU32,
    /// Orders that were paid.
    pub(crate) paid: AtomicU32,
}

pub(crate) fn count(counter: &AtomicU32) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// How much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) orders: u32,
    /// Spread over this time; the rest comes at the same rate afterwards if need be.
    pub(crate) over: Duration,
    /// How many of a thousand want a game server.
    pub(crate) players: u64,
    pub(crate) seed: u64,
}

/// Customers at work.
pub(crate) struct Load {
    pub(crate) counts: Arc<Counts>,
    closing: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

/// What every customer shares.
#[derive(Clone)]
pub(crate) struct Street {
    pub(crate) desk: Desk,
    pub(crate) history: Arc<History>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) closing: Arc<AtomicBool>,
}

impl Load {
    #[allow(clippy::disallowed_methods, reason = "the task is waited for in `end`, or ends with the load")]
    pub(crate) fn start(plan: Plan, desk: Desk, history: Arc<History>) -> Self {
        let (counts, closing) = (Arc::new(Counts::default()), Arc::new(AtomicBool::new(false)));
        let street = Street { desk, history, counts: Arc::clone(&counts), closing: Arc::clone(&closing) };
        let task = tokio::spawn(come(plan, street));
        Self { counts, closing, task }
    }

    /// Whether nobody is on the way any more.
    pub(crate) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// No new customers; those who are there finish what they do.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Waits for the last one.
    pub(crate) async fn end(&mut self) {
        self.close();
        drop((&mut self.task).await);
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn come(plan: Plan, street: Street) {
    let pace = (plan.over / plan.orders.max(1)).max(Duration::from_millis(1));
    let mut ticks = interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut inside = JoinSet::new();
    for number in 0..plan.orders {
        ticks.tick().await;
        if street.closing.load(Ordering::Relaxed) {
            break;
        }
        count(&street.counts.came);
        let dice = Dice::new(plan.seed ^ (u64::from(number) << 20));
        inside.spawn(Buyer::new(street.clone(), number, (&dice, plan.players)).visit());
        while inside.try_join_next().is_some() {}
    }
    while inside.join_next().await.is_some() {}
}
