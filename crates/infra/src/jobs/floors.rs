//! From where on each lane of a queue is read, and the look at what lies below.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{Nullable, SmallInt, Timestamptz},
};
use kernel::{Queue, StoreError, Timestamp};
use tokio::{task::JoinSet, time::Instant};

use crate::db::{Db, Statement};

/// The least time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A look is followed by a pause so many times as long, however slow it is.
const LOOK_SHARE: u32 = 20;

/// The first job of each lane below its floor. It reads all the dead entries there, which may take long; nobody waits for it.
const LOOK: &str = "\
    SELECT now() AS looked_at, \
        (SELECT run_at FROM jobs WHERE queue = $1 AND priority = 0 AND state = 'r' \
            AND run_at <= coalesce($2, now()) ORDER BY run_at, id LIMIT 1) AS urgent, \
        (SELECT run_at FROM jobs WHERE queue = $1 AND priority = 1 AND state = 'r' \
            AND run_at <= coalesce($3, now()) ORDER BY run_at, id LIMIT 1) AS usual, \
        (SELECT run_at FROM jobs WHERE queue = $1 AND priority = 2 AND state = 'r' \
            AND run_at <= coalesce($4, now()) ORDER BY run_at, id LIMIT 1) AS patient";

/// The latest job that was taken, for each lane; `None`: the lane is read from its beginning.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Floors([Option<Timestamp>; 3]);

impl Floors {
    pub(super) fn of(&self, lane: i16) -> Option<Timestamp> {
        usize::try_from(lane).ok().and_then(|lane| self.0.get(lane).copied().flatten())
    }

    /// Up to this at least.
    pub(super) fn raise(&mut self, lane: i16, to: Timestamp) {
        if let Some(floor) = usize::try_from(lane).ok().and_then(|lane| self.0.get_mut(lane)) {
            *floor = (*floor).max(Some(to));
        }
    }

    /// To those of `latest` that there are, be they lower or higher.
    pub(super) fn follow(&mut self, latest: Self) {
        for (floor, latest) in self.0.iter_mut().zip(latest.0) {
            *floor = latest.or(*floor);
        }
    }
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Timestamptz)]
    looked_at: Timestamp,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    urgent: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    usual: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    patient: Option<Timestamp>,
}

/// Looks at what lies below the floors every now and then, beside the claims and on another connection.
pub(super) struct Lookout {
    queue: Queue,
    looking: JoinSet<Result<Seen, StoreError>>,
    began: Instant,
    next: Instant,
}

impl Lookout {
    pub(super) fn new(queue: Queue) -> Self {
        let now = Instant::now();
        Self { queue, looking: JoinSet::new(), began: now, next: now }
    }

    /// Hears of a look that is done, and begins one that is due.
    pub(super) fn look(&mut self, db: &Db, floors: &mut Floors) {
        if let Some(looked) = self.looking.try_join_next() {
            // After a failure too: a look that is cut off for taking too long must not be repeated at once.
            self.next = Instant::now() + LOOK_EVERY.max(self.began.elapsed() * LOOK_SHARE);
            if let Ok(Ok(seen)) = looked {
                apply(floors, &seen);
            }
        }
        if self.looking.is_empty() && Instant::now() >= self.next {
            self.began = Instant::now();
            self.looking.spawn(see(db.clone(), self.queue, *floors));
        }
    }

    pub(super) fn rest(&mut self) {
        self.looking = JoinSet::new();
        self.next = Instant::now() + LOOK_EVERY * LOOK_SHARE;
    }
}

/// Down to the first job that lies below. A lane that has none, and of which none was ever taken, was seen to be empty.
fn apply(floors: &mut Floors, seen: &Seen) {
    for (floor, found) in floors.0.iter_mut().zip([seen.urgent, seen.usual, seen.patient]) {
        *floor = match (*floor, found) {
            (Some(floor), Some(found)) => Some(floor.min(found)),
            (None, Some(found)) => Some(found),
            (None, None) => Some(seen.looked_at),
            (floor, None) => floor,
        };
    }
}

async fn see(db: Db, queue: Queue, floors: Floors) -> Result<Seen, StoreError> {
    let statement = Statement::new(LOOK)
        .bind::<SmallInt, _>(queue.number())
        .bind::<Nullable<Timestamptz>, _>(floors.of(0))
        .bind::<Nullable<Timestamptz>, _>(floors.of(1))
        .bind::<Nullable<Timestamptz>, _>(floors.of(2));
    let rows = db.load("look for late jobs", statement).await?;
    rows.into_iter().next().ok_or_else(|| StoreError::bug("a SELECT without rows"))
}
