//! The account of somebody who bought without signing in.

use chrono::Duration;
use kernel::{EmailAddress, Env, Id, StoreError, entity};

use crate::{AccountStore, Customer, PasswordHash, Role, Sealed, SealedCredential, User};

/// How long a temporary password can be used.
pub const TEMPORARY_PASSWORD_HOURS: i64 = 72;

/// A temporary password in the two forms that may be stored. Made before the transaction, since hashing is slow; thrown
/// away unused when the address turns out to have an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedPassword {
    /// The id that the seal is bound to.
    pub id: Id<entity::SealedSecret>,
    /// For checking.
    pub hash: PasswordHash,
    /// For the one mail that carries it.
    pub sealed: Sealed,
}

/// Who bought.
#[derive(Debug, Clone)]
pub struct GuestAccount {
    /// As given at checkout.
    pub email: EmailAddress,
    /// As given at checkout.
    pub name: String,
}

/// The account that an order belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenedAccount {
    /// Made now; the temporary password waits under this id.
    New {
        /// The buyer.
        customer: Customer,
        /// The sealed password for the welcome mail.
        credential: Id<entity::SealedSecret>,
    },
    /// Was there before; gets no credentials.
    Existing(Customer),
}

impl OpenedAccount {
    /// The buyer either way.
    pub const fn customer(&self) -> &Customer {
        match self {
            Self::New { customer, .. } | Self::Existing(customer) => customer,
        }
    }
}

/// Finds the account of `guest` or opens one with the prepared temporary password. Two purchases by one new address at the
/// same time end with one account: the loser of the insert reads the winner's.
///
/// # Errors
/// Those of the store. A missing `password` for a new address is a [`StoreError::Bug`] of the caller.
pub async fn open_account<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    guest: &GuestAccount,
    password: Option<&PreparedPassword>,
) -> Result<OpenedAccount, StoreError> {
    if let Some(user) = store.user_by_email(&guest.email).await? {
        return existing(store, env, &user, &guest.name).await;
    }
    let prepared = password.ok_or_else(|| StoreError::bug("a guest account needs a prepared password"))?;
    let now = env.now();
    let expires_at = now + Duration::hours(TEMPORARY_PASSWORD_HOURS);
    let user = User {
        id: env.id(),
        email: guest.email.clone(),
        password: prepared.hash.clone(),
        must_change_password: true,
        password_expires_at: Some(expires_at),
        role: Role::Customer,
        created_at: now,
    };
    if !store.insert_user(&user).await? {
        let winner = store.user_by_email(&guest.email).await?;
        let winner = winner.ok_or_else(|| StoreError::bug("a taken address has no user"))?;
        return existing(store, env, &winner, &guest.name).await;
    }
    let customer = insert_customer(store, env, &user, &guest.name).await?;
    let credential =
        SealedCredential { id: prepared.id, user: Some(user.id), sealed: prepared.sealed.clone(), expires_at };
    store.insert_sealed(&credential).await?;
    Ok(OpenedAccount::New { customer, credential: prepared.id })
}

async fn existing<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    user: &User,
    name: &str,
) -> Result<OpenedAccount, StoreError> {
    let customer = match store.customer_of(user.id).await? {
        Some(customer) => customer,
        None => insert_customer(store, env, user, name).await?,
    };
    Ok(OpenedAccount::Existing(customer))
}

/// Adds the buyer of a user.
pub(crate) async fn insert_customer<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    user: &User,
    name: &str,
) -> Result<Customer, StoreError> {
    let customer =
        Customer { id: env.id(), user: user.id, name: name.to_owned(), email: user.email.clone(), gateway_id: None };
    store.insert_customer(&customer).await?;
    Ok(customer)
}
