//! The bytes and the hashes are those that other programs make too, and for ever the same.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use audit::{Act, Actor, ChainKey, Entry, Facts, Head, Origin, PseudonymKey, Subject, decode, encode};
use kernel::{Id, Timestamp};

fn entry() -> Entry {
    Entry {
        id: Id::from_uuid("00000000-0000-0000-0000-000000000001".parse().unwrap()),
        at: Timestamp::from_timestamp_micros(1_768_478_400_000_001).unwrap(),
        actor: Actor::operator("Ada"),
        act: Act::QueuePaused,
        subject: Subject::new("queue", "mail"),
        origin: Origin::new(Some("192.0.2.7".parse().unwrap()), None),
        before: Facts::none().flag("paused", false),
        after: Facts::none().text("why", "a ž").flag("paused", true),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

/// Worked out by hand, with another implementation of HMAC.
#[test]
fn the_known_entry_has_the_known_bytes_and_hashes() {
    let bytes = encode(&entry());
    let known = "01000000000000000000000000000000010006486bf6d33001000000086f70657261746f72000000034164610000000c\
        71756575652d706175736564000000057175657565000000046d61696c01000000093139322e302e322e37000000000100000006\
        7061757365640300000000020000000670617573656403010000000377687901000000046120c5be";
    assert_eq!(hex(&bytes), known);
    assert_eq!(decode(&bytes), Some(entry()));
    let key = ChainKey::new("k1", [7; 32]);
    let first = Head { position: 1, hash: key.link(Head::START, &bytes) };
    assert_eq!(first.to_string(), "1:f868421b0d07208cc4d35c9216c3781a1383ff5dc3bf58832716e850a0a546d0");
    assert_eq!(key.link(first, &bytes).to_string(), "c923d057c6afc15414853e64acbdab035413de9173371d1550306e509876b794");
    let pseudonym = PseudonymKey::new([7; 32]).name("ada@example.com");
    assert_eq!(pseudonym, "c7f22a2b3094d750db28d69f809d573d");
}

#[test]
fn keys_are_not_printed() {
    let printed = format!("{:?} {:?}", ChainKey::new("k1", [7; 32]), PseudonymKey::new([7; 32]));
    assert_eq!(printed, "ChainKey { id: \"k1\", .. } PseudonymKey");
}

#[test]
fn an_operator_who_gives_an_address_is_named_without_its_host() {
    assert_eq!(Actor::operator("ada@example.com").to_string(), "operator ada");
}
