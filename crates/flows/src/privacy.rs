//! What is held on a person: handing it out, and erasing it.

use accounts::{AccountStore as _, Customer, ErasureError, PersonStore as _};
use audit::{Act, Actor, AuditStore as _, Entry, Origin, Subject};
use kernel::{Env, Id, StoreError, Transact, entity};

use crate::Stores;

/// Everything that is held on a customer, as a JSON object; `None` when there is no such customer. On record.
pub async fn export_person<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    (by, customer): (&Actor, Id<entity::Customer>),
    origin: &Origin,
) -> Result<Option<String>, StoreError> {
    let work = async |tx: &mut D::Tx| {
        let Some(customer) = tx.customer(customer).await? else { return Ok(None) };
        tx.append(&entry(env, by, Act::PersonExported, &customer).from(origin)).await?;
        Ok::<_, StoreError>(Some(tx.export_person(&customer).await?))
    };
    db.transaction(work).await
}

/// Erases a customer: whatever says who they are goes, and what accounting needs stays under an id that leads to nobody.
/// Their address can open an account again.
///
/// # Errors
/// [`ErasureError`]; nothing was erased then.
pub async fn erase_person<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    (by, customer): (&Actor, Id<entity::Customer>),
    origin: &Origin,
) -> Result<(), ErasureError> {
    let work = async |tx: &mut D::Tx| {
        let customer = tx.customer(customer).await?.ok_or(ErasureError::Unknown)?;
        let user = tx.user(customer.user).await?.ok_or(ErasureError::Unknown)?;
        if user.role.is_staff() {
            return Err(ErasureError::Staff);
        }
        let not_over = tx.not_over(&customer).await?;
        if !not_over.is_empty() {
            return Err(ErasureError::NotOver(not_over.join("; ")));
        }
        tx.erase_person(&customer).await?;
        tx.append(&entry(env, by, Act::PersonErased, &customer).from(origin)).await?;
        Ok(())
    };
    db.transaction(work).await
}

fn entry(env: &mut Env, by: &Actor, act: Act, customer: &Customer) -> Entry {
    Entry::new(env, by.clone(), act, Subject::new("user", customer.user))
}
