//! Dead letters become cases. What that means is the handler's; here it is made sure that it happens, whatever fails.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Jsonb, Text},
};
use kernel::StoreError;
use serde_json::Value;

use super::{crew::Crew, handler::DeadReason};
use crate::db::{Db, Statement};

/// Letters without a case, each taken for half a minute so that two workers do not open it at once.
const TAKE: &str = "\
    UPDATE job_dead SET case_tried_at = now() \
    WHERE id IN ( \
        SELECT id FROM job_dead WHERE case_opened_at IS NULL AND kind = ANY($1) \
            AND (case_tried_at IS NULL OR case_tried_at < now() - interval '30 seconds') \
        ORDER BY died_at LIMIT 50 FOR UPDATE SKIP LOCKED \
    ) \
    RETURNING id, job_id, kind, payload, reason, code, detail";

const OPENED: &str = "UPDATE job_dead SET case_opened_at = now() WHERE id = $1";

#[derive(QueryableByName)]
struct Letter {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    job_id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Opens a case for every dead letter that has none and whose kind is known here; how many.
pub(super) async fn open_cases(crew: &Crew) -> Result<usize, StoreError> {
    let statement = Statement::new(TAKE).bind::<Array<Text>, _>(crew.kinds());
    let letters: Vec<Letter> = crew.db.load("take dead letters", statement).await?;
    let mut opened = 0;
    for letter in letters {
        let Some(handler) = crew.handler(&letter.kind) else { continue };
        let reason = DeadReason { reason: letter.reason, code: letter.code, detail: letter.detail };
        match handler.dead(letter.payload, reason).await {
            Ok(()) => {
                mark(&crew.db, letter.id).await?;
                opened += 1;
            }
            Err(error) => {
                tracing::error!(
                    job.id = letter.job_id,
                    job.kind = letter.kind,
                    error = &error as &dyn std::error::Error,
                    "a dead job could not be made a case yet; it will be tried again"
                );
            }
        }
    }
    Ok(opened)
}

async fn mark(db: &Db, id: i64) -> Result<(), StoreError> {
    db.execute("mark a case as opened", Statement::new(OPENED).bind::<BigInt, _>(id)).await.map(|_| ())
}
