//! The page that follows an order.

use cases::CaseKind;
use chrono::Duration;
use kernel::Timestamp;
use orders::{Order, OrderState, TimelineEntry};
use provisioning::ServiceState;
use serde::Serialize;

use super::{
    checkout::{SummaryView, summary_of_line},
    story::{Mark, Story, happened, tell},
};
use crate::{
    reads::OrderFacts,
    say::{Fill, Say, say},
    words::{Access, Instant, duration},
};

/// How somebody looks at an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) viewer: Viewer,
    pub(crate) came: Came,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// Nobody that we know, with no more than an order's number: sees how far it is, and nothing of what it is about.
    Anybody,
    /// Nobody that we know, with a link of ours.
    LinkHolder,
    /// Signed in, as somebody else than the buyer, with a link of ours.
    Other,
    /// The buyer, signed in.
    Owner,
}

/// From where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// From anywhere.
    Plainly,
    /// Back from the payment page, through it.
    Returned,
    /// Back from the payment page by its way out.
    Cancelled,
}

/// The part of the page that changes while one looks at it.
#[derive(Debug, Serialize)]
pub(crate) struct LiveView {
    tone: &'static str,
    /// With the headline in the browser's tab.
    plan_name: String,
    headline: Say,
    text: Say,
    /// How long what is awaited usually takes.
    usual: Option<Say>,
    /// There is more to see with the link from the mail.
    stranger: bool,
    steps: Vec<Step>,
    history: Vec<HistoryLine>,
    pay_url: Option<String>,
    again_url: Option<String>,
    disputed: bool,
    /// What needs one of us, in words for the customer.
    notices: Vec<Say>,
    /// For the owner, once there is something to reach.
    access: Vec<Access>,
    panel_hint: bool,
    /// How to get in, for everybody else, once it is paid.
    sign_in_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Step {
    title: Say,
    mark: &'static str,
    word: Say,
    at: Option<Instant>,
}

#[derive(Debug, Serialize)]
struct HistoryLine {
    text: Say,
    at: Instant,
    /// The time of day; with its date where that is another one than the order's.
    when: Fill,
}

/// The page around it.
#[derive(Debug, Serialize)]
pub(crate) struct OrderView {
    pub(crate) id: String,
    pub(crate) plan_name: String,
    pub(crate) placed: Instant,
    /// Not for whoever has no more than the number.
    pub(crate) summary: Option<SummaryView>,
    /// The live part, rendered.
    pub(crate) live: String,
    pub(crate) version: String,
    pub(crate) events_url: String,
    /// Nothing changes any more by itself.
    pub(crate) last: bool,
    /// Only for the owner.
    pub(crate) email: Option<String>,
}

/// Whether the state is one that nothing but a person or a new payment changes. The page then stops asking.
pub(crate) const fn is_final(state: &OrderState) -> bool {
    match state {
        OrderState::Provisioned | OrderState::Expired | OrderState::Cancelled { .. } | OrderState::Refunded => true,
        OrderState::Pending
        | OrderState::Paid
        | OrderState::Provisioning
        | OrderState::NeedsAttention { .. }
        | OrderState::RefundPending => false,
    }
}

/// Seconds between two looks of a browser without JavaScript.
pub(crate) const fn refresh_seconds(state: &OrderState) -> Option<u32> {
    match state {
        OrderState::Pending | OrderState::Paid | OrderState::Provisioning => Some(3),
        OrderState::NeedsAttention { .. } | OrderState::RefundPending => Some(60),
        OrderState::Provisioned | OrderState::Expired | OrderState::Cancelled { .. } | OrderState::Refunded => None,
    }
}

/// The live part.
///
/// `path` is the order's page, `usual` how long setting up usually takes.
pub(crate) fn live(facts: &OrderFacts, visit: Visit, (path, usual): (&str, Option<Duration>)) -> LiveView {
    let order = &facts.order;
    let story = tell(facts, visit);
    let owner = visit.viewer == Viewer::Owner;
    let paid = story.marks[0] == Mark::Done;
    let stranger = visit.viewer == Viewer::Anybody;
    let running = facts.service.as_ref().filter(|service| matches!(service.state, ServiceState::Active(_)));
    let access = running.filter(|_| owner).map(|service| service.access.iter().map(Access::from).collect());
    LiveView {
        tone: story.tone,
        plan_name: order.line.plan_name.clone(),
        text: text_of(facts, &story),
        steps: steps(facts, &story),
        headline: story.headline,
        usual: usual.filter(|_| story.tone == "work").map(|span| say("order-usual").with("span", duration(span))),
        history: if stranger { Vec::new() } else { history(facts) },
        pay_url: (story.payable && !stranger).then(|| format!("{path}/pay")),
        again_url: story.again.then(|| order_again(order)),
        disputed: order.disputed && !stranger,
        notices: notices(&facts.cases),
        panel_hint: owner && running.is_some(),
        access: access.unwrap_or_default(),
        sign_in_url: ((paid && visit.viewer == Viewer::LinkHolder) || stranger)
            .then(|| format!("/login?next={}", crate::answer::encoded(&format!("/orders/{}", order.id)))),
        stranger,
    }
}

fn order_again(order: &Order) -> String {
    format!("/order/{}?cycle={}", order.line.plan, order.line.cycle)
}

/// The story's text; when it is ready, with how long it took.
fn text_of(facts: &OrderFacts, story: &Story) -> Say {
    let took =
        when(facts, "paid").zip(when(facts, "provisioned")).map(|(paid, ready)| ready.signed_duration_since(paid));
    match took {
        Some(span) if facts.order.state == OrderState::Provisioned && story.tone == "good" => {
            say("story-ready-after").with("span", duration(span))
        }
        Some(_) | None => story.text.clone(),
    }
}

/// When something happened last.
fn when(facts: &OrderFacts, event: &str) -> Option<Timestamp> {
    facts.timeline.iter().rev().find(|entry| entry.event == event).map(|entry| entry.at)
}

fn steps(facts: &OrderFacts, story: &Story) -> Vec<Step> {
    let [payment, setup, ready] = story.marks;
    let all = [
        (say("step-placed"), Mark::Done, "placed"),
        (say("step-payment"), payment, "paid"),
        (say("step-setup"), setup, "provisioning"),
        (say("step-ready"), ready, "provisioned"),
    ];
    let step = |(title, mark, event): (Say, Mark, &str)| Step {
        title,
        mark: mark.as_str(),
        word: match mark {
            Mark::Done => say("step-done"),
            Mark::Now => say("step-now"),
            Mark::Later => say("step-later"),
            Mark::Stopped => say("step-stopped"),
        },
        at: when(facts, event).filter(|_| mark == Mark::Done).map(Instant::from),
    };
    all.into_iter().map(step).collect()
}

fn history(facts: &OrderFacts) -> Vec<HistoryLine> {
    let day = facts.order.created_at.date_naive();
    let line = |entry: &TimelineEntry| {
        let at = Instant::from(entry.at);
        let when = if entry.at.date_naive() == day { at.clock.as_str().into() } else { at.text.clone() };
        Some(HistoryLine { text: happened(&entry.event)?, at, when })
    };
    facts.timeline.iter().rev().filter_map(line).collect()
}

/// What the customer is told of open cases, each once where several say the same. The mails and the API say it, too
/// ([`CaseKind::customer_view`]).
fn notices(cases: &[CaseKind]) -> Vec<Say> {
    let mut notices: Vec<Say> = cases.iter().filter_map(|kind| notice(*kind)).collect();
    notices.dedup();
    notices
}

/// What the customer is told of one; `None` where it is no affair of theirs.
pub(crate) const fn notice(kind: CaseKind) -> Option<Say> {
    Some(match kind {
        CaseKind::EventDelayed | CaseKind::PaymentStuck | CaseKind::LedgerPaidThere => say("notice-payment-slow"),
        CaseKind::PaymentMismatch => say("notice-payment-differs"),
        CaseKind::PaidTwice => say("notice-paid-twice"),
        CaseKind::DeliveryDelayed | CaseKind::SetupSlow | CaseKind::OutcomeUnknown => say("notice-setup-slow"),
        CaseKind::DeliveryRefused | CaseKind::NoCapacity | CaseKind::SetupFailed => say("notice-setup-failed"),
        CaseKind::RefundFailed => say("notice-refund-failed"),
        CaseKind::ServiceMissing => say("notice-service-missing"),
        CaseKind::MailFailed => say("notice-mail-failed"),
        CaseKind::JobDead
        | CaseKind::EventUnreadable
        | CaseKind::EventForeign
        | CaseKind::PaymentUnmatched
        | CaseKind::ServiceOrphan
        | CaseKind::ServiceDrift
        | CaseKind::LedgerPaidHere
        | CaseKind::LedgerRefund
        | CaseKind::ServiceOperation
        | CaseKind::RefundedRunning
        | CaseKind::Disputed => return None,
    })
}

/// The page around the live part, which is given rendered, with its digest.
pub(crate) fn order(
    facts: &OrderFacts,
    visit: Visit,
    (live, version): (String, String),
    events_url: String,
) -> OrderView {
    let order = &facts.order;
    OrderView {
        id: order.id.to_string(),
        plan_name: order.line.plan_name.clone(),
        placed: order.created_at.into(),
        summary: (visit.viewer != Viewer::Anybody).then(|| summary_of_line(&order.line)),
        live,
        version,
        events_url,
        last: is_final(&order.state),
        email: (visit.viewer == Viewer::Owner).then(|| order.buyer.email.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::spoken_in_english;

    #[test]
    fn a_case_is_told_on_the_page_as_in_mails_and_by_the_api() {
        for kind in CaseKind::ALL {
            let told = notice(kind).map(|said| spoken_in_english(&said));
            assert_eq!(told.as_deref(), kind.customer_view(), "{kind:?}");
        }
    }

    #[test]
    fn cases_that_say_the_same_are_told_once() {
        let cases = [CaseKind::SetupSlow, CaseKind::JobDead, CaseKind::DeliveryDelayed, CaseKind::PaidTwice];
        assert_eq!(notices(&cases), [say("notice-setup-slow"), say("notice-paid-twice")]);
    }
}
