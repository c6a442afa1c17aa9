//! What is tried, and what it is counted under.

use std::net::IpAddr;

use kernel::{EmailAddress, Id, entity};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Charge, LimitKey, Per, Rule, network,
    rule::{
        CHANGE_ADDRESS, CHECKOUT, CHECKOUT_NETWORK, LINK, LINK_NETWORK, MAIL, MAIL_NETWORK, MANAGE_SERVICE, RECHECK,
        SECOND_FACTOR, SIGN_IN, SIGN_IN_FROM, SIGN_IN_NETWORK,
    },
};

/// Something that may be tried only so often.
#[derive(Debug, Clone, Copy)]
pub enum Attempt<'a> {
    /// Signing in with this address. Whether it has an account makes no difference.
    SignIn(&'a EmailAddress),
    /// Whatever anybody can make us write to this address: an account, a new password.
    Mail(&'a EmailAddress),
    /// Somebody who is signed in gives their password once more.
    Recheck(Id<entity::User>),
    /// The same, to move their account to this address, to which we write.
    ChangeAddress(Id<entity::User>, &'a EmailAddress),
    /// Using a mailed link, of which this is the token.
    Link(&'a SecretString),
    /// Ordering, for the customer of this id or as a guest with this address.
    Checkout(Option<Id<entity::Customer>>, &'a EmailAddress),
    /// Asking to sign in with a passkey, or doing it, whoever it may be.
    Passkey,
    /// Giving the code of a second factor.
    SecondFactor(Id<entity::User>),
    /// Starting, stopping or opening a service of one's own, which asks its provider.
    ManageService(Id<entity::User>),
}

/// Whose account it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// That of this address, if it has one.
    Address(&'a EmailAddress),
    /// This one.
    User(Id<entity::User>),
}

impl Attempt<'_> {
    /// Whose account it is about; `None` where nobody knows.
    pub const fn whose(&self) -> Option<Whose<'_>> {
        match self {
            Self::SignIn(address) | Self::Mail(address) | Self::Checkout(_, address) => Some(Whose::Address(address)),
            Self::Recheck(user)
            | Self::ChangeAddress(user, _)
            | Self::SecondFactor(user)
            | Self::ManageService(user) => Some(Whose::User(*user)),
            Self::Link(_) | Self::Passkey => None,
        }
    }

    /// Everything it is counted under, in the order of the buckets. Without an IP address, what needs one is left out.
    pub(crate) fn charges(&self, key: &LimitKey, ip: Option<IpAddr>) -> Vec<Charge> {
        let network = ip.map(network);
        let charge = |rule: &Rule, whose: &str| {
            let bucket = match (rule.per, &network) {
                (Per::Account | Per::Link, _) => key.bucket(rule, &[whose]),
                (Per::AccountAndNetwork, Some(network)) => key.bucket(rule, &[whose, network]),
                (Per::Network, Some(network)) => key.bucket(rule, &[network]),
                (Per::AccountAndNetwork | Per::Network, None) => return None,
            };
            Some(Charge { rule: *rule, bucket })
        };
        let all = |rules: &[Rule], whose: &str| rules.iter().filter_map(|rule| charge(rule, whose)).collect();
        let mut charges: Vec<Charge> = match self {
            Self::SignIn(address) => all(&[SIGN_IN_FROM, SIGN_IN, SIGN_IN_NETWORK], address.as_str()),
            Self::Mail(address) => all(&[MAIL, MAIL_NETWORK], address.as_str()),
            Self::Recheck(user) => all(&[RECHECK], &user.to_string()),
            Self::ChangeAddress(user, address) => {
                let mut both: Vec<Charge> = all(&[RECHECK, CHANGE_ADDRESS], &user.to_string());
                both.extend(charge(&MAIL, address.as_str()));
                both
            }
            Self::Link(token) => all(&[LINK, LINK_NETWORK], token.expose_secret()),
            Self::Checkout(Some(customer), _) => all(&[CHECKOUT, CHECKOUT_NETWORK], &customer.to_string()),
            Self::Checkout(None, address) => all(&[CHECKOUT, CHECKOUT_NETWORK], address.as_str()),
            Self::Passkey => all(&[SIGN_IN_NETWORK], ""),
            Self::SecondFactor(user) => all(&[SECOND_FACTOR], &user.to_string()),
            Self::ManageService(user) => all(&[MANAGE_SERVICE], &user.to_string()),
        };
        // All instances lock buckets in one order, so that they do not wait for each other in a circle.
        charges.sort_by_key(|charge| charge.bucket);
        charges
    }
}
