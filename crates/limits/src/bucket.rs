//! What a try is counted in: a bucket under a name that says nothing.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Rule;

/// Bits of an IPv6 address that name a network: who is given one network has all addresses in it (RFC 6177, RFC 7421).
const NETWORK_BITS: u32 = 64;

/// The name of a bucket: 128 bits that mean nothing to who has not the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub [u8; 16]);

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bucket(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// What buckets are named with, derived from the installation's key. All instances of a shop have the same.
#[derive(Clone)]
pub struct LimitKey([u8; 64]);

impl LimitKey {
    /// This key.
    pub fn new(key: [u8; 32]) -> Self {
        // HMAC pads a key with zeros to the hash's block: a key that is padded already cannot be of a wrong length.
        let mut block = [0; 64];
        for (place, byte) in block.iter_mut().zip(key) {
            *place = byte;
        }
        Self(block)
    }

    /// The bucket of a rule for what these texts name, each taken with its length so that no two lists are alike.
    pub(crate) fn bucket(&self, rule: &Rule, texts: &[&str]) -> Bucket {
        let mut mac = Hmac::<Sha256>::new((&self.0).into());
        for text in [rule.name].iter().chain(texts) {
            mac.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(text.as_bytes());
        }
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        let mut name = [0; 16];
        for (place, byte) in name.iter_mut().zip(hash) {
            *place = byte;
        }
        Bucket(name)
    }
}

impl fmt::Debug for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LimitKey")
    }
}

/// The network that an address belongs to. An IPv4 address that is written as an IPv6 one is the IPv4 address.
pub fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let masked = ip.to_bits() & (u128::MAX << (u128::BITS - NETWORK_BITS));
            format!("{}/{NETWORK_BITS}", Ipv6Addr::from_bits(masked))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::{RULES, SIGN_IN, SIGN_IN_NETWORK};

    fn of(text: &str) -> String {
        network(text.parse().unwrap())
    }

    #[test]
    fn an_address_is_counted_with_its_network() {
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"), "one client, two ways to write it");
    }

    #[test]
    fn buckets_differ_by_rule_by_key_and_by_what_they_count() {
        let key = LimitKey::new([1; 32]);
        let buckets: std::collections::BTreeSet<Bucket> = RULES.iter().map(|rule| key.bucket(rule, &["a"])).collect();
        assert_eq!(buckets.len(), RULES.len());
        assert_eq!(key.bucket(&SIGN_IN, &["a"]), key.bucket(&SIGN_IN, &["a"]));
        assert_ne!(key.bucket(&SIGN_IN, &["a"]), LimitKey::new([2; 32]).bucket(&SIGN_IN, &["a"]));
        assert_ne!(key.bucket(&SIGN_IN, &["a", "b"]), key.bucket(&SIGN_IN, &["ab"]));
        assert_ne!(key.bucket(&SIGN_IN_NETWORK, &["a"]), key.bucket(&SIGN_IN, &["a"]));
        assert_eq!(format!("{key:?}"), "LimitKey");
    }

    proptest! {
        #[test]
        fn nobody_gets_another_bucket_by_what_stands_behind_the_network(high: u64, low: u64, other: u64) {
            let ip = |low: u64| IpAddr::V6(Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low)));
            // The one network whose addresses are IPv4 ones.
            prop_assume!(high != 0);
            prop_assert_eq!(network(ip(low)), network(ip(other)));
        }
    }
}
