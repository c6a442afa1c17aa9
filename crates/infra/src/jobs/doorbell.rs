//! Telling workers that there is something to do, after COMMIT and outside every transaction.
//!
//! A NOTIFY inside the enqueueing transaction takes a lock that the whole database shares, and caps all writes. So each
//! process rings its own engine at once, and a task with a connection of its own tells the others: at most one NOTIFY per
//! queue in [`DEBOUNCE`]. A ring that is lost costs a worker's polling interval and nothing else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use kernel::Queue;
use tokio::sync::{Notify, mpsc};
use tokio_postgres::Client;

use crate::db::Connector;

/// The channel that workers listen on; the payload is a queue's number.
pub(crate) const CHANNEL: &str = "hostwright_jobs";

/// The shortest time between two NOTIFYs.
const DEBOUNCE: Duration = Duration::from_millis(20);

/// Some of the queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueueSet(u16);

impl QueueSet {
    /// Every queue.
    pub(crate) fn all() -> Self {
        let mut queues = Self::default();
        for queue in Queue::ALL {
            queues.insert(queue);
        }
        queues
    }

    /// Adds a queue.
    pub(crate) const fn insert(&mut self, queue: Queue) {
        self.0 |= Self::bit(queue);
    }

    /// Whether a queue is among them.
    pub(crate) const fn contains(self, queue: Queue) -> bool {
        self.0 & Self::bit(queue) != 0
    }

    const fn bit(queue: Queue) -> u16 {
        1 << queue as u16
    }
}

impl From<Queue> for QueueSet {
    fn from(queue: Queue) -> Self {
        Self(Self::bit(queue))
    }
}

/// The bell of one process; its clones are the same bell.
#[derive(Clone)]
pub(crate) struct Doorbell {
    inside: Arc<[Notify; Queue::ALL.len()]>,
    pending: Arc<AtomicU16>,
    /// Dropping the last clone ends the notifying task.
    wake: mpsc::Sender<()>,
}

/// Every queue has a bell and a bit: its place among [`Queue::ALL`].
const _: () = {
    let mut place = 0;
    while place < Queue::ALL.len() {
        #[allow(clippy::indexing_slicing, reason = "checked by the loop, when this is compiled")]
        let queue = Queue::ALL[place];
        assert!(queue as usize == place, "Queue::ALL names the queues in their order");
        place += 1;
    }
    assert!(place <= 16, "a QueueSet has sixteen bits");
};

impl Doorbell {
    /// Starts the task that tells other processes. It ends with the last clone of this bell.
    #[allow(clippy::disallowed_methods, reason = "the task ends with the bell, and losing what it does is harmless")]
    pub(crate) fn start(connector: Arc<Connector>) -> Self {
        let (wake, woken) = mpsc::channel(1);
        let pending = Arc::new(AtomicU16::new(0));
        tokio::spawn(tell_others(connector, Arc::clone(&pending), woken));
        Self { inside: Arc::new(std::array::from_fn(|_| Notify::new())), pending, wake }
    }

    /// Something was committed for these queues.
    pub(crate) fn ring(&self, queues: QueueSet) {
        if queues == QueueSet::default() {
            return;
        }
        self.ring_inside(queues);
        self.pending.fetch_or(queues.0, Ordering::AcqRel);
        // A full channel means that the task is about to look anyway.
        let _ = self.wake.try_send(());
    }

    /// Wakes this process's engine alone; for what another process told us.
    pub(crate) fn ring_inside(&self, queues: QueueSet) {
        for queue in Queue::ALL.into_iter().filter(|queue| queues.contains(*queue)) {
            self.bell(queue).notify_one();
        }
    }

    /// The bell of one queue. A ring while nobody waits is kept for the next who does.
    #[allow(clippy::indexing_slicing, reason = "there is one for each queue, which was checked above")]
    pub(crate) fn bell(&self, queue: Queue) -> &Notify {
        &self.inside[queue as usize]
    }
}

async fn tell_others(connector: Arc<Connector>, pending: Arc<AtomicU16>, mut woken: mpsc::Receiver<()>) {
    let mut client = None;
    while woken.recv().await.is_some() {
        let queues = QueueSet(pending.swap(0, Ordering::AcqRel));
        if client.as_ref().is_none_or(Client::is_closed) {
            client = connect(&connector).await.ok();
        }
        if let Some(connected) = &client
            && let Err(error) = connected.batch_execute(&notification(queues)).await
        {
            tracing::debug!(error = %error, "a notification was not sent; workers find the jobs by polling");
            client = None;
        }
        tokio::time::sleep(DEBOUNCE).await;
    }
}

/// Nothing is written here, so nobody need wait for the disk.
async fn connect(connector: &Connector) -> Result<Client, tokio_postgres::Error> {
    let client = connector.client().await?;
    client.batch_execute("SET synchronous_commit = off").await?;
    Ok(client)
}

fn notification(queues: QueueSet) -> String {
    let named = Queue::ALL.into_iter().filter(|queue| queues.contains(*queue));
    let statements: Vec<String> = named.map(|queue| format!("NOTIFY {CHANNEL}, '{}'", queue.number())).collect();
    statements.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_names_its_queues_and_no_others() {
        let mut queues = QueueSet::from(Queue::Mail);
        queues.insert(Queue::Payments);
        assert_eq!(notification(queues), "NOTIFY hostwright_jobs, '1'; NOTIFY hostwright_jobs, '3'");
        assert_eq!(notification(QueueSet::default()), "");
    }
}
