//! Writing the order, before anybody is asked for money.

use kernel::{Env, StoreError, planted};
use provisioning::DeliveryRequest;

use crate::{Actor, Buyer, Order, OrderLine, OrderState, OrderStore, Payment, PaymentState, TimelineEntry};

/// What is ordered by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// Its id, chosen before: a client's key may be bound to it.
    pub id: kernel::Id<kernel::entity::Order>,
    /// Who.
    pub buyer: Buyer,
    /// What, at which price.
    pub line: OrderLine,
    /// The buyer's choices.
    pub delivery: DeliveryRequest,
}

/// Writes the order as pending, with its first payment attempt.
pub async fn place<S: OrderStore>(store: &mut S, env: &mut Env, new: NewOrder) -> Result<(Order, Payment), StoreError> {
    let now = env.now();
    let order = Order {
        id: new.id,
        buyer: new.buyer,
        line: new.line,
        delivery: new.delivery,
        state: OrderState::Pending,
        disputed: false,
        delivered: None,
        created_at: now,
    };
    store.insert_order(&order).await?;
    let payment = Payment {
        id: env.id(),
        order: order.id,
        attempt: 1,
        state: PaymentState::Created,
        amount: order.line.due_now,
        session: None,
        intent: None,
        invoice: None,
        refunded: kernel::Money::zero(order.line.due_now.currency()),
        created_at: now,
    };
    store.insert_payment(&payment).await?;
    let detail = format!("{}, {}, {} due now", order.line.plan_name, order.line.cycle, order.line.due_now);
    note(store, env, &order, (Actor::Customer, "placed", detail)).await?;
    Ok((order, payment))
}

/// Appends a line to the order's history.
pub(crate) async fn note<S: OrderStore>(
    store: &mut S,
    env: &Env,
    order: &Order,
    (actor, event, detail): (Actor, &str, String),
) -> Result<(), StoreError> {
    if planted("no-history") && event == "provisioned" {
        return Ok(());
    }
    let entry = TimelineEntry { at: env.now(), actor, event: event.to_owned(), detail };
    store.append_timeline(order.id, &entry).await
}
