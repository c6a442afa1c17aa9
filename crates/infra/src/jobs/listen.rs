//! Hearing what other processes enqueued.

use std::{rc::Rc, time::Duration};

use futures_util::{StreamExt, stream};
use kernel::Queue;
use tokio_postgres::{AsyncMessage, Error, Notification};

use super::{
    crew::Crew,
    doorbell::{CHANNEL, QueueSet},
};

/// The pause before connecting anew. Polling goes on meanwhile.
const RECONNECT: Duration = Duration::from_secs(1);

/// Listens until it is dropped.
pub(super) async fn listen(crew: Rc<Crew>) {
    loop {
        match hear(&crew).await {
            Ok(()) => tracing::debug!("the listening connection was closed"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "not listening; jobs are found by polling");
            }
        }
        tokio::time::sleep(Crew::jittered(RECONNECT)).await;
    }
}

async fn hear(crew: &Crew) -> Result<(), Error> {
    let (client, mut connection) = crew.db.connector().raw().await?;
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let statement = format!("LISTEN {CHANNEL}");
    let listening = client.batch_execute(&statement);
    tokio::pin!(listening);
    let mut armed = false;
    loop {
        tokio::select! {
            answer = &mut listening, if !armed => {
                answer?;
                armed = true;
                // Whatever was committed before this moment rang in vain: everybody looks once.
                crew.ring_inside();
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(note))) => ring(crew, &note),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
        }
    }
}

fn ring(crew: &Crew, note: &Notification) {
    let number = note.payload().parse::<i16>();
    let named = Queue::ALL.into_iter().find(|queue| number.as_ref() == Ok(&queue.number()));
    if let Some(queue) = named {
        crew.db.doorbell().ring_inside(QueueSet::from(queue));
    }
}
