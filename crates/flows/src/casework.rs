//! What people do to cases and orders by hand, each on record in its own transaction.

use audit::{Act, Actor, AuditStore, Entry, Facts, Subject};
use cases::{Case, CaseError, CaseStore};
use kernel::{Env, Id, Transact, entity};
use orders::OrderError;

use crate::Stores;

/// Somebody takes a case, or puts it back with `None`.
///
/// # Errors
/// [`CaseError::NotFound`] and [`CaseError::Closed`].
pub async fn assign_case<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    (id, owner): (Id<entity::Case>, Option<&str>),
    by: &Actor,
) -> Result<Case, CaseError> {
    let act = if owner.is_some() { Act::CaseTaken } else { Act::CaseReleased };
    let work = async |tx: &mut D::Tx| {
        let before = tx.lock_case(id).await?.and_then(|case| case.owner);
        let case = cases::assign(tx, id, owner).await?;
        let [before, after] = [&before, &case.owner].map(|owner| Facts::none().maybe_text("owner", owner.as_deref()));
        let entry = Entry::new(env, by.clone(), act, Subject::new("case", id));
        tx.append(&entry.before(before).after(after)).await?;
        Ok(case)
    };
    db.transaction(work).await
}

/// A person says that a case is done with, and how. `who` stands in the case, `by` in the trail.
///
/// # Errors
/// [`CaseError`]; a resolution must be given.
pub async fn close_case<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    id: Id<entity::Case>,
    (who, by, resolution): (&str, &Actor, &str),
) -> Result<Case, CaseError> {
    let work = async |tx: &mut D::Tx| {
        let case = cases::resolve(tx, env, id, (who, resolution)).await?;
        let before = Facts::none().maybe_text("owner", case.owner.as_deref());
        let after = Facts::none().text("kind", case.kind.as_str()).text("resolution", resolution);
        let entry = Entry::new(env, by.clone(), Act::CaseClosed, Subject::new("case", id));
        tx.append(&entry.before(before).after(after)).await?;
        Ok(case)
    };
    db.transaction(work).await
}

/// A person has an order delivered again. Its provider is looked at before anything is made.
///
/// # Errors
/// [`OrderError`]: there is no such order, or it is in a state from which it cannot be delivered.
pub async fn retry_order<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    id: Id<entity::Order>,
    by: &Actor,
) -> Result<(), OrderError> {
    let work = async |tx: &mut D::Tx| {
        orders::retry(tx, env, id).await?;
        tx.append(&Entry::new(env, by.clone(), Act::OrderRetried, Subject::new("order", id))).await?;
        Ok(())
    };
    db.transaction(work).await
}
