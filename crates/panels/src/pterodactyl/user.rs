//! The buyer's user in the panel: found by our own key, else by address, else made.
//!
//! The panel's filters match parts (`bob@x.com` also finds `notbob@x.com`), so every hit is compared whole: taking the
//! first one would give a customer's server to a stranger.

use kernel::EmailAddress;
use provisioning::{Owner, ProviderError};
use reqwest::Method;

use super::{
    Installation,
    answer::{Doubt, Fault},
    flavour::Flavour,
    panel::{misconfigured, refused},
    wire::{NewUser, Page, User},
};

/// More pages of partial matches than this are not read.
const MOST_PAGES: u32 = 200;
/// The panel's limit for names.
const NAME_LIMIT: usize = 191;

/// The panel's user id for this owner.
pub(super) async fn ensure(place: &Installation, owner: &Owner) -> Result<u64, ProviderError> {
    let key = place.user_key(owner.customer);
    if let Some(user) = by_key(place, &key).await? {
        return Ok(user.id);
    }
    if let Some(user) = by_email(place, &owner.email).await? {
        return claim(place, &key, owner, user).await;
    }
    match make(place, &key, owner).await? {
        Made::User(id) => Ok(id),
        // Somebody made it since, or the address belongs to a user that was invited to someone's server.
        Made::EmailTaken => match by_email(place, &owner.email).await? {
            Some(user) => claim(place, &key, owner, user).await,
            None => Err(refused("the panel has a user with the buyer's address, but does not list it")),
        },
    }
}

/// Whether a user of the panel is this owner's: by our key, or by address while no key was put on it yet.
pub(super) fn is_owner(place: &Installation, owner: &Owner, user: &User) -> bool {
    match foreign_key(user) {
        Some(key) => key == place.user_key(owner.customer),
        None => same_address(&user.email, &owner.email),
    }
}

async fn by_key(place: &Installation, key: &str) -> Result<Option<User>, ProviderError> {
    let found: Option<User> = place.panel.get_item(&["users", "external", key], &[]).await.map_err(harmless)?;
    match found {
        Some(user) if user.external_id.as_deref() != Some(key) => {
            Err(misconfigured("the panel answered with another user than was asked for"))
        }
        found => Ok(found),
    }
}

async fn by_email(place: &Installation, email: &EmailAddress) -> Result<Option<User>, ProviderError> {
    for page in 1..=MOST_PAGES {
        let number = page.to_string();
        let query = [("filter[email]", email.as_str()), ("per_page", "100"), ("page", number.as_str())];
        let answer: Page<User> = place.panel.get(&["users"], &query).await.map_err(harmless)?;
        let pages = answer.meta.map_or(1, |meta| meta.pagination.total_pages);
        let mut users = answer.data.into_iter().map(|item| item.attributes);
        if let Some(user) = users.find(|user| same_address(&user.email, email)) {
            return Ok(Some(user));
        }
        if page >= pages {
            return Ok(None);
        }
    }
    Err(misconfigured("the panel has too many users with a similar address to look through"))
}

/// Puts our key on a user that has none. A user with another key belongs to another billing system, or to another
/// customer of ours with the same address: a person must look.
async fn claim(place: &Installation, key: &str, owner: &Owner, user: User) -> Result<u64, ProviderError> {
    match foreign_key(&user) {
        Some(found) if found == key => return Ok(user.id),
        Some(_) => {
            return Err(refused(format!(
                "the panel's user {} has the buyer's address but another external id; correct it in the panel",
                user.id
            )));
        }
        None => {}
    }
    let (first, last) = names(&owner.name);
    let named = place.flavour().await? == Flavour::Pterodactyl;
    // The panel wants all of them again; what it has stays as it is.
    let kept = |has: &'_ Option<String>, new: &str| {
        named.then(|| has.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| new.to_owned()))
    };
    let (first, last) = (kept(&user.first_name, &first), kept(&user.last_name, &last));
    let body = NewUser {
        external_id: key,
        email: &user.email,
        username: &user.username,
        first_name: first.as_deref(),
        last_name: last.as_deref(),
    };
    let id = user.id.to_string();
    let claimed: User = place.panel.write(Method::PATCH, &["users", &id], &body).await.map_err(harmless)?;
    Ok(claimed.id)
}

enum Made {
    User(u64),
    EmailTaken,
}

/// Makes the user. The panel mails it a link to choose a password.
async fn make(place: &Installation, key: &str, owner: &Owner) -> Result<Made, ProviderError> {
    let (first, last) = names(&owner.name);
    let named = place.flavour().await? == Flavour::Pterodactyl;
    for username in usernames(owner) {
        let body = NewUser {
            external_id: key,
            email: owner.email.as_str(),
            username: &username,
            first_name: named.then_some(first.as_str()),
            last_name: named.then_some(last.as_str()),
        };
        match place.panel.write::<User>(Method::POST, &["users"], &body).await {
            Ok(user) => return Ok(Made::User(user.id)),
            Err(Fault::Refusal(refusal)) if refusal.breaks("email", "unique") => return Ok(Made::EmailTaken),
            Err(Fault::Refusal(refusal)) if refusal.breaks("username", "unique") => {}
            // A lost answer is harmless: the next try finds the user by our key.
            Err(fault) => return Err(harmless(fault)),
        }
    }
    Err(refused("every user name that we would give the buyer is taken in the panel"))
}

fn harmless(fault: Fault) -> ProviderError {
    fault.into_error(Doubt::Harmless)
}

/// The external id, if there is one.
fn foreign_key(user: &User) -> Option<&str> {
    user.external_id.as_deref().filter(|key| !key.is_empty())
}

fn same_address(theirs: &str, ours: &EmailAddress) -> bool {
    theirs.trim().to_lowercase() == ours.as_str()
}

/// User names in the order of trying: the address's first part and more and more of the customer's id, from the end of
/// it, where it is random. The panel wants at least three of `a-z0-9_.-`, a letter or digit first and last.
fn usernames(owner: &Owner) -> [String; 3] {
    let local = owner.email.as_str().split('@').next().unwrap_or_default();
    let stem: String = local.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    let stem = if stem.is_empty() { "user".to_owned() } else { stem.to_ascii_lowercase() };
    let id = owner.customer.uuid().simple().to_string();
    [6, 12, 32].map(|count| {
        let tail: String = id.chars().skip(id.len().saturating_sub(count)).collect();
        format!("{stem}_{tail}")
    })
}

/// First and last name; the panel wants both.
fn names(name: &str) -> (String, String) {
    let clean: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut words = clean.split_whitespace();
    let first = words.next().unwrap_or("Customer");
    let last = words.collect::<Vec<_>>().join(" ");
    let last = if last.is_empty() { "Customer" } else { last.as_str() };
    (cut(first), cut(last))
}

fn cut(name: &str) -> String {
    name.chars().take(NAME_LIMIT).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;

    fn owner(email: &str, name: &str) -> Owner {
        let customer = "cus_0198c0ffee00700080000000000abcde".parse().unwrap();
        Owner { customer, email: email.parse().unwrap(), name: name.to_owned() }
    }

    #[test]
    fn user_names_fit_the_panels_rule_and_differ() {
        for email in ["jan.novak+x@example.com", "_@example.com", "a@example.com", "müller@example.com"] {
            let Ok(email) = email.parse::<EmailAddress>() else { continue };
            let names = usernames(&owner(email.as_str(), "x"));
            for name in &names {
                assert!(name.len() >= 3 && name.len() <= 191);
                assert!(name.starts_with(|c: char| c.is_ascii_alphanumeric()));
                assert!(name.ends_with(|c: char| c.is_ascii_alphanumeric()));
                assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
            }
            assert!(names[0] != names[1] && names[1] != names[2]);
        }
        assert_eq!(usernames(&owner("jan.novak@example.com", "x"))[0], "jannovak_0abcde");
    }

    #[test]
    fn both_names_are_never_empty() {
        let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(names("Ada King Lovelace"), pair("Ada", "King Lovelace"));
        assert_eq!(names("Ada"), pair("Ada", "Customer"));
        assert_eq!(names(" \t"), pair("Customer", "Customer"));
        assert_eq!(names(&"x".repeat(500)).0.len(), 191);
    }
}
