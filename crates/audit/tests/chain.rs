//! Whatever is done to a chain afterwards is found, and what bytes say they say of one entry only.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use std::sync::{Mutex, PoisonError};

use audit::{
    Act, Actor, AuditStore, ChainKey, Entry, Facts, Fault, Head, Origin, Question, Subject, VerifyError, decode,
    encode, extend, testing::MemoryAudit, verify,
};
use kernel::{Env, Id, StoreError, Timestamp, Transact};
use proptest::prelude::*;

struct Db(Mutex<MemoryAudit>);

impl Transact for Db {
    type Tx = MemoryAudit;

    async fn transaction<T, E>(&self, work: impl AsyncFnOnce(&mut MemoryAudit) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut copy = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let result = work(&mut copy).await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = copy;
        Ok(result)
    }
}

#[tokio::test]
async fn the_memory_store_conforms() {
    audit::testing::store_conforms(&Db(Mutex::default()), &mut Env::system()).await;
}

fn text() -> impl Strategy<Value = String> {
    "[a-z\u{17e} :{}\",\\\\]{0,9}"
}

fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::Visitor),
        any::<u128>().prop_map(|id| Actor::Customer(Id::from_uuid(uuid::Uuid::from_u128(id)))),
        any::<u128>().prop_map(|id| Actor::Staff(Id::from_uuid(uuid::Uuid::from_u128(id)))),
        text().prop_map(|name| Actor::operator(&name)),
        text().prop_map(|name| Actor::system(&name)),
    ]
}

fn facts() -> impl Strategy<Value = Facts> {
    let one = (text(), any::<u8>(), text(), any::<i64>());
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        all.into_iter().fold(Facts::none(), |facts, (name, kind, words, number)| match kind % 3 {
            0 => facts.text(&name, &words),
            1 => facts.number(&name, number),
            _ => facts.flag(&name, number > 0),
        })
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let what = (any::<u128>(), 0..4_000_000_000_000_000_i64, actor(), 0..Act::ALL.len());
    let origin = (any::<Option<std::net::IpAddr>>(), any::<bool>(), text());
    (what, (text(), text()), origin, facts(), facts()).prop_map(|(what, subject, origin, before, after)| Entry {
        id: Id::from_uuid(uuid::Uuid::from_u128(what.0)),
        at: Timestamp::from_timestamp_micros(what.1).unwrap(),
        actor: what.2,
        act: Act::ALL[what.3],
        subject: Subject::new(&subject.0, subject.1),
        origin: Origin::new(origin.0, origin.1.then_some(origin.2.as_str())),
        before,
        after,
    })
}

proptest! {
    #[test]
    fn an_entry_reads_back(entry in entry()) {
        prop_assert_eq!(decode(&encode(&entry)), Some(entry));
    }

    #[test]
    fn two_entries_never_share_their_bytes(one in entry(), two in entry()) {
        prop_assert_eq!(encode(&one) == encode(&two), one == two);
    }

    #[test]
    fn what_decodes_has_no_other_bytes(entry in entry(), place in any::<prop::sample::Index>(), byte in 1..=255_u8) {
        let mut bytes = encode(&entry);
        let place = place.index(bytes.len());
        bytes[place] ^= byte;
        if let Some(other) = decode(&bytes) {
            prop_assert_ne!(&other, &entry);
            prop_assert_eq!(encode(&other), bytes);
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(entry) = decode(&bytes) {
            prop_assert_eq!(encode(&entry), bytes);
        }
    }

    #[test]
    fn whatever_is_done_to_a_chain_is_found(length in 2..9_usize, what in 0..9_u8, a in 0..9_usize, b in 0..9_usize) {
        run(async move {
            let (mut store, end) = chain(length).await;
            let (a, b) = (a % length, b % length);
            let harmed = tamper(&mut store, what, (a, b));
            let proof = prove(&mut store, Some(end)).await;
            assert_eq!(proof.is_err(), harmed, "{what} at {a} and {b} of {length}: {proof:?}");
        });
    }
}

fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work);
}

fn keys() -> [ChainKey; 2] {
    [ChainKey::new("old", [1; 32]), ChainKey::new("new", [2; 32])]
}

/// A chain, half of it made with each key.
async fn chain(length: usize) -> (MemoryAudit, Head) {
    let (mut store, mut env) = (MemoryAudit::default(), Env::system());
    let [old, new] = keys();
    for number in 0..length {
        let entry = Entry::new(&mut env, Actor::operator("Ada"), Act::CaseTaken, Subject::new("case", number));
        store.append(&entry).await.unwrap();
        extend(&mut store, if number < length / 2 { &old } else { &new }).await.unwrap();
    }
    let end = prove(&mut store, None).await.unwrap();
    (store, end)
}

async fn prove(store: &mut MemoryAudit, head: Option<Head>) -> Result<Head, VerifyError> {
    let question = Question { keys: &keys(), head, chained_before: Timestamp::MAX_UTC };
    verify(store, &question).await.map(|proof| proof.end)
}

/// Does one thing to a chain; whether that changes it.
fn tamper(store: &mut MemoryAudit, what: u8, (a, b): (usize, usize)) -> bool {
    let log_a = u64::try_from(a).unwrap();
    let place = |index: usize| i64::try_from(index + 1).unwrap();
    match what {
        // A column, the bytes, both alike.
        0 => store.log.get_mut(&log_a).unwrap().1.columns.as_mut().unwrap().act = Act::CaseClosed,
        1 => *store.log.get_mut(&log_a).unwrap().1.encoding.last_mut().unwrap() ^= 1,
        2 => {
            let written = &mut store.log.get_mut(&log_a).unwrap().1;
            written.columns.as_mut().unwrap().actor = Actor::operator("Eve");
            written.encoding = encode(written.columns.as_ref().unwrap());
        }
        // The entry, the link, both of them.
        3 => drop(store.log.remove(&log_a)),
        4 => drop(store.chain.remove(&place(a))),
        5 => {
            store.log.remove(&log_a);
            store.chain.remove(&place(a));
        }
        // Two change places: the entries only, or the links with their hashes.
        6 | 7 => {
            let (one, two) = (store.chain[&place(a)].clone(), store.chain[&place(b)].clone());
            let (mut first, mut second) = (one.clone(), two.clone());
            (first.entry, second.entry) = (two.entry, one.entry);
            if what == 7 {
                (first, second) = (two, one);
                (first.head.position, second.head.position) = (place(a), place(b));
            }
            store.chain.insert(place(a), first);
            store.chain.insert(place(b), second);
            return a != b;
        }
        // One stands in another's place too.
        _ => {
            let mut twice = store.chain[&place(b)].clone();
            twice.head.position = place(a);
            store.chain.insert(place(a), twice);
            return a != b;
        }
    }
    true
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let fault = async |what, places| {
        let (mut store, _) = chain(6).await;
        assert!(tamper(&mut store, what, places));
        match prove(&mut store, None).await {
            Err(VerifyError::Fault(fault)) => fault,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(fault(0, (2, 0)).await, Fault::ColumnsChanged { position: 3, .. }));
    assert!(matches!(fault(1, (2, 0)).await, Fault::Changed { position: 3, .. }));
    assert!(matches!(fault(2, (2, 0)).await, Fault::Changed { position: 3, .. }));
    assert!(matches!(fault(3, (2, 0)).await, Fault::EntryMissing { position: 3, .. }));
    assert_eq!(fault(4, (2, 0)).await, Fault::PositionMissing { position: 3, found: 4 });
    assert!(matches!(fault(6, (3, 5)).await, Fault::Reordered { position: 4, stands_at: 6, .. }));
    assert!(matches!(fault(7, (3, 5)).await, Fault::Reordered { position: 4, stands_at: 6, .. }));
    let (mut store, _) = chain(6).await;
    let [_, new] = keys();
    let question = Question { keys: &[new], head: None, chained_before: Timestamp::MIN_UTC };
    let unknown = verify(&mut store, &question).await;
    assert!(matches!(unknown, Err(VerifyError::Fault(Fault::UnknownKey { position: 1, .. }))), "{unknown:?}");
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_found_by_a_head_that_was_noted() {
    let (mut store, end) = chain(6).await;
    for position in [5, 6] {
        store.chain.remove(&position);
        store.log.remove(&u64::try_from(position - 1).unwrap());
    }
    assert_eq!(prove(&mut store, None).await.unwrap().position, 4, "nothing in it tells");
    let cut = prove(&mut store, Some(end)).await;
    assert!(matches!(cut, Err(VerifyError::CutOff { end: 4, .. })), "{cut:?}");
    let (mut other, _) = chain(6).await;
    let another = prove(&mut other, Some(end)).await;
    assert!(matches!(another, Err(VerifyError::AnotherChain { .. })), "{another:?}");
}
