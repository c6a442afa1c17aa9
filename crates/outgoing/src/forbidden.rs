//! Addresses that no panel, mail server or payment gateway has.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What an address is that is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// 0.0.0.0/8 and `::`: many systems take it for this machine.
    Unspecified,
    /// 169.254.0.0/16 (RFC 3927) and fe80::/10 (RFC 4291).
    LinkLocal,
    /// A cloud's metadata service, from which whoever asks gets the machine's own credentials.
    Metadata,
    /// 224.0.0.0/4 and ff00::/8.
    Multicast,
    /// 240.0.0.0/4, with the broadcast address at its end.
    Reserved,
    /// 64:ff9b:1::/48 (RFC 8215): a network's own way to IPv4 addresses, of which only that network knows to which.
    Translated,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "no particular address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "where a cloud hands out credentials",
            Self::Multicast => "a multicast address",
            Self::Reserved => "a reserved address",
            Self::Translated => "a translated address",
        })
    }
}

/// Metadata services: AWS, Google, Azure, Oracle, OpenStack and most others have the first; AWS and Azure have a second one;
/// then Oracle's older cloud and Alibaba's. Each in the provider's own documentation.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(100, 100, 100, 200),
];

/// AWS, Google and Scaleway. They are in the private range, all else of which may be connected to.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

/// Why this address is not connected to; `None` for all that may be, this machine and private networks among them.
pub(super) fn forbidden(address: IpAddr) -> Option<Forbidden> {
    match meant(address) {
        IpAddr::V4(v4) => forbidden_v4(v4),
        IpAddr::V6(v6) => forbidden_v6(v6),
    }
}

/// The IPv4 address that an IPv6 one stands for, or else the address itself.
pub(super) fn meant(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => embedded(v6).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn forbidden_v4(v4: Ipv4Addr) -> Option<Forbidden> {
    let [first, ..] = v4.octets();
    if METADATA_V4.contains(&v4) {
        Some(Forbidden::Metadata)
    } else if first == 0 {
        Some(Forbidden::Unspecified)
    } else if v4.is_link_local() {
        Some(Forbidden::LinkLocal)
    } else if v4.is_multicast() {
        Some(Forbidden::Multicast)
    } else if first >= 240 {
        Some(Forbidden::Reserved)
    } else {
        None
    }
}

fn forbidden_v6(v6: Ipv6Addr) -> Option<Forbidden> {
    if METADATA_V6.contains(&v6) {
        Some(Forbidden::Metadata)
    } else if v6.is_unspecified() {
        Some(Forbidden::Unspecified)
    } else if v6.is_unicast_link_local() {
        Some(Forbidden::LinkLocal)
    } else if v6.is_multicast() {
        Some(Forbidden::Multicast)
    } else if matches!(v6.segments(), [0x64, 0xff9b, 1, ..]) {
        Some(Forbidden::Translated)
    } else {
        None
    }
}

/// The IPv4 address inside: what is sent to the IPv6 one ends up there.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match v6.segments() {
        // `::` and `::1` are themselves; the rest of ::/96 was once "IPv4-compatible" (RFC 4291, 2.5.5.1).
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => return None,
        // IPv4-mapped (RFC 4291, 2.5.5.2), IPv4-translated (RFC 2765), NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        // 6to4 (RFC 3056).
        | [0x2002, high, low, ..] => (high, low),
        // Teredo (RFC 4380): the client's address is inverted.
        [0x2001, 0, _, _, _, _, high, low] => (!high, !low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Option<Forbidden> {
        forbidden(text.parse().unwrap())
    }

    #[test]
    fn addresses_that_nobody_sells_from_are_forbidden() {
        let table = [
            ("0.0.0.0", Forbidden::Unspecified),
            ("0.255.255.255", Forbidden::Unspecified),
            ("::", Forbidden::Unspecified),
            ("169.254.0.0", Forbidden::LinkLocal),
            ("169.254.170.2", Forbidden::LinkLocal),
            ("169.254.255.255", Forbidden::LinkLocal),
            ("fe80::", Forbidden::LinkLocal),
            ("febf:ffff::1", Forbidden::LinkLocal),
            ("169.254.169.254", Forbidden::Metadata),
            ("168.63.129.16", Forbidden::Metadata),
            ("192.0.0.192", Forbidden::Metadata),
            ("100.100.100.200", Forbidden::Metadata),
            ("fd00:ec2::254", Forbidden::Metadata),
            ("fd20:ce::254", Forbidden::Metadata),
            ("fd00:42::42", Forbidden::Metadata),
            ("224.0.0.1", Forbidden::Multicast),
            ("239.255.255.255", Forbidden::Multicast),
            ("ff02::1", Forbidden::Multicast),
            ("240.0.0.1", Forbidden::Reserved),
            ("255.255.255.255", Forbidden::Reserved),
            ("64:ff9b:1::", Forbidden::Translated),
            ("64:ff9b:1:fffe::a9fe:a9fe", Forbidden::Translated),
        ];
        for (text, expected) in table {
            assert_eq!(judged(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_address_inside_another_is_judged_by_what_it_is() {
        for form in ["::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "::{}"] {
            let form = |v4: &str| judged(&form.replace("{}", v4));
            assert_eq!(form("169.254.169.254"), Some(Forbidden::Metadata));
            assert_eq!(form("169.254.1.1"), Some(Forbidden::LinkLocal));
            assert_eq!(form("224.0.0.1"), Some(Forbidden::Multicast));
            assert_eq!(form("255.255.255.255"), Some(Forbidden::Reserved));
            assert_eq!(form("100.100.100.200"), Some(Forbidden::Metadata));
            assert_eq!(form("192.0.2.1"), None);
            assert_eq!(form("10.0.0.1"), None);
        }
        assert_eq!(judged("::ffff:0.0.0.0"), Some(Forbidden::Unspecified));
        assert_eq!(judged("2002:a9fe:a9fe::1"), Some(Forbidden::Metadata), "6to4");
        assert_eq!(judged("2002:a9fe:101::1"), Some(Forbidden::LinkLocal), "6to4");
        assert_eq!(judged("2001:0:1:2:3:4:5601:5601"), Some(Forbidden::Metadata), "Teredo");
        assert_eq!(judged("2001:0:1:2:3:4:5601:5602"), Some(Forbidden::LinkLocal), "Teredo");
    }

    #[test]
    fn this_machine_private_networks_and_the_world_may_be_connected_to() {
        let table = [
            "1.1.1.1",
            "1.0.0.0",
            "9.255.255.255",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.199",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.16.0.1",
            "192.0.0.191",
            "192.168.1.1",
            "223.255.255.255",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::1.1.1.1",
            "64:ff9b:2::1",
            "2001:db8::1",
            "2606:4700::1111",
            "fc00::1",
            "fd00:ec2::253",
            "fdff::1",
            "fe7f::1",
            "fec0::1",
        ];
        for text in table {
            assert_eq!(judged(text), None, "{text}");
        }
    }
}
