//! Everything a running sandbox knows, shared by its HTTP threads, its SMTP sessions and the webhook sender.
//!
//! Each part has its own lock, and no lock is held across an `await`.

use crate::clock::Clock;
use crate::dice::Dice;
use crate::faults::Faults;
use crate::hosting::{self, Standin};
use crate::inbox::Inbox;
use crate::options::Options;
use crate::panel::Panel;
use crate::stripe::{Idempotency, Stripe};
use crate::webhooks::Webhooks;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The sandbox's state.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) public_url: String,
    pub(crate) clock: Clock,
    pub(crate) dice: Arc<Dice>,
    pub(crate) faults: Faults,
    pub(crate) inbox: Mutex<Inbox>,
    pub(crate) idempotency: Mutex<Idempotency>,
    pub(crate) webhooks: Webhooks,
    stripe: Mutex<Stripe>,
    panel: Mutex<Panel>,
    hosting: Mutex<Vec<Box<dyn Standin>>>,
}

impl World {
    /// A fresh world as the options want it, reachable at `public_url`.
    pub(crate) fn new(options: Options, public_url: String) -> Self {
        let dice = Arc::new(Dice::default());
        Self {
            stripe: Mutex::new(Stripe::new(&options, &public_url, Arc::clone(&dice))),
            panel: Mutex::new(Panel::new(&options, &public_url, Arc::clone(&dice))),
            hosting: Mutex::new(hosting::all()),
            webhooks: Webhooks::new(&options),
            clock: Clock::default(),
            faults: Faults::default(),
            inbox: Mutex::default(),
            idempotency: Mutex::default(),
            dice,
            options,
            public_url,
        }
    }

    /// Works on Stripe's state at the present time; events that were caused go to the webhook sender afterwards.
    pub(crate) fn stripe<R>(&self, work: impl FnOnce(&mut Stripe) -> R) -> R {
        let mut stripe = lock(&self.stripe);
        stripe.now = self.clock.now().timestamp();
        let result = work(&mut stripe);
        let caused = std::mem::take(&mut stripe.outbox);
        drop(stripe);
        if !caused.is_empty() {
            self.webhooks.schedule(&self.faults, &self.dice, caused);
        }
        result
    }

    /// Works on the panel's state at the present time.
    pub(crate) fn panel<R>(&self, work: impl FnOnce(&mut Panel) -> R) -> R {
        let mut panel = lock(&self.panel);
        panel.settle(self.clock.now());
        work(&mut panel)
    }

    /// Works on the hosting panel of this name; `None` when there is none.
    pub(crate) fn hosting<R>(&self, name: &str, work: impl FnOnce(&mut dyn Standin) -> R) -> Option<R> {
        let mut all = lock(&self.hosting);
        let found = all.iter_mut().find(|standin| standin.name() == name)?;
        Some(work(found.as_mut()))
    }

    /// Forgets everything but the options: as if just started.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        self.faults.clear();
        self.webhooks.reset(&self.options);
        *lock(&self.inbox) = Inbox::default();
        *lock(&self.idempotency) = Idempotency::default();
        *lock(&self.stripe) = Stripe::new(&self.options, &self.public_url, Arc::clone(&self.dice));
        *lock(&self.hosting) = hosting::all();
        *lock(&self.panel) = Panel::new(&self.options, &self.public_url, Arc::clone(&self.dice));
    }
}

/// Locks, also after another thread panicked while it held the lock: a stand-in goes on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
