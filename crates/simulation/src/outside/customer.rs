//! A buyer: checks out, clicks twice, comes back, pays, leaves, wants the money back.

use std::rc::Rc;

use checkout::{CheckoutRequest, ClientKey};
use flows::Shop;
use kernel::{Id, Money, Transact, entity};
use orders::{Buyer, DeliveryRequest, RefundRequest};

use super::{begin, call};
use crate::{
    core::{HOUR, MINUTE, Micros, SECOND},
    fault::Fault,
    shop::World,
    spawn::{Answer, Request, Spawn},
};

/// What somebody will do with an open payment page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payment {
    Card,
    Bank { paid: bool },
    Never,
}

/// One purchase, or the attempt.
pub(super) async fn shop(world: &Rc<World>, number: usize) {
    let (start, request, payment) = {
        let state = &mut *world.core.lock();
        (state.dice.below(state.busy), request(state, number), payment(state))
    };
    world.core.sleep(start).await;
    let Some(page) = page(world, &request).await else { return };
    human_pause(world, 90 * SECOND).await;
    let Some(session) = session_number(&page) else { return };
    let back = {
        let state = &mut *world.core.lock();
        let through = payment != Payment::Never && state.go_through(session, payment != Payment::Card);
        if let Payment::Bank { paid } = payment
            && through
        {
            let at = state.now + state.dice.between(MINUTE, HOUR);
            state.spawns.push(Spawn::Settle { session, at, paid });
        }
        through && state.dice.percent(60)
    };
    if back {
        human_pause(world, 3 * SECOND).await;
        call(&world.core, Request::Returned(page)).await;
    }
    if payment == Payment::Card {
        want_money_back(world, session).await;
    }
}

fn session_number(page: &str) -> Option<usize> {
    page.strip_prefix("cs_test_")?.parse().ok()
}

async fn human_pause(world: &Rc<World>, longest: Micros) {
    let pause = world.core.lock().dice.between(SECOND / 2, longest);
    world.core.sleep(pause).await;
}

fn payment(state: &mut crate::core::State) -> Payment {
    if state.all_pay {
        return Payment::Card;
    }
    match state.dice.below(100) {
        0..=74 => Payment::Card,
        75..=84 => Payment::Bank { paid: true },
        85..=89 => Payment::Bank { paid: false },
        _ => Payment::Never,
    }
}

#[allow(clippy::unwrap_used, reason = "words that are known to be right")]
fn request(state: &mut crate::core::State, number: usize) -> CheckoutRequest {
    let scripted = state.script.is_on();
    let (plan, cycle, trial) = match state.dice.below(20) {
        _ if scripted => ("game", "monthly", false),
        0..=13 => ("game", "monthly", false),
        14..=16 => ("site", "monthly", false),
        17 => ("site", "monthly", true),
        _ => ("move", "one_time", false),
    };
    let coupon = match state.dice.below(30) {
        _ if scripted => None,
        0 => Some("FREE"),
        1..=3 => Some("TEN"),
        _ => None,
    };
    // Every fifth buyer has bought here before.
    let who = if number > 0 && state.dice.percent(20) { state.dice.index(number) } else { number };
    let key = (state.all_pay || state.dice.percent(90)).then(|| ClientKey {
        scope: "guest".to_owned(),
        key: format!("key-{number}"),
        fingerprint: "the same".to_owned(),
    });
    CheckoutRequest {
        plan: plan.to_owned(),
        cycle: cycle.to_owned(),
        coupon: coupon.map(str::to_owned),
        trial,
        buyer: Buyer {
            email: format!("buyer{who}@example.com").parse().unwrap(),
            name: format!("Gerda Guest {who}"),
            customer: None,
            guest: true,
        },
        delivery: DeliveryRequest::default(),
        client_key: key,
    }
}

/// Checks out until there is a page, or patience ends.
async fn page(world: &Rc<World>, request: &CheckoutRequest) -> Option<String> {
    for turn in 0..6 {
        let ask = || Request::Checkout(Box::new(request.clone()));
        let twice = request.client_key.is_some() && world.core.lock().strikes(Fault::DoubleClick);
        let second = twice.then(|| begin(&world.core, ask()));
        let mut answers = vec![call(&world.core, ask()).await];
        if let Some(second) = second {
            answers.push(second.await);
        }
        let pages: Vec<_> = answers
            .iter()
            .filter_map(|answer| match answer {
                Answer::Page(started) => Some(started.clone()),
                Answer::NoPage(..) | Answer::Taken | Answer::Failed | Answer::Reset => None,
            })
            .collect();
        if request.client_key.is_some() {
            world.core.lock().check_one_page(&pages);
        }
        if let Some(started) = pages.into_iter().next() {
            if turn > 0 && request.client_key.is_some() {
                world.core.lock().note(crate::seen::Sometimes::Resumed);
            }
            return Some(started.session);
        }
        if answers.iter().all(|answer| matches!(answer, Answer::NoPage(_, "order-closed" | "idempotency-key-reused"))) {
            return None;
        }
        let pause = {
            let state = &mut *world.core.lock();
            if state.strikes(Fault::KeyExpired) { 25 * HOUR } else { state.dice.between(SECOND, MINUTE) }
        };
        world.core.sleep(pause).await;
    }
    None
}

async fn want_money_back(world: &Rc<World>, session: usize) {
    for _ in 0..2 {
        if !world.core.lock().strikes(Fault::Refund) {
            return;
        }
        // Twice in a row, or after a while.
        let longest = if world.core.lock().dice.percent(50) { 10 * SECOND } else { 20 * MINUTE };
        human_pause(world, longest).await;
        let (all, by_shop, order) = {
            let state = &mut *world.core.lock();
            let (all, by_shop) = (state.dice.percent(50), state.dice.percent(50));
            if !by_shop {
                state.refund(session, all);
            }
            (all, by_shop, state.ledger.sessions.get(session).map(|session| session.order))
        };
        if let Some(order) = order.filter(|_| by_shop) {
            ask_the_shop(world, order, all).await;
        }
    }
}

/// Somebody of the shop sends the money back, from the desk. What is refused is not tried again: people see that.
async fn ask_the_shop(world: &Rc<World>, order: Id<entity::Order>, all: bool) {
    let left = world.db().transaction(async |tx| orders::refundable(tx, order).await).await;
    let Ok(Some(left)) = left else { return };
    let amount = (!all && left.minor() > 1).then(|| Money::new(left.minor() / 2, left.currency()));
    let request = RefundRequest { amount, reason: "asked for".to_owned(), asked_by: "operator".to_owned() };
    let (env, by) = (&mut world.env(), audit::Actor::operator("operator"));
    let _ = flows::ask_refund(world.db(), env, (order, request), &by).await;
}
