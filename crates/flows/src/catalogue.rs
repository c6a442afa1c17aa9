//! What people of the shop change of what is sold: looked at first, then saved as it was shown, and on record.

use audit::{Act, Actor, AuditStore, Entry, Facts, Subject};
use catalog::{
    CatalogStore, ChangeSet, Coupon, CouponCode, EditProblem, NewCoupon, NewProduct, Product, ProductEdit, apply,
    check_coupon, check_product, coupon_changes, file::SettingsCheck, product_changes, version,
};
use kernel::{Env, Failure, FailureKind, Id, StoreError, Transact, entity};

use crate::Stores;

/// What came of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Edited {
    /// Nothing yet: this is what would change.
    Shown(ChangeSet),
    /// It is done.
    Saved(Id<entity::Product>),
    /// It was so already, by the same form sent twice perhaps.
    Unchanged(Id<entity::Product>),
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such product.
    #[error("there is no such product")]
    NotFound,
    /// Somebody else changed it since it was looked at.
    #[error("somebody else has changed this product since you opened it")]
    Changed,
    /// What was entered cannot be.
    #[error("{} thing(s) that were entered cannot be", .0.len())]
    Problems(Vec<EditProblem>),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for EditError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotFound => FailureKind::NotFound,
            Self::Changed => FailureKind::Conflict,
            Self::Problems(_) => FailureKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "product-not-found",
            Self::Changed => "product-changed-meanwhile",
            Self::Problems(_) => "product-not-possible",
            Self::Store(error) => error.code(),
        }
    }
}

/// What a person saw when they entered something: the product's [`version`], and the [`ChangeSet::digest`] of the changes that
/// they were shown and want.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Of the product that they opened.
    pub version: &'a str,
    /// Of the changes, once they were shown some.
    pub changes: Option<&'a str>,
}

/// Changes a product on record, or shows what that would be. What was shown is what is saved: changes that differ from it are
/// shown anew.
///
/// # Errors
/// [`EditError`]; nothing was changed then.
pub async fn edit_product<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    (id, edit, seen): (Id<entity::Product>, &ProductEdit, Seen<'_>),
    (settings, by): (&impl SettingsCheck, &Actor),
) -> Result<Edited, EditError> {
    let work = async |tx: &mut D::Tx| {
        tx.lock_catalog().await?;
        let products = tx.all_products().await?;
        let have = products.into_iter().find(|product| product.id == id).ok_or(EditError::NotFound)?;
        let want = edit.onto(&have);
        let changes = product_changes(Some(&have), &want, &edit.prices, env);
        if changes.is_empty() {
            return Ok(Edited::Unchanged(id));
        }
        if version(&have) != seen.version {
            return Err(EditError::Changed);
        }
        let problems = check_product(&want, &edit.prices, &tx.all_coupons().await?, settings);
        if !problems.is_empty() {
            return Err(EditError::Problems(problems));
        }
        save(tx, env, (&want, changes, seen.changes), (Act::ProductChanged, by)).await
    };
    db.transaction(work).await
}

/// Adds a product, or shows what that would be.
///
/// # Errors
/// [`EditError`]; nothing was changed then.
pub async fn add_product<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    (new, edit, shown): (&NewProduct, &ProductEdit, Option<&str>),
    (settings, by): (&impl SettingsCheck, &Actor),
) -> Result<Edited, EditError> {
    let work = async |tx: &mut D::Tx| {
        tx.lock_catalog().await?;
        let products = tx.all_products().await?;
        if let Some(there) = products.iter().find(|product| product.code == new.code) {
            return same(there, new, edit, env);
        }
        let want = edit.of(new, env.id());
        let problems = check_product(&want, &edit.prices, &tx.all_coupons().await?, settings);
        if !problems.is_empty() {
            return Err(EditError::Problems(problems));
        }
        let changes = product_changes(None, &want, &edit.prices, env);
        save(tx, env, (&want, changes, shown), (Act::ProductAdded, by)).await
    };
    db.transaction(work).await
}

/// A code that is taken: by this very product, where its form was sent twice.
fn same(there: &Product, new: &NewProduct, edit: &ProductEdit, env: &mut Env) -> Result<Edited, EditError> {
    let alike = (there.kind, &there.provider) == (new.kind, &new.provider);
    if alike && product_changes(Some(there), &edit.onto(there), &edit.prices, env).is_empty() {
        return Ok(Edited::Unchanged(there.id));
    }
    Err(EditError::Problems(vec![EditProblem::new("code", "there is a product with this code already")]))
}

async fn save<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    (want, changes, shown): (&Product, ChangeSet, Option<&str>),
    (act, by): (Act, &Actor),
) -> Result<Edited, EditError> {
    if shown != Some(&*changes.digest()) {
        return Ok(Edited::Shown(changes));
    }
    apply(tx, &changes).await?;
    let after = Facts::none().text("code", want.code.as_str()).text("what", &changes.to_string());
    tx.append(&Entry::new(env, by.clone(), act, Subject::new("product", want.id)).after(after)).await?;
    Ok(Edited::Saved(want.id))
}

/// Makes a coupon. Sent twice, it is made once.
///
/// # Errors
/// [`EditError::Problems`] and the store's.
pub async fn add_coupon<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    new: &NewCoupon,
    by: &Actor,
) -> Result<Coupon, EditError> {
    let work = async |tx: &mut D::Tx| {
        tx.lock_catalog().await?;
        let want = check_coupon(new, &tx.all_products().await?).map_err(EditError::Problems)?;
        match tx.coupon(&want.code).await? {
            Some(there) if there == want => Ok(want),
            Some(_) => {
                let problem = EditProblem::new("code", "there is a coupon with this code already");
                Err(EditError::Problems(vec![problem]))
            }
            None => {
                let changes = coupon_changes(None, &want);
                apply(tx, &changes).await?;
                let entry = Entry::new(env, by.clone(), Act::CouponAdded, Subject::new("coupon", &want.code));
                tx.append(&entry.after(Facts::none().text("what", &changes.to_string()))).await?;
                Ok(want)
            }
        }
    };
    db.transaction(work).await
}

/// Ends a coupon: nobody can use it any more. What was bought with it keeps its price.
///
/// # Errors
/// [`EditError::NotFound`] where there is none.
pub async fn retire_coupon<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    code: &CouponCode,
    by: &Actor,
) -> Result<(), EditError> {
    let work = async |tx: &mut D::Tx| {
        tx.lock_catalog().await?;
        let have = tx.coupon(code).await?.ok_or(EditError::NotFound)?;
        if !have.active {
            return Ok(());
        }
        let want = Coupon { active: false, ..have.clone() };
        let changes = coupon_changes(Some(&have), &want);
        apply(tx, &changes).await?;
        let entry = Entry::new(env, by.clone(), Act::CouponRetired, Subject::new("coupon", code));
        tx.append(&entry.after(Facts::none().text("what", &changes.to_string()))).await?;
        Ok(())
    };
    db.transaction(work).await
}
