//! What processing an event again would change, found out without changing anything.

use checkout::PaymentGateway;
use kernel::{JobFailure, StoreError, Timestamp, Transact};
use orders::{
    ChargeFact, DisputeFact, EventStore as _, GatewayFact, OrderStore as _, SessionFact, SessionTrigger,
    SubscriptionFact, Verdict, judge,
};

use crate::{Shop, event::payment_of, settle};

/// What an event is, and what would follow from it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The gateway's id.
    pub event: String,
    /// The gateway's word for it.
    pub kind: String,
    /// When it happened, by the gateway's clock.
    pub created: Timestamp,
    /// What the gateway says now.
    pub says: String,
    /// What would change here, a sentence each; empty where nothing would.
    pub changes: Vec<String>,
    /// Why nothing would.
    pub why_not: Option<String>,
}

/// What is said, what would change, and why nothing would.
type Told = (String, Result<Vec<String>, String>);

/// Reads a stored event and what it is about as the gateway has it now, and judges it by the same rules as
/// [`crate::process_event`]. `None` where there is no such event.
///
/// # Errors
/// The gateway's or the store's.
pub async fn preview_event<W: Shop>(world: &W, id: &str) -> Result<Option<Preview>, JobFailure> {
    let stored = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.event(id).await?)).await?;
    let Some(stored) = stored else { return Ok(None) };
    let event = match world.gateway().decode(&stored.raw) {
        Ok(event) => event,
        Err(error) => {
            return Ok(Some(Preview {
                event: id.to_owned(),
                kind: "unreadable".to_owned(),
                created: stored.received_at,
                says: error.to_string(),
                changes: Vec::new(),
                why_not: Some("it cannot be read".to_owned()),
            }));
        }
    };
    let (kind, created) = (event.kind.clone(), event.created);
    let ours = event.livemode == world.gateway().livemode() && !event.foreign_account;
    let (says, told) = if ours {
        tell(world, event.fact).await?
    } else {
        ("it belongs to another mode or account".to_owned(), Err("it is ignored".to_owned()))
    };
    let (changes, why_not) = match told {
        Ok(changes) if changes.is_empty() => (changes, Some("everything that it says is on record".to_owned())),
        Ok(changes) => (changes, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    Ok(Some(Preview { event: id.to_owned(), kind, created, says, changes, why_not }))
}

async fn tell<W: Shop>(world: &W, fact: GatewayFact) -> Result<Told, JobFailure> {
    match fact {
        GatewayFact::Session(trigger, session) => session_told(world, trigger, session).await,
        GatewayFact::Subscription(fact) => subscription_told(world, fact).await,
        GatewayFact::Refund(charge) => charge_told(world, charge).await,
        GatewayFact::Dispute(opened, dispute) => dispute_told(world, opened, dispute).await,
        GatewayFact::RefundFailed(refund) => {
            let says = format!("refund {} changed", refund.id);
            Ok((says, Err("a refund that failed becomes a case, once".to_owned())))
        }
        GatewayFact::Invoice(paid, invoice) => {
            let says = format!("invoice {} is {}", invoice.id, if paid { "paid" } else { "not paid" });
            Ok((says, Err("renewals are recorded at the gateway".to_owned())))
        }
        GatewayFact::Other => Ok(("nothing that we act on".to_owned(), Err("nothing follows from it".to_owned()))),
    }
}

async fn session_told<W: Shop>(world: &W, trigger: SessionTrigger, hint: SessionFact) -> Result<Told, JobFailure> {
    let session = settle::read_again(world, hint).await?;
    let amount = session.amount.map_or_else(String::new, |amount| format!(" of {amount}"));
    let says = format!("session {}{amount}: {:?}, {:?}", session.id, session.status, session.payment_status);
    let says = says.to_lowercase().replace("notrequired", "no payment required");
    let Some(order) = settle::order_of(world, &session).await? else {
        return Ok((says, Err("it names no order of ours; money in it would be a case".to_owned())));
    };
    let read = async |tx: &mut W::Tx| {
        let order = tx.order(order).await?;
        let payment = match &order {
            Some(order) => tx.latest_payment(order.id).await?,
            None => None,
        };
        Ok::<_, StoreError>(order.zip(payment))
    };
    let Some((order, payment)) = world.db().transaction(read).await? else {
        return Ok((says, Err("its order has no payment on record".to_owned())));
    };
    let state = order.state.as_str().replace('_', " ");
    let told = match judge(&order, &payment, trigger, &session) {
        Verdict::Pay => Ok(vec![
            format!("the order goes from {state} to paid"),
            "the buyer's account is opened where there is none, and the confirmation is mailed".to_owned(),
            "delivery begins".to_owned(),
        ]),
        Verdict::Processing => Ok(vec!["the history says that the payment is on its way".to_owned()]),
        Verdict::Fail => Ok(vec![format!("the order goes from {state} to cancelled, and the buyer is told")]),
        Verdict::Expire => Ok(vec![format!("the order goes from {state} to expired")]),
        Verdict::Mismatch { reason, .. } => Ok(vec![format!("the order needs attention: {reason}")]),
        Verdict::PaidTwice => Ok(vec!["a case is opened: the order was paid twice".to_owned()]),
        Verdict::Nothing(why) => Err(why.to_owned()),
    };
    Ok((says, told))
}

async fn subscription_told<W: Shop>(world: &W, hint: SubscriptionFact) -> Result<Told, JobFailure> {
    let fact = world.gateway().subscription(&hint.id).await.unwrap_or(hint);
    let ends = if fact.cancel_at_period_end { ", ends with its period" } else { "" };
    let says = format!("subscription {} is {}{ends}", fact.id, fact.status);
    let known = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.subscription_by_gateway(&fact.id).await?));
    let Some(known) = known.await? else {
        return Ok((says, Err("it belongs to no paid order yet".to_owned())));
    };
    if known.status == orders::SubscriptionStatus::Canceled {
        return Ok((says, Err("it has ended here, and the gateway never revives one".to_owned())));
    }
    let mut changes = Vec::new();
    if known.status.as_str() != fact.status {
        changes.push(format!("the subscription goes from {} to {}", known.status.as_str(), fact.status));
    }
    if known.cancel_at_period_end != fact.cancel_at_period_end {
        changes.push(if fact.cancel_at_period_end { "it ends with its period" } else { "it goes on" }.to_owned());
    }
    if let Some(end) = fact.period_end.filter(|end| known.period_end != Some(*end)) {
        changes.push(format!("its period ends on {}", end.format("%Y-%m-%d")));
    }
    Ok((says, Ok(changes)))
}

async fn charge_told<W: Shop>(world: &W, fact: ChargeFact) -> Result<Told, JobFailure> {
    let gone = fact.refunded.map_or_else(|| "money".to_owned(), |sum| sum.to_string());
    let says =
        format!("{gone} of charge {} went back{}", fact.id, if fact.fully { ", which is everything" } else { "" });
    let Some(payment) = payment_of(world, fact.intent.as_deref()).await? else {
        return Ok((says, Err("it belongs to no payment of ours".to_owned())));
    };
    let more = fact.refunded.filter(|sum| sum.minor() > payment.refunded.minor());
    let changes = more.map(|sum| {
        let end = if fact.fully { "; the order ends with it, or a case asks what becomes of the service" } else { "" };
        format!("{sum} instead of {} is on record as sent back{end}", payment.refunded)
    });
    Ok((says, Ok(changes.into_iter().collect())))
}

async fn dispute_told<W: Shop>(world: &W, opened: bool, fact: DisputeFact) -> Result<Told, JobFailure> {
    let says = format!("dispute {} is {}", fact.id, fact.status.replace('_', " "));
    let Some(payment) = payment_of(world, fact.intent.as_deref()).await? else {
        return Ok((says, Err("it belongs to no payment of ours".to_owned())));
    };
    let order = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.order(payment.order).await?)).await?;
    let disputed = opened || fact.status == "lost";
    let change = match order {
        Some(order) if order.disputed == disputed => "the history says it once more, and its case is looked at",
        Some(_) if disputed => "the order counts as disputed, and its case is open",
        Some(_) | None => "the order counts as disputed no more, and its case is closed",
    };
    Ok((says, Ok(vec![change.to_owned()])))
}
