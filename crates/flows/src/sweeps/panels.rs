//! The providers' lists against ours: what runs without a paid order, what is gone, what differs. Reported, never deleted.

use std::collections::BTreeSet;

use cases::{CaseKind, CaseStore, NewCase};
use kernel::{Id, JobContext, JobFailure, JobQueue, Recorded, RetryClass, Slug, StoreError, Transact, entity, planted};
use orders::{OrderState, OrderStore};
use provisioning::{Listed, Provider, Providers, RemoteState, Service, ServiceState, ServiceStore};

use super::{
    BATCH, ConfirmMissing, SweepPanels, Tally, finish,
    missing::{is_absent, stands},
};
use crate::{Shop, Workshop};

/// The causes that a run saw, by kind and subject: open cases of other causes are over.
type Causes = BTreeSet<(CaseKind, String)>;

/// Handles [`SweepPanels`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_panels<W: Workshop>(world: &W, _: SweepPanels, context: JobContext) -> Result<Recorded, JobFailure> {
    if planted("no-sweep-of-panels") {
        return crate::settle::end(world, context).await;
    }
    let mut tally = Tally::default();
    for key in world.providers().keys() {
        let Some(provider) = world.providers().provider(&key).filter(|provider| provider.capabilities().lists) else {
            continue;
        };
        let listed = match list(provider).await {
            Ok(listed) => listed,
            Err(error) => return Err(JobFailure::new(RetryClass::Retry, "provider-unavailable", error)),
        };
        tally.seen += i64::try_from(listed.len()).unwrap_or(i64::MAX);
        let mut causes = Causes::new();
        for item in &listed {
            if let Some(new) = trouble_with(world, &key, item).await? {
                tally.find::<SweepPanels>(new.kind.title(), &new.subject);
                causes.insert((new.kind, new.subject.clone()));
                let env = &mut world.env();
                world.db().transaction(async |tx| cases::open(tx, env, new).await).await?;
            }
        }
        look_for_missing(world, (&key, provider), &listed, &mut tally).await?;
        close_what_is_over(world, &key, &listed, &causes).await?;
    }
    finish::<SweepPanels, _>(world, context, tally).await
}

async fn list(provider: &dyn Provider) -> Result<Vec<Listed>, provisioning::ProviderError> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = provider.list_ours(next.as_deref()).await?;
        all.extend(page.items);
        next = page.next;
        if next.is_none() {
            return Ok(all);
        }
    }
}

fn subject(provider: &Slug, item: &Listed) -> String {
    format!("{provider}:{}", item.reference.id)
}

/// What is wrong with something that the provider has, if anything.
async fn trouble_with<W: Shop>(world: &W, key: &Slug, item: &Listed) -> Result<Option<NewCase>, StoreError> {
    let Some(id) = item.service else { return Ok(Some(orphan(key, item, None, "its key is none of our services'"))) };
    let work = async |tx: &mut W::Tx| {
        let mut service = tx.lock_service(id).await?;
        if let Some(service) = &mut service {
            keep_access(tx, service, item).await?;
        }
        let order = match &service {
            Some(service) => tx.order(service.order).await?,
            None => None,
        };
        Ok::<_, StoreError>(service.zip(order))
    };
    let Some((service, order)) = world.db().transaction(work).await? else {
        return Ok(Some(orphan(key, item, None, "we know no such service")));
    };
    let unpaid = matches!(
        order.state,
        OrderState::Pending | OrderState::Expired | OrderState::Cancelled { .. } | OrderState::Refunded
    );
    Ok(match (&service.state, service.state.remote()) {
        // An operation is at it, and says so if it cannot go on.
        (ServiceState::Terminating(_), _) => None,
        (ServiceState::Terminated(_), _) => Some(orphan(key, item, Some(order.id), "its service has ended")),
        _ if unpaid => Some(orphan(key, item, Some(order.id), &format!("its order is {}", order.state.as_str()))),
        (_, Some(known)) if *known != item.reference => {
            let why = format!("its service runs as {} already: a second one", known.identifier);
            Some(orphan(key, item, Some(order.id), &why))
        }
        (ServiceState::Active(_) | ServiceState::Suspended { .. }, _) => drift(&service, item),
        _ => None,
    })
}

/// What its buyer is shown follows what the provider's list tells: a website has got its certificate, a name leads elsewhere.
async fn keep_access<T: ServiceStore>(tx: &mut T, service: &mut Service, item: &Listed) -> Result<(), StoreError> {
    let runs = matches!(service.state, ServiceState::Active(_) | ServiceState::Suspended { .. });
    let is_it = service.state.remote() == Some(&item.reference);
    match &item.access {
        Some(access) if runs && is_it && service.access != *access => {
            service.access.clone_from(access);
            tx.save_service(service).await
        }
        Some(_) | None => Ok(()),
    }
}

fn orphan(key: &Slug, item: &Listed, order: Option<Id<entity::Order>>, why: &str) -> NewCase {
    NewCase {
        kind: CaseKind::ServiceOrphan,
        subject: subject(key, item),
        order,
        reason: format!("{key} has {} ({}), and {why}", item.reference.identifier, item.reference.id),
        next_step: "find out whose it is; only a person may remove it, there".to_owned(),
    }
}

fn drift(service: &Service, item: &Listed) -> Option<NewCase> {
    let suspended = matches!(service.state, ServiceState::Suspended { .. });
    let (wanted, there) = match &item.state {
        RemoteState::Ready | RemoteState::Installing if suspended => ("be suspended", "running there".to_owned()),
        RemoteState::Suspended if !suspended => ("run", "suspended there".to_owned()),
        RemoteState::Failed(detail) if !suspended => ("run", format!("broken there: {detail}")),
        RemoteState::Ready | RemoteState::Installing | RemoteState::Suspended | RemoteState::Failed(_) => return None,
    };
    Some(NewCase {
        kind: CaseKind::ServiceDrift,
        subject: service.id.to_string(),
        order: Some(service.order),
        reason: format!("{} should {wanted} and is {there}", service.label),
        next_step: "put it right in the panel, or find out why it is so".to_owned(),
    })
}

/// What we believe to run there and the list did not show: asked for by name, and once more later.
async fn look_for_missing<W: Workshop>(
    world: &W,
    (key, provider): (&Slug, &dyn Provider),
    listed: &[Listed],
    tally: &mut Tally,
) -> Result<(), JobFailure> {
    let there: BTreeSet<_> = listed.iter().filter_map(|item| item.service).collect();
    let mut after = None;
    loop {
        let ours = world.db().transaction(async |tx| tx.services_at(key, after, BATCH).await).await?;
        let Some(last) = ours.last() else { return Ok(()) };
        after = Some(last.id);
        for service in ours {
            tally.seen += 1;
            let expected = stands(&service.state) && !there.contains(&service.id);
            if expected && is_absent(world, &service).await? {
                tally.find::<SweepPanels>("a service that its provider does not have", &service.id.to_string());
                let job = ConfirmMissing { service: service.id, order: service.order };
                let delay = provider.capabilities().settle;
                world.db().transaction(async |tx| tx.enqueue_in(&job, delay).await).await?;
            }
        }
    }
}

/// Cases whose cause this run would have seen and did not.
async fn close_what_is_over<W: Shop>(
    world: &W,
    key: &Slug,
    listed: &[Listed],
    causes: &Causes,
) -> Result<(), StoreError> {
    let mine = format!("{key}:");
    let there: BTreeSet<String> = listed.iter().filter_map(|item| item.service).map(|id| id.to_string()).collect();
    for kind in [CaseKind::ServiceOrphan, CaseKind::ServiceDrift, CaseKind::ServiceMissing] {
        let open = world.db().transaction(async |tx| tx.open_cases_of_kind(kind, 1000).await).await?;
        for case in open {
            let seen_again = causes.contains(&(kind, case.subject.clone()));
            // An orphan is named by its place; the other two name the service, which is there, and well.
            let is_orphan = kind == CaseKind::ServiceOrphan;
            let looked_at = if is_orphan { case.subject.starts_with(&mine) } else { there.contains(&case.subject) };
            if looked_at && !seen_again {
                let env = world.env();
                let cause = (kind, case.subject.as_str());
                let how = "the provider's list is as it should be";
                world.db().transaction(async |tx| cases::cause_gone(tx, &env, cause, how).await).await?;
            }
        }
    }
    Ok(())
}
