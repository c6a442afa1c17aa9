//! What is done with a service in between: another plan's limits, set up once more.

use super::{Goal, Stage, Trouble, assert_class, reach, target};
use crate::{Ability, ProviderError, RemoteState, ServiceOrder, Step};

/// Another plan's limits, asked for twice and under trouble: it has them, and is one thing still.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
pub(super) async fn grows_under(stage: &dyn Stage, order: &ServiceOrder, trouble: Option<Trouble>) {
    let provider = stage.provider();
    if !provider.capabilities().can(Ability::Change) {
        return;
    }
    let Some(larger) = stage.larger(order) else { panic!("it claims to change what it made: say to what") };
    let made = provider.create(order).await.unwrap();
    let mut looks = 0..100;
    while provider.observe(&made.reference).await.unwrap().state == RemoteState::Installing && looks.next().is_some() {}
    let target = target(order, &made.reference);
    assert!(stage.measures(order).await && !stage.measures(&larger).await, "the larger plan is another one");
    if let Some(trouble) = trouble {
        if !stage.trouble(trouble).await {
            return;
        }
        match provider.change(&target, &larger).await {
            Err(error) => assert_class(trouble, &error, "change"),
            Ok(step) => panic!("change {trouble:?}: the answer said nothing of the kind: {step:?}"),
        }
    }
    for _ in 0..2 {
        let mut step = provider.change(&target, &larger).await.unwrap();
        while let Step::Pending { token, .. } = step {
            step = provider.poll(&token).await.unwrap();
        }
        assert!(stage.measures(&larger).await, "{trouble:?}: said to be done, and it is not as large");
    }
    let seen = provider.observe(&made.reference).await.unwrap();
    assert!(!matches!(seen.state, RemoteState::Suspended | RemoteState::Failed(_)), "{trouble:?}: {seen:?}");
    assert_eq!(stage.truth(order.service).await, 1, "{trouble:?}");
}

/// Set up anew it is the same thing; while it is suspended it is left alone.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub(super) async fn is_set_up_anew(stage: &dyn Stage, order: &ServiceOrder) {
    let provider = stage.provider();
    let can = provider.capabilities();
    if !can.can(Ability::Reinstall) {
        return;
    }
    let made = provider.create(order).await.unwrap();
    let target = target(order, &made.reference);
    let mut step = provider.reinstall(&target).await.unwrap();
    while let Step::Pending { token, .. } = step {
        step = provider.poll(&token).await.unwrap();
    }
    assert_eq!(provider.observe(&made.reference).await.unwrap().reference, made.reference);
    if can.can(Ability::Suspend) {
        reach(provider, Goal::Suspended, &target).await;
        let refused = provider.reinstall(&target).await;
        assert!(matches!(refused, Err(ProviderError::Refused { .. })), "while it is suspended: {refused:?}");
        assert_eq!(provider.observe(&made.reference).await.unwrap().state, RemoteState::Suspended);
    }
    assert_eq!(stage.truth(order.service).await, 1);
}
