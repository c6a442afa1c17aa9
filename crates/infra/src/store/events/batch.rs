//! Events in batches: what comes in while a batch is being committed is committed together, by one statement.
//!
//! A COMMIT costs about as much for sixty-four events as for one. An event that comes when nothing is under way is stored
//! at once; under a flood a batch goes when it is full, when its first event has waited for [`PAUSE`], or when the batch
//! before it is done. Nobody is answered before the COMMIT of their event.

use std::{collections::BTreeMap, future::pending, mem, time::Duration};

use checkout::{EventInbox, IncomingEvent, Taken};
use diesel::{
    prelude::*,
    sql_types::{Array, Binary, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz},
};
use kernel::{Job, StoreError};
use orders::ProcessEvent;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    db::{Db, Statement},
    jobs::{budget_millis, doorbell::QueueSet},
    store::to_json,
};

/// Events in one batch at most.
const LARGEST: usize = 64;
/// Bytes in one batch at which it counts as full.
const LARGEST_BYTES: usize = 1 << 20;
/// How long an event waits for others while batches are under way.
const PAUSE: Duration = Duration::from_millis(5);
/// Batches under way at most; each holds a connection of the pool.
const MOST_UNDER_WAY: usize = 4;
/// Events that wait at most; who comes then is told to come again.
const MOST_WAITING: usize = 256;

type Answer = oneshot::Sender<Result<Taken, StoreError>>;

/// The way into the batches; its clones lead to the same ones.
#[derive(Clone)]
pub(crate) struct EventBatcher {
    queue: mpsc::Sender<(IncomingEvent, Answer)>,
}

impl EventBatcher {
    /// Starts the task that makes the batches. When the last clone of the way in is gone it stores what still waits, and
    /// ends.
    #[allow(clippy::disallowed_methods, reason = "the task ends with the way in; who waits hears of a lost one")]
    pub(crate) fn start(db: Db) -> Self {
        let (queue, waiting) = mpsc::channel(MOST_WAITING);
        tokio::spawn(run(db, waiting));
        Self { queue }
    }

    /// Stores an event with others. When the caller hangs up it is stored all the same.
    pub(crate) async fn take(&self, event: IncomingEvent) -> Result<Taken, StoreError> {
        let (answer, answered) = oneshot::channel();
        let full = |_| StoreError::Unavailable("too many events wait to be stored".into());
        self.queue.try_send((event, answer)).map_err(full)?;
        let lost = |_| Err(StoreError::Unavailable("the storing of events was stopped".into()));
        answered.await.unwrap_or_else(lost)
    }
}

/// Events by id: in order, so that two batches that share events wait for each other and never both at once; and each
/// once, with everybody who brought a copy.
#[derive(Default)]
struct Batch {
    events: BTreeMap<String, (IncomingEvent, Vec<Answer>)>,
    bytes: usize,
    due: Option<Instant>,
}

impl Batch {
    fn push(&mut self, event: IncomingEvent, answer: Answer) {
        self.due.get_or_insert_with(|| Instant::now() + PAUSE);
        let bytes = event.raw.len();
        let added = &mut self.bytes;
        let (_, answers) = self.events.entry(event.id.clone()).or_insert_with(|| {
            *added = added.saturating_add(bytes);
            (event, Vec::new())
        });
        answers.push(answer);
    }

    fn is_full(&self) -> bool {
        self.events.len() >= LARGEST || self.bytes >= LARGEST_BYTES
    }

    fn is_due(&self) -> bool {
        self.due.is_some_and(|due| due <= Instant::now())
    }
}

async fn run(db: Db, mut queue: mpsc::Receiver<(IncomingEvent, Answer)>) {
    let (mut batch, mut under_way, mut open) = (Batch::default(), JoinSet::new(), true);
    loop {
        let may_go = batch.due.is_some() && under_way.len() < MOST_UNDER_WAY;
        if may_go && (under_way.is_empty() || batch.is_full() || batch.is_due()) {
            while !batch.is_full()
                && let Ok((event, answer)) = queue.try_recv()
            {
                batch.push(event, answer);
            }
            under_way.spawn(store(db.clone(), mem::take(&mut batch)));
            continue;
        }
        let due = batch.due;
        tokio::select! {
            received = queue.recv(), if open && !batch.is_full() => match received {
                Some((event, answer)) => batch.push(event, answer),
                None => open = false,
            },
            Some(_) = under_way.join_next() => {}
            () = at(due), if may_go => {}
            else => return,
        }
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

/// Stores a batch and answers everybody. A statement that PostgreSQL refuses for what is in it is repeated event by
/// event, so that one bad event fails alone; when the database is away, all are told to come again.
async fn store(db: Db, batch: Batch) {
    let several = batch.events.len() > 1;
    match insert(&db, batch.events.values().map(|(event, _)| event)).await {
        Ok(new) => {
            for (id, (_, answers)) in batch.events {
                let first = if new.binary_search(&id).is_ok() { Taken::New } else { Taken::Duplicate };
                answer(answers, Ok(first));
            }
        }
        Err(StoreError::Bug { .. }) if several => {
            tracing::warn!(events = batch.events.len(), "a batch of events was refused; they are stored one by one");
            for (event, answers) in batch.events.into_values() {
                answer(answers, db.take(&event).await);
            }
        }
        Err(error) => {
            let why = error.to_string();
            let mut first = Some(error);
            for (_, answers) in batch.events.into_values() {
                let error = first.take().unwrap_or_else(|| StoreError::Unavailable(why.clone().into()));
                answer(answers, Err(error));
            }
        }
    }
}

/// The first of those who brought an event hears what became of it, the others that it was there. Who hung up is not
/// missed.
fn answer(answers: Vec<Answer>, result: Result<Taken, StoreError>) {
    let others = match &result {
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    let mut result = Some(result);
    for answer in answers {
        let copy = || match &others {
            None => Ok(Taken::Duplicate),
            Some(why) => Err(StoreError::Unavailable(why.clone().into())),
        };
        let _ = answer.send(result.take().unwrap_or_else(copy));
    }
}

/// As `TAKE`, for many: the events and their jobs in one statement, which is one transaction.
const TAKE_MANY: &str = "\
    WITH given AS ( \
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
            AS e (id, type, api_version, created, livemode, object_id, payload, received_at, dedupe_key, job) \
    ), taken AS ( \
        INSERT INTO stripe_events_log (id, type, api_version, created, livemode, object_id, payload, received_at) \
        SELECT id, type, api_version, created, livemode, object_id, payload, received_at FROM given ORDER BY id \
        ON CONFLICT (id) DO NOTHING RETURNING id \
    ), queued AS ( \
        INSERT INTO jobs (queue, kind, priority, max_attempts, budget_ms, dedupe_key, payload) \
        SELECT $11, $12, $13, $14, $15, dedupe_key, job FROM given JOIN taken USING (id) ORDER BY id \
        ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING \
    ) \
    SELECT id FROM taken";

#[derive(QueryableByName)]
struct New {
    #[diesel(sql_type = Text)]
    id: String,
}

/// The ids of those that were new, sorted.
async fn insert(
    db: &Db,
    events: impl Iterator<Item = &IncomingEvent> + Clone + Send,
) -> Result<Vec<String>, StoreError> {
    let jobs: Vec<_> = events.clone().map(|event| ProcessEvent { event: event.id.clone() }).collect();
    let payloads: Result<Vec<_>, _> = jobs.iter().map(|job| to_json(ProcessEvent::KIND, job)).collect();
    let statement = Statement::new(TAKE_MANY)
        .bind::<Array<Text>, _>(column(events.clone(), |event| event.id.clone()))
        .bind::<Array<Text>, _>(column(events.clone(), |event| event.kind.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(events.clone(), |event| event.api_version.clone()))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(events.clone(), |event| event.created))
        .bind::<Array<Nullable<Bool>>, _>(column(events.clone(), |event| event.livemode))
        .bind::<Array<Nullable<Text>>, _>(column(events.clone(), |event| event.object.clone()))
        .bind::<Array<Binary>, _>(column(events.clone(), |event| event.raw.clone()))
        .bind::<Array<Timestamptz>, _>(column(events, |event| event.received_at))
        .bind::<Array<Nullable<Text>>, _>(jobs.iter().map(Job::dedupe_key).collect::<Vec<_>>())
        .bind::<Array<Jsonb>, _>(payloads?)
        .bind::<SmallInt, _>(ProcessEvent::QUEUE.number())
        .bind::<Text, _>(ProcessEvent::KIND)
        .bind::<SmallInt, _>(ProcessEvent::PRIORITY)
        .bind::<SmallInt, _>(ProcessEvent::MAX_ATTEMPTS)
        .bind::<Integer, _>(budget_millis::<ProcessEvent>());
    let rows: Vec<New> = db.load("take events", statement).await?;
    if !rows.is_empty() {
        db.doorbell().ring(QueueSet::from(ProcessEvent::QUEUE));
    }
    let mut ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
    ids.sort_unstable();
    Ok(ids)
}

fn column<'e, T>(events: impl Iterator<Item = &'e IncomingEvent>, value: impl FnMut(&'e IncomingEvent) -> T) -> Vec<T> {
    events.map(value).collect()
}
