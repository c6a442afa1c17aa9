//! When sweeps come. A sweep that is certain to find nothing is not run: what each looks for is asked of the world itself,
//! so that a quiet day costs nothing. That it also runs when there is nothing to find is seen to at the end of each world.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use cases::CaseKind;
use orders::OrderState;

use crate::{
    core::{HOUR, MINUTE, Micros, SECOND, State, instant, micros},
    jobs::{self, SWEEPS, kind, pace},
};

/// When each sweep ran last, and the times at which the rare ones are run besides.
#[derive(Debug, Default)]
pub(crate) struct Sweeps {
    ran_at: [Micros; SWEEPS],
    /// The hourly and the daily one, at times of their own.
    pub(crate) extra: Vec<(Micros, usize)>,
}

impl State {
    /// The next sweep that may find something, and when it comes.
    pub(crate) fn next_sweep(&self) -> Option<(Micros, usize)> {
        let due = (0..SWEEPS).filter_map(|sweep| {
            let wanted = self.may_find(kind(sweep))?;
            let ran = self.sweeps.ran_at.get(sweep).copied().unwrap_or(0);
            Some((wanted.max(ran + pace(sweep)).max(self.db_down_until), sweep))
        });
        let extra = self.sweeps.extra.iter().copied();
        due.chain(extra).min()
    }

    /// From when on a sweep may find something; `None`: as things are, never.
    fn may_find(&self, kind: &str) -> Option<Micros> {
        if self.store.jobs.live.values().any(|job| job.kind == kind) {
            // It is under way, and will come again when it is done.
            return None;
        }
        match kind {
            "sweep.pending_orders" => {
                // An unpaid order that waits for a person is looked at for ever, and finds nothing.
                let left = |id| {
                    !self.chaos && !self.ledger.is_paid(id) && self.store.cases.open().any(|c| c.order == Some(id))
                };
                let orders = self.store.orders.values();
                let pending = orders.filter(|order| order.state == OrderState::Pending && !left(order.id));
                pending.filter_map(|order| self.store.checks.get(&order.id)).map(|at| micros(*at)).min()
            }
            "sweep.missed_events" => {
                let missed = self.ledger.events.iter().enumerate();
                let missed = missed.filter(|(number, event)| event.listed && !self.has_event(*number));
                missed.map(|(_, event)| event.made_at + 31 * SECOND).min()
            }
            "sweep.waiting_events" => self.waiting_event(),
            "sweep.undelivered" => {
                let services = self.store.services.services.values();
                let waiting = services.filter(|service| {
                    let order = self.store.orders.get(&service.order).map(|order| &order.state);
                    matches!(order, Some(OrderState::Paid | OrderState::Provisioning))
                        && !service.state.delivery_is_over()
                });
                waiting.map(|service| micros(service.created_at) + 41 * SECOND).min()
            }
            "sweep.mails" => {
                let mails = self.store.mails.mails.values();
                let waiting = mails.filter(|mail| mail.status == notify::MailStatus::Queued);
                waiting.map(|mail| micros(mail.queued_at) + 2 * MINUTE + SECOND).min()
            }
            _ => None,
        }
    }

    fn has_event(&self, number: usize) -> bool {
        self.store.events.contains_key(&format!("evt_{number}"))
    }

    /// An event that waits, or a case about one that is over.
    fn waiting_event(&self) -> Option<Micros> {
        let waiting = self.store.events.values().filter(|event| event.outcome.is_none());
        let first = waiting.map(|event| micros(event.received_at) + 41 * SECOND).min();
        let over = self.store.cases.open().any(|case| {
            let word = self.store.events.get(&case.subject).and_then(|event| event.outcome.as_ref()).map(|o| o.word);
            let failed = word == Some("failed");
            word.is_some() && (case.kind == CaseKind::EventDelayed || case.kind == CaseKind::JobDead && !failed)
        });
        if over { Some(self.now) } else { first }
    }

    /// A sweep's schedule strikes.
    pub(crate) fn strike_sweep(&mut self, sweep: usize) {
        let now = self.now;
        if let Some(ran) = self.sweeps.ran_at.get_mut(sweep) {
            *ran = now;
        }
        self.sweeps.extra.retain(|(at, extra)| *extra != sweep || *at > now);
        self.store.jobs.now = instant(now);
        let enqueued = pin!(jobs::enqueue(&mut self.store.jobs, sweep)).poll(&mut Context::from_waker(Waker::noop()));
        debug_assert!(matches!(enqueued, Poll::Ready(Ok(()))), "memory does not wait");
    }

    /// Every sweep comes once more: the hourly and the daily one now, and the others whether they may find something or not.
    pub(crate) fn sweep_all(&mut self) {
        for sweep in 0..SWEEPS {
            self.strike_sweep(sweep);
        }
    }

    /// The hourly and the daily sweep happen to come while things go wrong.
    pub(crate) fn plan_rare_sweeps(&mut self) {
        for (sweep, rare) in (0..SWEEPS).map(|sweep| (sweep, pace(sweep) >= HOUR)).filter(|(_, rare)| *rare) {
            debug_assert!(rare, "the others come by themselves");
            let at = self.dice.below(30 * MINUTE);
            self.sweeps.extra.push((at, sweep));
        }
    }

    /// What all sweeps found so far.
    pub(crate) fn found(&self) -> i64 {
        self.store.sweeps.values().map(|sweep| sweep.found).sum()
    }
}
