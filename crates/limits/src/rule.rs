//! The rules.

/// What a rule counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Everything about one account, wherever it comes from: by its address where nobody has proven who they are, whether
    /// there is an account or not, otherwise by its id.
    Account,
    /// One account, from one network.
    AccountAndNetwork,
    /// Everything from one network: an IPv4 address, or the /64 of an IPv6 address.
    Network,
    /// One mailed link.
    Link,
}

/// So many tries at once, and one more every so often. A token bucket, kept as one instant (the generic cell rate
/// algorithm of ITU-T I.371).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable: it stands in logs and is part of what buckets are named by.
    pub name: &'static str,
    /// What is counted together.
    pub per: Per,
    /// Tries at once.
    pub burst: u32,
    /// Seconds until there is one more.
    pub every: u32,
}

impl Rule {
    const fn new(name: &'static str, per: Per, burst: u32, every: u32) -> Self {
        Self { name, per, burst, every }
    }

    /// Seconds until a bucket that is empty is full.
    pub const fn refill(&self) -> u32 {
        self.burst.saturating_mul(self.every)
    }
}

/// Guessing one password: far fewer tries than the hundred an hour of NIST SP 800-63B, 5.2.2, from one place …
pub(crate) const SIGN_IN_FROM: Rule = Rule::new("sign-in/account-network", Per::AccountAndNetwork, 10, 30);
/// … and from everywhere together, so that many places do not help.
pub(crate) const SIGN_IN: Rule = Rule::new("sign-in/account", Per::Account, 100, 30);
/// Trying one password with many accounts. An office behind one address has its tries, too.
pub(crate) const SIGN_IN_NETWORK: Rule = Rule::new("sign-in/network", Per::Network, 100, 2);
/// What makes us write to an address, so that nobody's mailbox is filled by strangers.
pub(crate) const MAIL: Rule = Rule::new("mail/address", Per::Account, 5, 600);
/// Who makes us write to many.
pub(crate) const MAIL_NETWORK: Rule = Rule::new("mail/network", Per::Network, 20, 60);
/// Guessing the password of an account that is open on somebody's screen.
pub(crate) const RECHECK: Rule = Rule::new("recheck/account", Per::Account, 10, 60);
/// Asking for other addresses.
pub(crate) const CHANGE_ADDRESS: Rule = Rule::new("change-address/account", Per::Account, 5, 60);
/// Guessing the password that goes with a mailed link.
pub(crate) const LINK: Rule = Rule::new("link/token", Per::Link, 10, 60);
/// Guessing links.
pub(crate) const LINK_NETWORK: Rule = Rule::new("link/network", Per::Network, 20, 60);
/// Orders of one buyer.
pub(crate) const CHECKOUT: Rule = Rule::new("checkout/buyer", Per::Account, 20, 30);
/// Orders from one network; each makes us ask the payment provider.
pub(crate) const CHECKOUT_NETWORK: Rule = Rule::new("checkout/network", Per::Network, 60, 2);
/// Guessing six digits.
pub(crate) const SECOND_FACTOR: Rule = Rule::new("second-factor/account", Per::Account, 5, 60);
/// Starting and stopping a service; each makes us ask its provider.
pub(crate) const MANAGE_SERVICE: Rule = Rule::new("manage-service/account", Per::Account, 20, 10);

/// All of them.
pub const RULES: &[Rule] = &[
    SIGN_IN_FROM,
    SIGN_IN,
    SIGN_IN_NETWORK,
    MAIL,
    MAIL_NETWORK,
    RECHECK,
    CHANGE_ADDRESS,
    LINK,
    LINK_NETWORK,
    CHECKOUT,
    CHECKOUT_NETWORK,
    SECOND_FACTOR,
    MANAGE_SERVICE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_lets_somebody_pass() {
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.burst > 0 && rule.every > 0));
    }
}
