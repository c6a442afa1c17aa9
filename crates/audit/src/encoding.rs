//! The canonical bytes of an entry: what is hashed. Binary, because JSON has many texts for one value.
//!
//! One version byte; the id's 16 bytes; the time as microseconds since 1970 in 8; then texts, each behind its length in 4.
//! What may be absent stands behind a byte 0 or 1. Numbers are big-endian. No two entries have the same bytes, and each has
//! one form only: [`decode`] refuses every other.

use chrono::DateTime;
use kernel::Id;
use uuid::Uuid;

use crate::{Act, Actor, Entry, Fact, Facts, Origin, Subject};

const VERSION: u8 = 1;
const TEXT: u8 = 1;
const NUMBER: u8 = 2;
const FLAG: u8 = 3;

/// The canonical bytes of an entry.
pub fn encode(entry: &Entry) -> Vec<u8> {
    let mut out = vec![VERSION];
    out.extend(entry.id.uuid().as_bytes());
    out.extend(entry.at.timestamp_micros().to_be_bytes());
    let Subject { kind, id } = &entry.subject;
    for text in [entry.actor.kind(), &entry.actor.name(), entry.act.as_str(), kind, id] {
        put(&mut out, text);
    }
    put_maybe(&mut out, entry.origin.ip.map(|ip| ip.to_string()).as_deref());
    put_maybe(&mut out, entry.origin.user_agent.as_deref());
    put_facts(&mut out, &entry.before);
    put_facts(&mut out, &entry.after);
    out
}

/// No text of ours is near four gigabytes; the length of one that were would be cut, and it would not decode.
fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

fn put(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend(text.as_bytes());
}

fn put_maybe(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    if let Some(text) = text {
        put(out, text);
    }
}

fn put_facts(out: &mut Vec<u8>, facts: &Facts) {
    let facts = facts.iter();
    put_length(out, facts.len());
    for (name, fact) in facts {
        put(out, name);
        match fact {
            Fact::Text(text) => {
                out.push(TEXT);
                put(out, text);
            }
            Fact::Number(number) => {
                out.push(NUMBER);
                out.extend(number.to_be_bytes());
            }
            Fact::Flag(flag) => out.extend([FLAG, u8::from(*flag)]),
        }
    }
}

/// The entry with exactly these canonical bytes; `None` where there is none.
pub fn decode(bytes: &[u8]) -> Option<Entry> {
    let mut rest = Reader(bytes);
    let entry = rest.entry()?;
    // Whatever could be written in two ways counts in the one in which we write it.
    (rest.0.is_empty() && encode(&entry) == bytes).then_some(entry)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn entry(&mut self) -> Option<Entry> {
        if self.byte()? != VERSION {
            return None;
        }
        let id = Id::from_uuid(Uuid::from_bytes(self.array()?));
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(self.array()?))?;
        let actor = Actor::parse(&self.text()?, &self.text()?)?;
        let act = Act::parse(&self.text()?)?;
        let subject = Subject { kind: self.text()?, id: self.text()? };
        let ip = if self.present()? { Some(self.text()?.parse().ok()?) } else { None };
        let user_agent = if self.present()? { Some(self.text()?) } else { None };
        let origin = Origin { ip, user_agent };
        Some(Entry { id, at, actor, act, subject, origin, before: self.facts()?, after: self.facts()? })
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(taken.to_vec()).ok()
    }

    fn present(&mut self) -> Option<bool> {
        self.byte().map(|byte| byte != 0)
    }

    fn facts(&mut self) -> Option<Facts> {
        let count = self.length()?;
        // No capacity is taken on the word of bytes that nobody has checked.
        let mut facts = Vec::new();
        for _ in 0..count {
            facts.push((self.text()?, self.fact()?));
        }
        Facts::exact(facts)
    }

    fn fact(&mut self) -> Option<Fact> {
        match self.byte()? {
            TEXT => self.text().map(Fact::Text),
            NUMBER => self.array().map(i64::from_be_bytes).map(Fact::Number),
            FLAG => self.byte().map(|byte| Fact::Flag(byte != 0)),
            _ => None,
        }
    }
}
