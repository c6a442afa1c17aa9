//! What every case store does.

#![allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]

use kernel::{Env, Id, entity};

use crate::{CaseError, CaseKind, CaseStore, NewCase, assign, cause_gone, open, order_causes_gone, resolve};

fn seen(kind: CaseKind, subject: &str, order: Option<Id<entity::Order>>, reason: &str) -> NewCase {
    let next_step = "look at it".to_owned();
    NewCase { kind, subject: subject.to_owned(), order, reason: reason.to_owned(), next_step }
}

/// Checks a store of cases that knows `order` and has no case of it yet.
///
/// # Panics
/// When the store does not conform.
pub async fn store_conforms<S: CaseStore>(store: &mut S, env: &mut Env, order: Id<entity::Order>) {
    one_cause_is_one_case(store, env, order).await;
    a_person_takes_and_ends_a_case(store, env, order).await;
    an_orders_causes_go_together(store, env, order).await;
}

async fn one_cause_is_one_case<S: CaseStore>(store: &mut S, env: &mut Env, order: Id<entity::Order>) {
    for kind in CaseKind::ALL {
        assert!(open(store, env, seen(kind, "same", Some(order), "first")).await.unwrap(), "{kind:?}");
        assert!(!open(store, env, seen(kind, "same", None, "second")).await.unwrap(), "{kind:?} is open");
    }
    let cases = store.open_cases_of(order).await.unwrap();
    assert_eq!(cases.len(), CaseKind::ALL.len());
    let told = cases.iter().all(|case| case.times == 2 && case.reason == "second" && case.order == Some(order));
    assert!(told, "the open case is brought up to date: {cases:?}");
    for kind in CaseKind::ALL {
        assert!(cause_gone(store, env, (kind, "same"), "it is well").await.unwrap());
        assert!(!cause_gone(store, env, (kind, "same"), "it is well").await.unwrap(), "it ended before");
    }
    assert_eq!(store.open_cases_of(order).await.unwrap(), Vec::new());
    assert!(open(store, env, seen(CaseKind::JobDead, "same", Some(order), "again")).await.unwrap(), "a new case");
    cause_gone(store, env, (CaseKind::JobDead, "same"), "it is well").await.unwrap();
}

async fn a_person_takes_and_ends_a_case<S: CaseStore>(store: &mut S, env: &mut Env, order: Id<entity::Order>) {
    open(store, env, seen(CaseKind::PaidTwice, "cs_1", Some(order), "twice")).await.unwrap();
    let id = store.open_cases_of(order).await.unwrap().first().unwrap().id;
    assert_eq!(assign(store, id, Some("Ada")).await.unwrap().owner.as_deref(), Some("Ada"));
    open(store, env, seen(CaseKind::PaidTwice, "cs_1", Some(order), "twice")).await.unwrap();
    assert_eq!(
        store.lock_case(id).await.unwrap().unwrap().owner.as_deref(),
        Some("Ada"),
        "seeing it again keeps it hers"
    );
    assert!(matches!(resolve(store, env, id, ("Ada", " ")).await, Err(CaseError::NoResolution)));
    resolve(store, env, id, ("Ada", "sent one back")).await.unwrap();
    let ended = store.lock_case(id).await.unwrap().unwrap().ending.unwrap();
    assert_eq!((ended.by.as_str(), ended.resolution.as_str()), ("Ada", "sent one back"));
    assert!(matches!(assign(store, id, None).await, Err(CaseError::Closed(_))));
    let unknown = env.id();
    assert!(matches!(assign(store, unknown, None).await, Err(CaseError::NotFound(_))));
}

async fn an_orders_causes_go_together<S: CaseStore>(store: &mut S, env: &mut Env, order: Id<entity::Order>) {
    for kind in [CaseKind::NoCapacity, CaseKind::SetupSlow, CaseKind::MailFailed] {
        open(store, env, seen(kind, "of-order", Some(order), "why")).await.unwrap();
    }
    open(store, env, seen(CaseKind::NoCapacity, "of-nobody", None, "why")).await.unwrap();
    let kinds = CaseKind::ENDED_BY_DELIVERY;
    assert_eq!(order_causes_gone(store, env, order, &kinds, "it runs").await.unwrap(), 2);
    assert_eq!(store.open_cases_of_kind(CaseKind::NoCapacity, 9).await.unwrap().len(), 1);
    assert_eq!(store.open_cases_of_kind(CaseKind::SetupSlow, 9).await.unwrap().len(), 0);
    let left: Vec<CaseKind> = store.open_cases_of(order).await.unwrap().iter().map(|case| case.kind).collect();
    assert_eq!(left, [CaseKind::MailFailed]);
    assert!(cause_gone(store, env, (CaseKind::NoCapacity, "of-nobody"), "it is well").await.unwrap());
    assert!(cause_gone(store, env, (CaseKind::MailFailed, "of-order"), "it is well").await.unwrap());
}

#[cfg(test)]
mod tests {
    use kernel::Env;

    use super::*;
    use crate::testing::MemoryCases;

    #[tokio::test]
    async fn the_memory_store_conforms() {
        let mut env = Env::system();
        let order = env.id();
        store_conforms(&mut MemoryCases::default(), &mut env, order).await;
    }
}
