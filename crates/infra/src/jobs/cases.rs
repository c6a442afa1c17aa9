//! Dead letters become cases. What that means is the handler's; here it is made sure that it happens, whatever fails.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Jsonb, Nullable, SmallInt, Text, Uuid as SqlUuid},
};
use kernel::{Id, Queue, StoreError};
use serde_json::Value;
use uuid::Uuid;

use super::{
    crew::Crew,
    handler::{DeadReason, Death, DeathOutcome},
};
use crate::db::{Db, Statement};

/// Letters without a case, each taken for half a minute so that two workers do not open it at once. Kinds that are unknown
/// here are left to a worker that knows them, for two minutes.
const TAKE: &str = "\
    UPDATE job_dead SET case_tried_at = now() \
    WHERE id IN ( \
        SELECT id FROM job_dead WHERE case_opened_at IS NULL AND redriven_at IS NULL \
            AND (kind = ANY($1) OR ($2 AND died_at < now() - interval '2 minutes')) \
            AND (case_tried_at IS NULL OR case_tried_at < now() - interval '30 seconds') \
        ORDER BY died_at LIMIT 50 FOR UPDATE SKIP LOCKED \
    ) \
    RETURNING id, job_id, queue, kind, order_id, payload, reason, code, detail";

const OPENED: &str = "UPDATE job_dead SET case_opened_at = now() WHERE id = $1";

#[derive(QueryableByName)]
struct Letter {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    job_id: i64,
    #[diesel(sql_type = SmallInt)]
    queue: i16,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    order_id: Option<Uuid>,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    detail: String,
}

impl Letter {
    fn into_death(self) -> Death {
        Death {
            letter: self.id,
            job: self.job_id,
            queue: Queue::ALL.into_iter().find(|queue| queue.number() == self.queue),
            kind: self.kind,
            order: self.order_id.map(Id::from_uuid),
            reason: DeadReason { reason: self.reason, code: self.code, detail: self.detail },
        }
    }
}

/// Opens a case for every dead letter that has none; how many.
pub(super) async fn open_cases(crew: &Crew) -> Result<usize, StoreError> {
    let statement = Statement::new(TAKE).bind::<Array<Text>, _>(crew.kinds()).bind::<Bool, _>(crew.on_death.is_some());
    let letters: Vec<Letter> = crew.db.load("take dead letters", statement).await?;
    let mut opened = 0;
    for letter in letters {
        let (id, job, kind) = (letter.id, letter.job_id, letter.kind.clone());
        match open_case(crew, letter).await {
            Ok(true) => {
                mark(&crew.db, id).await?;
                opened += 1;
            }
            Ok(false) => tracing::error!(
                job.id = job,
                job.kind = kind,
                "nothing here understands this dead job; it stays a dead letter without a case"
            ),
            Err(error) => tracing::error!(
                job.id = job,
                job.kind = kind,
                error = &error as &dyn std::error::Error,
                "a dead job could not be made a case yet; it will be tried again"
            ),
        }
    }
    Ok(opened)
}

/// Whether somebody sees it now: by its handler, or by the engine's own hook when no handler understands it.
async fn open_case(crew: &Crew, letter: Letter) -> Result<bool, StoreError> {
    if let Some(handler) = crew.handler(&letter.kind) {
        let reason =
            DeadReason { reason: letter.reason.clone(), code: letter.code.clone(), detail: letter.detail.clone() };
        if handler.dead(letter.payload.clone(), reason).await? == DeathOutcome::Handled {
            return Ok(true);
        }
    }
    let Some(hook) = &crew.on_death else { return Ok(false) };
    hook(letter.into_death()).await.map(|()| true)
}

async fn mark(db: &Db, id: i64) -> Result<(), StoreError> {
    db.execute("mark a case as opened", Statement::new(OPENED).bind::<BigInt, _>(id)).await.map(|_| ())
}
