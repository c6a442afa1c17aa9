//! What the order learns from its delivery.

use cases::CaseKind;
use kernel::Env;
use provisioning::{DeliveryProgress, Service, SetupFailure};

use crate::{
    Actor, Attention, Delivered, Links, Order, OrderError, OrderState, OrderTx, attention, mails, place::note,
};

/// A provider starts to work on a locked order. Repeating it changes nothing.
pub async fn delivery_begins<S: OrderTx>(store: &mut S, env: &mut Env, order: &mut Order) -> Result<(), OrderError> {
    if order.state == OrderState::Provisioning {
        return Ok(());
    }
    order.state = order.state.clone().begin_delivery()?;
    store.save_order(order).await?;
    note(store, env, order, (Actor::Worker, "provisioning", format!("asking {}", order.line.provider))).await?;
    Ok(())
}

const fn kind_of(failure: SetupFailure) -> CaseKind {
    match failure {
        SetupFailure::Refused => CaseKind::DeliveryRefused,
        SetupFailure::NoCapacity => CaseKind::NoCapacity,
        SetupFailure::Broken => CaseKind::SetupFailed,
    }
}

/// Tells a locked order what happened to its service.
pub async fn delivery_progressed<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    (order, service): (&mut Order, &Service),
    progress: &DeliveryProgress,
) -> Result<(), OrderError> {
    match progress {
        DeliveryProgress::Installing(remote) => {
            if order.delivered.is_none() {
                order.delivered = Some(Delivered { service: service.id, remote: remote.clone() });
                store.save_order(order).await?;
                let detail = format!("{} is being set up as {}", service.label, remote.identifier);
                note(store, env, order, (Actor::Worker, "installing", detail)).await?;
            }
        }
        DeliveryProgress::Active(remote) => {
            order.state = order.state.clone().deliver()?;
            order.delivered = Some(Delivered { service: service.id, remote: remote.clone() });
            store.save_order(order).await?;
            let detail = format!("{} runs as {}", service.label, remote.identifier);
            note(store, env, order, (Actor::Worker, "provisioned", detail)).await?;
            mails::ready(store, env, links, order, service).await?;
            let how = format!("{} runs", service.label);
            cases::order_causes_gone(store, env, order.id, &CaseKind::ENDED_BY_DELIVERY, &how).await?;
        }
        DeliveryProgress::Failed { what, reason, next_step } => {
            let what = Attention { kind: kind_of(*what), reason: reason.clone(), next_step: next_step.clone() };
            attention::raise(store, env, links, order, what).await?;
        }
        DeliveryProgress::Waiting(why) => {
            // The provider may be away for hours and is asked every few minutes: the same reason is told once.
            let last = store.timeline(order.id).await?.pop();
            if last.is_none_or(|last| last.event != "delivery_waits" || last.detail != *why) {
                note(store, env, order, (Actor::Worker, "delivery_waits", why.clone())).await?;
            }
        }
    }
    Ok(())
}
