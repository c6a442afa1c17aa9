//! What must be true when the world has come to rest.

use cases::CaseKind;
use kernel::{Id, entity};
use notify::MailStatus;
use orders::{Order, OrderState, PaymentState};
use provisioning::ServiceState;

use super::Rule;
use crate::{
    core::{HOUR, MINUTE, Micros, State},
    fault::Fault,
};

impl State {
    /// Checks everything that must be true at the end.
    pub(crate) fn check_end(&mut self, calm_at: Micros, bound: Micros) {
        let orders: Vec<Order> = self.store.orders.values().cloned().collect();
        for order in &orders {
            self.check_outcome(order);
            self.check_money(order);
            self.check_promised_mails(order);
            self.check_time(order, calm_at, bound);
        }
        self.check_jobs_end();
        self.check_panel_end();
    }

    /// It needs a person, and somebody can see that.
    fn is_visible(&self, order: &Order) -> bool {
        let case =
            self.store.cases.open().any(|case| case.order == Some(order.id) && case.kind != CaseKind::MailFailed);
        case || matches!(order.state, OrderState::NeedsAttention { .. })
    }

    /// The last sweeps found nothing, and no case is open whose cause is gone.
    pub(crate) fn check_sweeps(&mut self, before: i64) {
        let standing = [CaseKind::ServiceOrphan, CaseKind::ServiceMissing, CaseKind::ServiceDrift];
        let trouble = self.store.cases.open().any(|case| standing.contains(&case.kind));
        let found = self.found() - before;
        self.holds(found == 0 || trouble, Rule::E9, || format!("the last sweeps found {found} things"));
        let passing =
            [CaseKind::DeliveryDelayed, CaseKind::EventDelayed, CaseKind::OutcomeUnknown, CaseKind::SetupSlow];
        let over = self.store.cases.open().find(|case| {
            let order = case.order.and_then(|order| self.store.orders.get(&order));
            passing.contains(&case.kind) && order.is_some_and(|order| order.state == OrderState::Provisioned)
        });
        let over =
            over.map(|case| format!("{} about {} is open and its cause is gone", case.kind.as_str(), case.subject));
        self.holds(over.is_none(), Rule::E10, || over.unwrap_or_default());
    }

    fn check_outcome(&mut self, order: &Order) {
        let now = self.now;
        // An order of nothing that nobody finished was never taken up.
        let untouched = matches!(order.state, OrderState::Pending | OrderState::Expired);
        let paid = if order.line.is_free() { !untouched } else { self.is_paid(order) };
        let servers = self.panel.live(order.id, now).count();
        let state = order.state.as_str();
        if !paid {
            let quiet = matches!(
                order.state,
                OrderState::Pending
                    | OrderState::Expired
                    | OrderState::Cancelled { .. }
                    | OrderState::NeedsAttention { .. }
            );
            self.holds(servers == 0 && quiet, Rule::E1, || {
                format!("{} is not paid, is {state} and has {servers} servers", order.id)
            });
            return;
        }
        let delivered = order.state == OrderState::Provisioned && servers == 1;
        let visible = self.is_visible(order);
        let refunded = order.state == OrderState::Refunded && servers == 0;
        self.holds(delivered || visible || refunded, Rule::E1, || {
            format!("{} is paid, is {state} and has {servers} servers", order.id)
        });
        if let OrderState::NeedsAttention { reason, .. } = &order.state {
            let caused = self.check.excused.contains(&order.id);
            self.holds(caused, Rule::E5, || {
                format!("{} needs a person for no reason in the world: {reason}", order.id)
            });
        }
    }

    fn check_money(&mut self, order: &Order) {
        let collected: i64 =
            self.ledger.of(order.id).filter_map(|session| Some(session.collected?.minor() - session.refunded)).sum();
        let booked: i64 = self
            .store
            .payments
            .values()
            .filter(|payment| payment.order == order.id)
            .filter(|payment| {
                matches!(
                    payment.state,
                    PaymentState::Succeeded | PaymentState::PartiallyRefunded | PaymentState::Refunded
                )
            })
            .map(|payment| payment.amount.minor() - payment.refunded.minor())
            .sum();
        let told = self.store.timelines.get(&order.id).into_iter().flatten().any(|line| line.event == "paid_twice");
        let visible = self.is_visible(order);
        self.holds(collected == booked || told || visible, Rule::S7, || {
            format!("{}: the gateway keeps {collected}, our payments say {booked}", order.id)
        });
    }

    fn check_promised_mails(&mut self, order: &Order) {
        let recorded = self.store.timelines.get(&order.id).into_iter().flatten().any(|line| line.event == "paid");
        let delivered =
            self.store.timelines.get(&order.id).into_iter().flatten().any(|line| line.event == "provisioned");
        let wanted: [(&[&str], bool); 3] = [
            (&["order_confirmation"], recorded),
            (&["welcome", "welcome_link", "account_linked"], recorded),
            (&["service_ready"], delivered),
        ];
        for (templates, due) in wanted {
            let mails: Vec<(Id<entity::Mail>, MailStatus)> = self
                .store
                .mails
                .mails
                .values()
                .filter(|mail| mail.order == Some(order.id) && templates.contains(&mail.template.as_str()))
                .map(|mail| (mail.id, mail.status))
                .collect();
            self.holds(mails.len() == usize::from(due), Rule::E2, || {
                format!("{} has {} mails of {templates:?}", order.id, mails.len())
            });
            if mails.len() == 1 && templates.len() == 3 && self.is_linked(order) {
                self.note(crate::seen::Sometimes::Linked);
            }
            for (mail, status) in mails {
                let arrived = self.mailbox.copies(mail) > 0;
                let excused = self.check.unsendable.contains(&mail) && status == MailStatus::Failed;
                let right = arrived && status == MailStatus::Sent || excused;
                self.holds(right, Rule::E2, || {
                    format!("{mail} ({templates:?}) is {}, arrived: {arrived}", status.as_str())
                });
            }
        }
    }

    fn is_linked(&self, order: &Order) -> bool {
        self.store.mails.mails.values().any(|mail| mail.order == Some(order.id) && mail.template == "account_linked")
    }

    fn check_time(&mut self, order: &Order, calm_at: Micros, bound: Micros) {
        let paid_at = self.ledger.of(order.id).filter_map(|session| session.paid_at).min();
        let Some(paid_at) = paid_at else { return };
        let Some(settled) = self.check.settled.get(&order.id).copied() else { return };
        let late = settled.saturating_sub(paid_at.max(calm_at));
        self.slowest = self.slowest.max(late);
        self.longest = self.longest.max(settled.saturating_sub(paid_at));
        // A sweep compares its own clock with times that others wrote: by so much it may be late.
        let apart = if self.plan.chance(Fault::ClockSkew) > 0 { 2 * HOUR } else { 0 };
        self.holds(late <= bound.saturating_add(apart), Rule::E7, || {
            format!("{} was right {} min after it could have been", order.id, late / MINUTE)
        });
    }

    fn check_jobs_end(&mut self) {
        let left: Vec<String> =
            self.store.jobs.live.iter().map(|(id, job)| format!("{id} {} of try {}", job.kind, job.attempt)).collect();
        self.holds(left.is_empty(), Rule::E3, || format!("left over: {left:?}"));
        let (claims, given) = (self.check.claims, self.check.given_back);
        let history = self.store.jobs.history.len();
        self.holds(claims == history + given, Rule::E4, || {
            format!("{claims} claims, {history} lines of history, {given} given back")
        });
        let silent = self.store.jobs.dead.values().filter(|dead| !dead.case_opened).count();
        self.holds(silent == 0, Rule::E1, || format!("{silent} dead jobs without a case"));
    }

    fn check_panel_end(&mut self) {
        let known: Vec<(Id<entity::Service>, Option<usize>, ServiceState)> = self
            .store
            .services
            .services
            .values()
            .map(|service| {
                let number = service.state.remote().and_then(|remote| remote.id.parse().ok());
                (service.id, number, service.state.clone())
            })
            .collect();
        let now = self.now;
        let told: Vec<Option<Id<entity::Order>>> = self.store.cases.open().map(|case| case.order).collect();
        for (number, server) in self.panel.servers.clone().iter().enumerate() {
            if server.foreign || !server.is_there(now) || told.contains(&Some(server.order)) {
                continue;
            }
            let ours = known.iter().any(|(service, remote, state)| {
                let open = matches!(
                    state,
                    ServiceState::FailedSetup { .. } | ServiceState::Uncertain | ServiceState::Provisioning
                );
                *service == server.service && (*remote == Some(number) || open)
            });
            self.holds(ours, Rule::E6, || format!("server {number} is not on record"));
        }
        for (service, number, state) in known {
            if matches!(state, ServiceState::Active(_)) {
                let there = number.and_then(|number| self.panel.servers.get(number)).is_some_and(|s| s.is_there(now));
                self.holds(there, Rule::E6, || format!("{service} is active and its server is not there"));
            }
        }
    }
}
