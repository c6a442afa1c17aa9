//! What providers have against what we believe: what runs without a paid order, what is gone, what differs.
//!
//! The sweep makes cases of it, the operator's command prints it. Neither changes anything at a provider.

use std::collections::BTreeSet;

use cases::{CaseKind, NewCase};
use kernel::{Id, Slug, StoreError, Transact, entity};
use orders::{OrderState, OrderStore as _};
use provisioning::{
    Listed, Lookup, Provider, ProviderError, Providers, RemoteState, Service, ServiceState, ServiceStore as _,
};

use crate::Stores;

/// Services are read so many at a time.
const BATCH: i64 = 200;

/// One provider, looked at.
#[derive(Debug)]
pub struct Drift {
    /// Its key.
    pub provider: Slug,
    /// How many things of ours it has; `None` where it lists nothing, so that only a sweep's look at each service would tell.
    pub listed: Option<usize>,
    /// What differs, each with its reason and next step, as a case would have it.
    pub found: Vec<NewCase>,
    /// Why it could not be looked at, or not to the end.
    pub failed: Option<ProviderError>,
}

/// Looks at every provider, or at one. Nothing is changed, there and here.
///
/// # Errors
/// The store's own. A provider that fails is among what is told.
pub async fn drift<D: Transact<Tx: Stores>>(
    db: &D,
    providers: &impl Providers,
    only: Option<&Slug>,
) -> Result<Vec<Drift>, StoreError> {
    let mut all = Vec::new();
    for key in providers.keys() {
        if only.is_none_or(|only| *only == key)
            && let Some(provider) = providers.provider(&key)
        {
            all.push(of_provider(db, key, provider).await?);
        }
    }
    Ok(all)
}

async fn of_provider<D: Transact<Tx: Stores>>(db: &D, key: Slug, provider: &dyn Provider) -> Result<Drift, StoreError> {
    let mut told = Drift { provider: key, listed: None, found: Vec::new(), failed: None };
    if !provider.capabilities().lists {
        return Ok(told);
    }
    let listed = match list(provider).await {
        Ok(listed) => listed,
        Err(error) => return Ok(Drift { failed: Some(error), ..told }),
    };
    told.listed = Some(listed.len());
    for item in &listed {
        told.found.extend(of(db, &told.provider, item).await?);
    }
    let there: BTreeSet<_> = listed.iter().filter_map(|item| item.service).collect();
    let mut after = None;
    loop {
        let key = told.provider.clone();
        let ours = db.transaction(async |tx: &mut D::Tx| tx.services_at(&key, after, BATCH).await).await?;
        let Some(last) = ours.last() else { return Ok(told) };
        after = Some(last.id);
        for service in ours {
            if !stands(&service.state) || there.contains(&service.id) {
                continue;
            }
            match provider.find(&service.to_order()).await {
                Ok(Lookup::Absent) => told.found.push(missing(&service)),
                Ok(Lookup::Ours(_) | Lookup::Foreign(_)) => {}
                Err(error) => told.failed = Some(error),
            }
        }
    }
}

/// It should be there, running or not.
pub(crate) const fn stands(state: &ServiceState) -> bool {
    matches!(state, ServiceState::Active(_) | ServiceState::Suspended { .. })
}

/// It is not there.
pub(crate) fn missing(service: &Service) -> NewCase {
    NewCase {
        kind: CaseKind::ServiceMissing,
        subject: service.id.to_string(),
        order: Some(service.order),
        reason: format!("{} ({}) is not at {} any more", service.label, service.id, service.provider),
        next_step: "find out who removed it; restore it there from a backup, or refund the customer".to_owned(),
    }
}

/// Everything that it has under keys like ours.
pub(crate) async fn list(provider: &dyn Provider) -> Result<Vec<Listed>, provisioning::ProviderError> {
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
pub(crate) async fn of<D: Transact<Tx: Stores>>(
    db: &D,
    key: &Slug,
    item: &Listed,
) -> Result<Option<NewCase>, StoreError> {
    let Some(id) = item.service else { return Ok(Some(orphan(key, item, None, "its key is none of our services'"))) };
    let work = async |tx: &mut D::Tx| {
        let service = tx.lock_service(id).await?;
        let order = match &service {
            Some(service) => tx.order(service.order).await?,
            None => None,
        };
        Ok::<_, StoreError>(service.zip(order))
    };
    let Some((service, order)) = db.transaction(work).await? else {
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
        (ServiceState::Active(_) | ServiceState::Suspended { .. }, _) => differs(&service, item),
        _ => None,
    })
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

fn differs(service: &Service, item: &Listed) -> Option<NewCase> {
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
