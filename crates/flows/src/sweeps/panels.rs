//! The providers' lists against ours, every quarter of an hour: each difference is a case. Reported, never deleted.

use std::collections::BTreeSet;

use cases::{CaseKind, CaseStore};
use kernel::{JobContext, JobFailure, JobQueue, Recorded, RetryClass, Slug, StoreError, Transact, planted};
use provisioning::{Listed, Provider, Providers, ServiceState, ServiceStore};

use super::{BATCH, ConfirmMissing, SweepPanels, Tally, finish, missing::is_absent};
use crate::{
    Shop, Workshop,
    drift::{self, stands},
};

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
        let listed = match drift::list(provider).await {
            Ok(listed) => listed,
            Err(error) => return Err(JobFailure::new(RetryClass::Retry, "provider-unavailable", error)),
        };
        tally.seen += i64::try_from(listed.len()).unwrap_or(i64::MAX);
        let mut causes = Causes::new();
        for item in &listed {
            keep_access(world, item).await?;
            if let Some(new) = drift::of(world.db(), &key, item).await? {
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

/// What its buyer is shown follows what the provider's list tells: a website has got its certificate, a name leads elsewhere.
async fn keep_access<W: Shop>(world: &W, item: &Listed) -> Result<(), StoreError> {
    let Some((id, access)) = item.service.zip(item.access.as_ref()) else { return Ok(()) };
    let work = async |tx: &mut W::Tx| {
        let Some(mut service) = tx.lock_service(id).await? else { return Ok(()) };
        let runs = matches!(service.state, ServiceState::Active(_) | ServiceState::Suspended { .. });
        let is_it = service.state.remote() == Some(&item.reference);
        if runs && is_it && service.access != *access {
            service.access.clone_from(access);
            tx.save_service(&service).await?;
        }
        Ok(())
    };
    world.db().transaction(work).await
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
