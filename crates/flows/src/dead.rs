//! Dead jobs that no flow understands.

use cases::{CaseKind, NewCase};
use kernel::{Id, StoreError, Transact, entity};

use crate::Shop;

/// A job of a kind that no worker knows, or with a payload that nobody can read, was given up: a person must look.
///
/// # Errors
/// The store's.
pub async fn unknown_job_is_dead<W: Shop>(
    world: &W,
    (letter, kind): (i64, &str),
    order: Option<Id<entity::Order>>,
    reason: &str,
) -> Result<(), StoreError> {
    use orders::OrderStore as _;
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let order = match order {
            Some(order) => tx.order(order).await?.map(|order| order.id),
            None => None,
        };
        let new = NewCase {
            kind: CaseKind::JobDead,
            subject: format!("letter:{letter}"),
            order,
            reason: format!("a job of kind {kind} was given up: {reason}"),
            next_step: format!(
                "start workers that know {kind}, then `hostwright jobs retry {letter}` and close this case"
            ),
        };
        cases::open(tx, env, new).await.map(|_| ())
    };
    world.db().transaction(work).await
}
