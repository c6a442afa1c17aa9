//! The account of somebody who bought without signing in.

use chrono::Duration;
use kernel::{EmailAddress, Env, Id, StoreError, entity};

use crate::{AccountRequest, AccountStore, Customer, PasswordHash, Role, Sealed, SealedCredential, TokenHash, User};

/// How long what the welcome mail hands over can be used.
pub const WELCOME_HOURS: i64 = 72;

/// What the welcome mail of a guest hands over: the operator's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WelcomeMail {
    /// A link behind which a password is chosen, once. Nothing that stands in the mail opens the account afterwards.
    #[default]
    Link,
    /// A temporary password that must be changed at the first sign-in, for shops whose customers know it so.
    Password,
}

/// A word that names no choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected link or password")]
pub struct UnknownWelcomeMail;

impl std::str::FromStr for WelcomeMail {
    type Err = UnknownWelcomeMail;

    fn from_str(text: &str) -> Result<Self, UnknownWelcomeMail> {
        match text {
            "link" => Ok(Self::Link),
            "password" => Ok(Self::Password),
            _ => Err(UnknownWelcomeMail),
        }
    }
}

impl std::fmt::Display for WelcomeMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Link => "link",
            Self::Password => "password",
        })
    }
}

/// The way into an account that may have to be opened, in the forms that may be stored. Made before the transaction, since
/// hashing is slow; thrown away unused when the address turns out to have an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedAccess {
    /// The id that the seal is bound to.
    pub id: Id<entity::SealedSecret>,
    /// Of the temporary password; where a link is mailed, of one that nobody knows.
    pub hash: PasswordHash,
    /// The password or the link, for the one mail that carries it.
    pub sealed: Sealed,
    /// The link's token, where there is one.
    pub link: Option<TokenHash>,
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
    /// Made now; the way in waits under this id.
    New {
        /// The buyer.
        customer: Customer,
        /// The sealed password or link for the welcome mail.
        credential: Id<entity::SealedSecret>,
        /// Which of them it is.
        welcome: WelcomeMail,
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

/// Finds the account of `guest` or opens one with the prepared way in. Two purchases by one new address at the
/// same time end with one account: the loser of the insert reads the winner's.
///
/// # Errors
/// Those of the store. A missing `access` for a new address is a [`StoreError::Bug`] of the caller.
pub async fn open_account<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    guest: &GuestAccount,
    access: Option<&PreparedAccess>,
) -> Result<OpenedAccount, StoreError> {
    if let Some(user) = store.user_by_email(&guest.email).await? {
        return existing(store, env, &user, &guest.name).await;
    }
    let prepared = access.ok_or_else(|| StoreError::bug("a guest account needs a prepared way in"))?;
    let now = env.now();
    let expires_at = now + Duration::hours(WELCOME_HOURS);
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
    let welcome = match &prepared.link {
        Some(token) => {
            let request = AccountRequest::answered_reset(env, &user, *token, expires_at);
            store.insert_request(&request).await?;
            WelcomeMail::Link
        }
        None => WelcomeMail::Password,
    };
    Ok(OpenedAccount::New { customer, credential: prepared.id, welcome })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_as_it_is_written() {
        for choice in [WelcomeMail::Link, WelcomeMail::Password] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert_eq!("letter".parse::<WelcomeMail>(), Err(UnknownWelcomeMail));
    }
}
