//! Thirty days of the gateway's books against ours, both ways. What can be put right by reading the object again is put
//! right; what remains is a case.

use std::collections::BTreeSet;

use cases::{CaseKind, NewCase};
use checkout::{GatewayError, PaymentGateway, Window};
use chrono::Duration;
use kernel::{Id, JobContext, JobFailure, Recorded, StoreError, Transact, entity, planted};
use orders::{ChargeFact, OrderState, OrderStore, Payment, SessionFact};

use super::{BATCH, SweepLedger, Tally, finish};
use crate::{Shop, event, settle};

/// How far back the books are compared.
const STRETCH: Duration = Duration::days(30);
/// The newest entries are left to webhooks and the quicker sweeps.
const SETTLED: Duration = Duration::minutes(10);

/// Handles [`SweepLedger`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_ledger<W: Shop>(world: &W, _: SweepLedger, context: JobContext) -> Result<Recorded, JobFailure> {
    if planted("no-sweep-of-ledger") {
        return settle::end(world, context).await;
    }
    let mut tally = Tally::default();
    let now = world.env().now();
    let window = Window { from: now - STRETCH, until: Some(now - SETTLED) };
    let paid = their_payments(world, window, &mut tally).await?;
    our_payments(world, window, &paid, &mut tally).await?;
    refunds(world, window, &mut tally).await?;
    finish::<SweepLedger, _>(world, context, tally).await
}

/// Everything that was paid there must be paid here. Returns the sessions that were paid there.
async fn their_payments<W: Shop>(world: &W, window: Window, tally: &mut Tally) -> Result<BTreeSet<String>, JobFailure> {
    let (mut paid, mut after) = (BTreeSet::new(), None);
    loop {
        let page = world.gateway().sessions(window, after.as_deref()).await?;
        for session in page.items.into_iter().filter(SessionFact::is_paid) {
            tally.seen += 1;
            compare(world, &session, tally).await?;
            paid.insert(session.id);
        }
        after = page.next;
        if after.is_none() {
            return Ok(paid);
        }
    }
}

async fn compare<W: Shop>(world: &W, session: &SessionFact, tally: &mut Tally) -> Result<(), JobFailure> {
    if is_recorded(world, session).await? {
        return Ok(());
    }
    tally.find::<SweepLedger>("a payment that we did not have", &session.id);
    let order = settle::settle_read(world, session).await?;
    let new = match order {
        None => settle::unmatched(session, &format!("session {} names no order of ours", session.id)),
        Some(_) if is_recorded(world, session).await? => return Ok(()),
        Some(order) => NewCase {
            subject: session.id.clone(),
            ..NewCase::of_order(
                CaseKind::LedgerPaidThere,
                order,
                format!("the gateway has session {} as paid, and our order is not", session.id),
                "compare the two; then replay its event, or refund it",
            )
        },
    };
    open(world, new).await
}

/// Whether the order of a paid session counts as paid here, or stands before a person already.
async fn is_recorded<W: Shop>(world: &W, session: &SessionFact) -> Result<bool, StoreError> {
    let work = async |tx: &mut W::Tx| {
        let linked = tx.session_link(&session.id).await?.map(|link| link.order);
        let Some(id) = session.order.or(linked) else { return Ok(false) };
        let Some(order) = tx.order(id).await? else { return Ok(false) };
        let unpaid = matches!(order.state, OrderState::Pending | OrderState::Expired | OrderState::Cancelled { .. });
        Ok(!unpaid)
    };
    world.db().transaction(work).await
}

/// Everything that is paid here must be paid there.
async fn our_payments<W: Shop>(
    world: &W,
    window: Window,
    paid: &BTreeSet<String>,
    tally: &mut Tally,
) -> Result<(), JobFailure> {
    let mut after: Option<Id<entity::Payment>> = None;
    loop {
        let ours = world.db().transaction(async |tx| tx.payments_since(window.from, after, BATCH).await).await?;
        let Some(last) = ours.last() else { return Ok(()) };
        after = Some(last.id);
        for payment in ours {
            tally.seen += 1;
            check(world, &payment, paid, tally).await?;
        }
    }
}

async fn check<W: Shop>(
    world: &W,
    payment: &Payment,
    paid: &BTreeSet<String>,
    tally: &mut Tally,
) -> Result<(), JobFailure> {
    let Some(session) = payment.session.as_deref().filter(|session| !paid.contains(*session)) else { return Ok(()) };
    if payment.amount.is_zero() {
        // Nothing was to be paid; the gateway may never have heard of it.
        return Ok(());
    }
    let proven = match world.gateway().session(session).await {
        Ok(fact) => fact.is_paid(),
        Err(GatewayError::NotFound) => false,
        Err(error) => return Err(error.into()),
    };
    if proven {
        return Ok(());
    }
    tally.find::<SweepLedger>("a payment that the gateway does not have", session);
    let new = NewCase {
        subject: session.to_owned(),
        ..NewCase::of_order(
            CaseKind::LedgerPaidHere,
            payment.order,
            format!("we have {} as paid by session {session}, and the gateway does not", payment.amount),
            "look at the session in Stripe; if nothing was paid, decide whether the service goes on",
        )
    };
    open(world, new).await
}

/// What went back there must be recorded here, and the other way round.
async fn refunds<W: Shop>(world: &W, window: Window, tally: &mut Tally) -> Result<(), JobFailure> {
    let mut after = None;
    loop {
        let page = world.gateway().charges(window, after.as_deref()).await?;
        let back = |charge: &ChargeFact| charge.refunded.is_some_and(|sum| !sum.is_zero());
        for charge in page.items.into_iter().filter(back) {
            tally.seen += 1;
            refund(world, &charge, tally).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn refund<W: Shop>(world: &W, charge: &ChargeFact, tally: &mut Tally) -> Result<(), JobFailure> {
    let Some(payment) = event::payment_of(world, charge.intent.as_deref()).await? else {
        // Not a payment of ours, or of a renewal, which the gateway keeps.
        return Ok(());
    };
    if charge.refunded == Some(payment.refunded) {
        return Ok(());
    }
    tally.find::<SweepLedger>("a refund that we did not have", &charge.id);
    let recorded = record(world, charge, &payment).await?;
    if charge.refunded == Some(recorded.refunded) {
        return Ok(());
    }
    let there = charge.refunded.map(|sum| sum.to_string()).unwrap_or_default();
    let new = NewCase {
        subject: charge.id.clone(),
        ..NewCase::of_order(
            CaseKind::LedgerRefund,
            payment.order,
            format!("the gateway has {there} as gone back on {}, we have {}", charge.id, recorded.refunded),
            "compare the refunds in Stripe with the order's payments",
        )
    };
    open(world, new).await
}

async fn record<W: Shop>(world: &W, charge: &ChargeFact, payment: &Payment) -> Result<Payment, StoreError> {
    let env = &mut world.env();
    let key = payment.intent.as_deref().or(payment.invoice.as_deref()).unwrap_or_default();
    let work = async |tx: &mut W::Tx| {
        let order = tx.lock_order(payment.order).await?;
        let mut payment = tx.payment_by_gateway(key).await?.unwrap_or_else(|| payment.clone());
        if let Some(mut order) = order {
            orders::record_charge(tx, env, world.links(), (&mut order, &mut payment, charge)).await?;
        }
        Ok::<_, StoreError>(payment)
    };
    world.db().transaction(work).await
}

async fn open<W: Shop>(world: &W, new: NewCase) -> Result<(), JobFailure> {
    let env = &mut world.env();
    world.db().transaction(async |tx| cases::open(tx, env, new).await).await?;
    Ok(())
}
