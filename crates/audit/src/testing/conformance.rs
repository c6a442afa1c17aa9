//! What every store of the trail does.

#![allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]

use std::net::IpAddr;

use kernel::{Env, Transact};

use crate::{
    Act, Actor, AuditStore, ChainKey, ChainStore, Entry, Facts, Head, Origin, Proof, Question, Subject, VerifyError,
    extend, verify,
};

/// One entry of each kind of actor, with everything that an entry can hold.
pub(super) fn samples(env: &mut Env) -> Vec<Entry> {
    let actors = [
        Actor::Visitor,
        Actor::Customer(env.id()),
        Actor::Staff(env.id()),
        Actor::operator("Ada"),
        Actor::system("hostwright-worker"),
    ];
    let v6: IpAddr = "2001:db8::17".parse().unwrap();
    let facts = Facts::none().text("owner", "Žofie \"Z\" \\ ☂").number("most", i64::MIN).flag("paused", true);
    let with = |actor| {
        let entry = Entry::new(env, actor, Act::CaseTaken, Subject::new("case", "case_1"));
        entry.from(&Origin::new(Some(v6), Some("agent/1"))).before(facts.clone()).after(Facts::none().number("n", 0))
    };
    actors.into_iter().map(with).collect()
}

/// Checks a store that is empty. Each step is a transaction of its own: what is not committed is in no chain.
///
/// # Panics
/// When the store does not conform.
pub async fn store_conforms<D>(db: &D, env: &mut Env)
where
    D: Transact<Tx: AuditStore + ChainStore>,
{
    let key = ChainKey::new("k1", [7; 32]);
    let keys = [key.clone()];
    let question = |env: &Env| Question { keys: &keys, head: None, chained_before: env.now() + HOUR };
    let prove = async |env: &Env| {
        let asked = question(env);
        db.transaction(async |tx| verify(tx, &asked).await).await
    };
    assert_eq!(prove(env).await.unwrap(), Proof { end: Head::START }, "nothing is proven at once");
    assert_eq!(db.transaction(async |tx| extend(tx, &key).await).await.unwrap(), 0);

    let samples = samples(env);
    for entry in &samples {
        db.transaction(async |tx| tx.append(entry).await).await.unwrap();
    }
    let waiting = prove(env).await;
    assert!(matches!(waiting, Err(VerifyError::Unchained(unchained)) if unchained.count == 5), "{waiting:?}");
    let early = Question { chained_before: samples.first().unwrap().at, ..question(env) };
    db.transaction(async |tx| verify(tx, &early).await).await.unwrap();

    let mut chained = 0;
    // A database server may have older transactions open that are none of ours.
    for _ in 0..MANY {
        chained += db.transaction(async |tx| extend(tx, &key).await).await.unwrap();
        if chained == 5 {
            break;
        }
    }
    assert_eq!(chained, 5);
    assert_eq!(db.transaction(async |tx| extend(tx, &key).await).await.unwrap(), 0, "each entry once");
    let proof = prove(env).await.unwrap();
    assert_eq!(proof.end.position, 5);
    let rows = db.transaction(async |tx| tx.chain_after(0, 9).await).await.unwrap();
    let read: Vec<_> = rows.iter().filter_map(|row| row.written.as_ref()?.columns.clone()).collect();
    assert_eq!(read, samples, "what was written is read back, in its order");
    let part = db.transaction(async |tx| tx.chain_after(2, 2).await).await.unwrap();
    assert_eq!(part.iter().map(|row| row.link.head.position).collect::<Vec<_>>(), [3, 4]);

    let other = [ChainKey::new("k1", [8; 32])];
    let stranger = Question { keys: &other, ..question(env) };
    let refused = db.transaction(async |tx| verify(tx, &stranger).await).await;
    assert!(matches!(refused, Err(VerifyError::Fault(_))), "another key proves nothing: {refused:?}");
}

/// More looks than anything takes.
const MANY: usize = 100_000;
const HOUR: chrono::TimeDelta = chrono::TimeDelta::hours(1);
