//! What every provider must do, whatever goes wrong on the way to it.
//!
//! A provider comes with a [`Stage`]: the provider on something that can be told to go wrong, and that can be asked past
//! the provider what truly stands there. [`provider_conforms`] walks every verb through every trouble.

use std::time::Duration;

use kernel::{Id, entity};
use secrecy::SecretString;

use crate::{
    Ability, BoxFuture, Lookup, Mode, Power, Provider, ProviderError, Remote, RemoteRef, RemoteState, RoomFor,
    ServiceOrder, Step, Target,
};

mod slow;
mod upkeep;

pub use slow::{SLOW_ANSWER, provider_waits};
use upkeep::{grows_under, is_set_up_anew};

/// What goes wrong with one call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection closes, and nothing happened.
    CutBefore,
    /// It takes effect, and the connection closes.
    CutAfter,
    /// 504 in the provider's own shape, without effect.
    GatewayBefore,
    /// 504 in the provider's own shape, after it took effect.
    GatewayAfter,
    /// A proxy's page, 502, without effect.
    PageBefore,
    /// A proxy's page, 502, after it took effect.
    PageAfter,
    /// 429, to come back after [`Trouble::PAUSE`].
    TooMany,
    /// 409: it is busy with something else.
    Conflict,
    /// A redirect.
    Redirect,
    /// It takes effect, and the answer is a success of a shape that is not known.
    OtherVersion,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::CutBefore,
        Self::CutAfter,
        Self::GatewayBefore,
        Self::GatewayAfter,
        Self::PageBefore,
        Self::PageAfter,
        Self::TooMany,
        Self::Conflict,
        Self::Redirect,
        Self::OtherVersion,
    ];
    /// When to come back after [`Trouble::TooMany`].
    pub const PAUSE: Duration = Duration::from_secs(7);

    /// Whoever sees the answer cannot know whether it happened.
    const fn leaves_doubt(self) -> bool {
        match self {
            Self::CutBefore
            | Self::CutAfter
            | Self::GatewayBefore
            | Self::GatewayAfter
            | Self::PageBefore
            | Self::PageAfter
            | Self::OtherVersion => true,
            Self::TooMany | Self::Conflict | Self::Redirect => false,
        }
    }
}

/// A provider, on something that can go wrong.
pub trait Stage: Send + Sync {
    /// The provider.
    fn provider(&self) -> &dyn Provider;

    /// An order that it accepts; for every number another service and another customer.
    fn order(&self, number: u64) -> ServiceOrder;

    /// It makes things by itself, once an order is right.
    fn makes(&self) -> bool {
        true
    }

    /// The next call for a service that changes something meets this. `false` where that cannot happen to this provider.
    fn trouble(&self, trouble: Trouble) -> BoxFuture<'_, bool> {
        let _ = trouble;
        Box::pin(async { false })
    }

    /// The next call for a service that changes something takes effect, and is answered as usual after this long. `false`
    /// where that cannot be brought about.
    fn slow(&self, wait: Duration) -> BoxFuture<'_, bool> {
        let _ = wait;
        Box::pin(async { false })
    }

    /// How many things truly stand there under this service's key, asked past the provider.
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize>;

    /// The same order on a larger plan; `None` where the provider cannot change what it made.
    fn larger(&self, order: &ServiceOrder) -> Option<ServiceOrder> {
        let _ = order;
        None
    }

    /// Whether what truly stands there is as large as this order's plan says, asked past the provider.
    fn measures(&self, order: &ServiceOrder) -> BoxFuture<'_, bool> {
        let _ = order;
        Box::pin(async { true })
    }

    /// What stands there under this service's key now stands under a stranger's. `false` where that cannot be.
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        let _ = service;
        Box::pin(async { false })
    }
}

/// Runs the whole suite.
///
/// # Panics
/// When the provider does not conform.
pub async fn provider_conforms(stage: &dyn Stage) {
    let mut numbers = 1..;
    let mut next = || stage.order(numbers.next().unwrap_or(0));
    declines_in_words(stage, &next()).await;
    if !stage.makes() {
        refuses_to_make(stage, &next()).await;
        return;
    }
    makes_one(stage, &next()).await;
    lives_and_ends(stage, &next()).await;
    tells_of_what_runs(stage, &next()).await;
    spares_strangers(stage, &next()).await;
    is_set_up_anew(stage, &next()).await;
    grows_under(stage, &next(), None).await;
    for trouble in Trouble::ALL {
        makes_one_under(stage, &next(), trouble).await;
        for goal in Goal::ALL {
            reaches_under(stage, &next(), (goal, trouble)).await;
        }
        grows_under(stage, &next(), Some(trouble)).await;
    }
}

fn target(order: &ServiceOrder, reference: &RemoteRef) -> Target {
    Target { service: order.service, customer: order.owner.customer, reference: reference.clone() }
}

/// Whatever it does not claim to do it declines, and the words say what is to be done by hand.
#[allow(clippy::panic, reason = "a suite of tests fails by panicking")]
async fn declines_in_words(stage: &dyn Stage, order: &ServiceOrder) {
    let provider = stage.provider();
    let nothing = target(order, &RemoteRef { id: "0".to_owned(), identifier: "nothing".to_owned() });
    for ability in Ability::ALL {
        if provider.capabilities().can(ability) {
            continue;
        }
        let error = match ability {
            Ability::Suspend => provider.suspend(&nothing, "why").await.err(),
            Ability::Resume => provider.resume(&nothing).await.err(),
            Ability::Terminate => provider.terminate(&nothing).await.err(),
            Ability::Room => provider.room(&room_for(order)).await.err(),
            Ability::Change => provider.change(&nothing, order).await.err(),
            Ability::Reinstall => provider.reinstall(&nothing).await.err(),
            Ability::Adopt => provider.adopt(order, "0", Mode::Look).await.err(),
            Ability::Poll => provider.poll(&crate::PollToken("x".to_owned())).await.err(),
            Ability::Console => provider.console(&nothing).await.err(),
            Ability::Power => provider.power(&nothing, Power::Start).await.err(),
            Ability::Usage => provider.usage(&nothing).await.err(),
            Ability::SetPassword => provider.set_password(&nothing, &new_password()).await.err(),
        };
        let Some(error) = error else { panic!("it does not claim to {}, and did", ability.verb()) };
        assert_eq!(error, ProviderError::Unsupported { ability });
        let words = error.to_string();
        assert!(words.contains(ability.verb()) && words.contains("by hand"), "{words}");
    }
}

fn room_for(order: &ServiceOrder) -> RoomFor {
    let (kind, settings, delivery) = (order.kind.clone(), order.settings.clone(), order.delivery.clone());
    RoomFor { kind, settings, delivery, promised: 0 }
}

fn new_password() -> SecretString {
    SecretString::from("a new password".to_owned())
}

async fn refuses_to_make(stage: &dyn Stage, order: &ServiceOrder) {
    let provider = stage.provider();
    assert_eq!(provider.check_settings(&order.kind, &order.settings), Vec::new());
    assert_eq!(provider.find(order).await, Ok(Lookup::Absent));
    let refused = provider.create(order).await;
    assert!(matches!(&refused, Err(ProviderError::Refused { detail }) if !detail.is_empty()), "{refused:?}");
    assert_eq!(stage.truth(order.service).await, 0);
}

/// Absent before, exactly one after, found again under the same key, observed by its reference.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
async fn makes_one(stage: &dyn Stage, order: &ServiceOrder) {
    let provider = stage.provider();
    provider.check().await.unwrap();
    assert_eq!(provider.check_settings(&order.kind, &order.settings), Vec::new());
    assert_eq!(provider.find(order).await.unwrap(), Lookup::Absent, "nothing before it is created");
    if provider.capabilities().can(Ability::Room) {
        assert_eq!(provider.room(&room_for(order)).await, Ok(()), "what can be made has room");
    }
    let made = provider.create(order).await.unwrap();
    let Lookup::Ours(found) = provider.find(order).await.unwrap() else { panic!("created, so it is found") };
    assert_eq!(found.reference, made.reference, "found under the key it was created with");
    let seen = provider.observe(&made.reference).await.unwrap();
    assert_eq!(seen.reference, made.reference);
    assert!(!matches!(seen.state, RemoteState::Failed(_)));
    if provider.capabilities().lists {
        assert!(listed(provider).await.contains(&(Some(order.service), made.reference.clone())), "a sweep sees it");
    }
    let again = provider.create(order).await;
    let still = provider.find(order).await.unwrap();
    let Lookup::Ours(still) = still else { panic!("a second create must not lose the first") };
    assert_eq!(still.reference, made.reference, "a second create makes no second service: {again:?}");
    assert_eq!(stage.truth(order.service).await, 1);
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn listed(provider: &dyn Provider) -> Vec<(Option<Id<entity::Service>>, RemoteRef)> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = provider.list_ours(next.as_deref()).await.unwrap();
        all.extend(page.items.into_iter().map(|item| (item.service, item.reference)));
        next = page.next;
        if next.is_none() {
            return all;
        }
    }
}

/// What a verb is to bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Suspended,
    Running,
    Gone,
}

impl Goal {
    const ALL: [Self; 3] = [Self::Suspended, Self::Running, Self::Gone];

    const fn ability(self) -> Ability {
        match self {
            Self::Suspended => Ability::Suspend,
            Self::Running => Ability::Resume,
            Self::Gone => Ability::Terminate,
        }
    }

    async fn call(self, provider: &dyn Provider, target: &Target) -> Result<Step, ProviderError> {
        match self {
            Self::Suspended => provider.suspend(target, "the invoice is open").await,
            Self::Running => provider.resume(target).await,
            Self::Gone => provider.terminate(target).await,
        }
    }

    fn is_reached(self, seen: &Result<Remote, ProviderError>) -> bool {
        let suspended = matches!(seen, Ok(remote) if remote.state == RemoteState::Suspended);
        match self {
            Self::Suspended => suspended,
            Self::Running => seen.is_ok() && !suspended,
            Self::Gone => matches!(seen, Err(ProviderError::Gone { .. })),
        }
    }
}

/// Asks until it is done, as often as the provider says that it takes a while.
#[allow(clippy::panic, reason = "a suite of tests fails by panicking")]
async fn reach(provider: &dyn Provider, goal: Goal, target: &Target) {
    let mut step = goal.call(provider, target).await;
    for _ in 0..100 {
        match step {
            Ok(Step::Done) => {
                let seen = provider.observe(&target.reference).await;
                assert!(goal.is_reached(&seen), "{goal:?}: said to be done, and seen is {seen:?}");
                return;
            }
            Ok(Step::Pending { token, .. }) => step = provider.poll(&token).await,
            Err(error) => panic!("{goal:?}: {error}"),
        }
    }
    panic!("{goal:?}: never done");
}

/// Suspended, resumed and ended, each twice: the second time changes nothing.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn lives_and_ends(stage: &dyn Stage, order: &ServiceOrder) {
    let provider = stage.provider();
    let can = provider.capabilities();
    let made = provider.create(order).await.unwrap();
    let target = target(order, &made.reference);
    for goal in [Goal::Suspended, Goal::Suspended, Goal::Running, Goal::Running, Goal::Suspended] {
        if can.can(goal.ability()) {
            reach(provider, goal, &target).await;
            assert_eq!(stage.truth(order.service).await, 1, "{goal:?}");
        }
    }
    if can.can(Ability::Terminate) {
        reach(provider, Goal::Gone, &target).await;
        assert_eq!(provider.find(order).await, Ok(Lookup::Absent));
        assert_eq!(stage.truth(order.service).await, 0);
        let again = provider.terminate(&target).await;
        assert!(matches!(again, Ok(Step::Done) | Err(ProviderError::Gone { .. })), "{again:?}");
    }
}

/// Its console, what it uses, starting and stopping, its password.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn tells_of_what_runs(stage: &dyn Stage, order: &ServiceOrder) {
    let provider = stage.provider();
    let can = provider.capabilities();
    let made = provider.create(order).await.unwrap();
    let target = target(order, &made.reference);
    if can.can(Ability::Console) {
        let link = provider.console(&target).await.unwrap();
        assert!(link.url.starts_with("http"), "{link:?}");
    }
    if can.can(Ability::Usage) {
        assert!(!provider.usage(&target).await.unwrap().activity.is_empty());
    }
    if can.can(Ability::Power) {
        for power in [Power::Stop, Power::Start, Power::Restart, Power::Kill] {
            provider.power(&target, power).await.unwrap();
        }
    }
    if can.can(Ability::SetPassword) {
        let set = provider.set_password(&target, &new_password()).await;
        assert!(matches!(set, Ok(()) | Err(ProviderError::Refused { .. })), "set, or not for this kind: {set:?}");
    }
}

/// What stands under our reference and is another's is not touched, and not taken for gone.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn spares_strangers(stage: &dyn Stage, order: &ServiceOrder) {
    let provider = stage.provider();
    let can = provider.capabilities();
    let made = provider.create(order).await.unwrap();
    let target = target(order, &made.reference);
    if !stage.give_away(order.service).await {
        return;
    }
    let before = provider.observe(&made.reference).await.unwrap();
    for goal in Goal::ALL {
        if can.can(goal.ability()) {
            let answer = goal.call(provider, &target).await;
            assert!(matches!(answer, Err(ProviderError::Refused { .. })), "{goal:?}: {answer:?}");
            assert_eq!(provider.observe(&made.reference).await.unwrap(), before, "{goal:?}");
        }
    }
}

/// The error says whether it may have happened. Where it did, only [`ProviderError::Unknown`] is true.
#[allow(clippy::panic, reason = "a suite of tests fails by panicking")]
fn assert_class(trouble: Trouble, error: &ProviderError, what: &str) {
    match error {
        ProviderError::Unknown { .. } => assert!(trouble.leaves_doubt(), "{what} {trouble:?} is certain: {error}"),
        ProviderError::Unavailable { retry_after, .. } => {
            assert!(!trouble.leaves_doubt(), "{what} {trouble:?}: nobody knows whether it happened: {error}");
            if trouble == Trouble::TooMany {
                assert_eq!(*retry_after, Some(Trouble::PAUSE), "{what}: when to come back");
            }
        }
        ProviderError::Busy { .. }
        | ProviderError::Refused { .. }
        | ProviderError::NoCapacity { .. }
        | ProviderError::Gone { .. }
        | ProviderError::Unsupported { .. } => panic!("{what} {trouble:?} is no such answer: {error}"),
    }
}

/// A create that goes wrong is looked for and asked again, and one thing stands there.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
async fn makes_one_under(stage: &dyn Stage, order: &ServiceOrder, trouble: Trouble) {
    let provider = stage.provider();
    if !stage.trouble(trouble).await {
        return;
    }
    match provider.create(order).await {
        Err(error) => assert_class(trouble, &error, "create"),
        Ok(made) => panic!("create {trouble:?}: the answer said nothing of the kind: {made:?}"),
    }
    let there = stage.truth(order.service).await;
    match provider.find(order).await.unwrap() {
        Lookup::Ours(_) => assert_eq!(there, 1, "{trouble:?}"),
        Lookup::Absent => {
            assert_eq!(there, 0, "{trouble:?}");
            provider.create(order).await.unwrap();
        }
        Lookup::Foreign(why) => panic!("{trouble:?}: {why}"),
    }
    assert!(matches!(provider.find(order).await.unwrap(), Lookup::Ours(_)), "{trouble:?}");
    assert_eq!(stage.truth(order.service).await, 1, "{trouble:?}");
}

/// A verb that goes wrong is observed and asked again, and its goal is reached.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
async fn reaches_under(stage: &dyn Stage, order: &ServiceOrder, (goal, trouble): (Goal, Trouble)) {
    let provider = stage.provider();
    if !provider.capabilities().can(goal.ability()) {
        return;
    }
    let made = provider.create(order).await.unwrap();
    let target = target(order, &made.reference);
    if goal == Goal::Running {
        reach(provider, Goal::Suspended, &target).await;
    }
    if !stage.trouble(trouble).await {
        return;
    }
    match goal.call(provider, &target).await {
        Err(error) => assert_class(trouble, &error, &format!("{goal:?}")),
        Ok(step) => panic!("{goal:?} {trouble:?}: the answer said nothing of the kind: {step:?}"),
    }
    if !goal.is_reached(&provider.observe(&made.reference).await) {
        reach(provider, goal, &target).await;
    }
    assert_eq!(stage.truth(order.service).await, usize::from(goal != Goal::Gone), "{goal:?} {trouble:?}");
}
