//! One thing at a time with each service, and reloads that are shared.

use std::{
    collections::BTreeSet,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::{Id, entity};
use local_protocol::Refusal;

use crate::fault::Fault;

/// How long a call waits for another one with the same service.
const PATIENCE: Duration = Duration::from_secs(40);

/// Locks a mutex whose data is whole after every step, so that a thread's panic spoils nothing.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which services are being worked on.
#[derive(Default)]
pub(crate) struct ServiceLocks {
    held: Mutex<BTreeSet<Id<entity::Service>>>,
    freed: Condvar,
}

/// While it lives nobody else works on the service.
pub(crate) struct ServiceLock<'a> {
    locks: &'a ServiceLocks,
    service: Id<entity::Service>,
}

impl ServiceLocks {
    /// Waits until nobody works on the service.
    pub(crate) fn acquire(&self, service: Id<entity::Service>) -> Result<ServiceLock<'_>, Fault> {
        let held = lock(&self.held);
        let (mut held, waited) = self
            .freed
            .wait_timeout_while(held, PATIENCE, |held| held.contains(&service))
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(Fault::new(Refusal::Busy, "something else is being done with this service"));
        }
        held.insert(service);
        Ok(ServiceLock { locks: self, service })
    }
}

impl Drop for ServiceLock<'_> {
    fn drop(&mut self) {
        lock(&self.locks.held).remove(&self.service);
        self.locks.freed.notify_all();
    }
}

/// A reload that many may want at once: one that starts after somebody asked serves them too.
#[derive(Default)]
pub(crate) struct Reloads {
    asked: AtomicU64,
    served: Mutex<u64>,
}

impl Reloads {
    /// Reloads, or waits for a reload that starts from now on.
    pub(crate) fn reload(&self, act: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
        let ticket = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = lock(&self.served);
        if *served >= ticket {
            return Ok(());
        }
        let up_to = self.asked.load(Ordering::SeqCst);
        act()?;
        *served = up_to;
        Ok(())
    }
}
