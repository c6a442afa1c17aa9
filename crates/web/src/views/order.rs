//! The page that follows an order.

use kernel::Timestamp;
use orders::{Order, OrderState, TimelineEntry};
use provisioning::ServiceState;
use serde::Serialize;

use super::{
    checkout::{SummaryView, summary_of_line},
    story::{Mark, Story, history_words, tell},
};
use crate::{
    reads::OrderFacts,
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
    /// Nobody that we know; whoever has the address may look.
    Anybody,
    /// Signed in, as somebody else than the buyer.
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
    /// `Starter: Ready to use`, for the browser's tab.
    tab: String,
    headline: &'static str,
    text: String,
    steps: Vec<Step>,
    history: Vec<HistoryLine>,
    pay_url: Option<String>,
    again_url: Option<String>,
    disputed: bool,
    /// What needs one of us, in words for the customer.
    notices: Vec<&'static str>,
    /// For the owner, once there is something to reach.
    access: Vec<Access>,
    panel_hint: bool,
    /// How to get in, for everybody else, once it is paid.
    sign_in_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Step {
    title: &'static str,
    mark: &'static str,
    word: &'static str,
    at: Option<Instant>,
}

#[derive(Debug, Serialize)]
struct HistoryLine {
    text: &'static str,
    at: Instant,
    /// The time of day; with its date where that is another one than the order's.
    when: String,
}

/// The page around it.
#[derive(Debug, Serialize)]
pub(crate) struct OrderView {
    pub(crate) id: String,
    pub(crate) plan_name: String,
    pub(crate) placed: Instant,
    pub(crate) summary: SummaryView,
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
pub(crate) fn live(facts: &OrderFacts, visit: Visit) -> LiveView {
    let order = &facts.order;
    let story = tell(facts, visit);
    let owner = visit.viewer == Viewer::Owner;
    let paid = story.marks[0] == Mark::Done;
    let path = format!("/orders/{}", order.id);
    let running = facts.service.as_ref().filter(|service| matches!(service.state, ServiceState::Active(_)));
    let access = running.filter(|_| owner).map(|service| service.access.iter().map(Access::from).collect());
    LiveView {
        tone: story.tone,
        tab: format!("{}: {}", order.line.plan_name, story.headline),
        headline: story.headline,
        text: text_of(facts, &story),
        steps: steps(facts, &story),
        history: history(facts),
        pay_url: story.payable.then(|| format!("{path}/pay")),
        again_url: story.again.then(|| order_again(order)),
        disputed: order.disputed,
        notices: facts.notices.clone(),
        panel_hint: owner && running.is_some(),
        access: access.unwrap_or_default(),
        sign_in_url: (paid && visit.viewer == Viewer::Anybody)
            .then(|| format!("/login?next={}", crate::answer::encoded(&path))),
    }
}

fn order_again(order: &Order) -> String {
    format!("/order/{}?cycle={}", order.line.plan, order.line.cycle)
}

/// The story's text; when it is ready, with how long it took.
fn text_of(facts: &OrderFacts, story: &Story) -> String {
    let took =
        when(facts, "paid").zip(when(facts, "provisioned")).map(|(paid, ready)| ready.signed_duration_since(paid));
    match took {
        Some(span) if facts.order.state == OrderState::Provisioned => {
            format!("It was set up {} after your payment and runs.", duration(span))
        }
        Some(_) | None => story.text.to_owned(),
    }
}

/// When something happened last.
fn when(facts: &OrderFacts, event: &str) -> Option<Timestamp> {
    facts.timeline.iter().rev().find(|entry| entry.event == event).map(|entry| entry.at)
}

fn steps(facts: &OrderFacts, story: &Story) -> Vec<Step> {
    let [payment, setup, ready] = story.marks;
    let all = [
        ("Order placed", Mark::Done, "placed"),
        ("Payment", payment, "paid"),
        ("Setting up", setup, "provisioning"),
        ("Ready", ready, "provisioned"),
    ];
    let step = |(title, mark, event): (&'static str, Mark, &str)| Step {
        title,
        mark: mark.as_str(),
        word: match mark {
            Mark::Done => "done",
            Mark::Now => "in progress",
            Mark::Later => "to come",
            Mark::Stopped => "stopped",
        },
        at: when(facts, event).filter(|_| mark == Mark::Done).map(Instant::from),
    };
    all.into_iter().map(step).collect()
}

fn history(facts: &OrderFacts) -> Vec<HistoryLine> {
    let day = facts.order.created_at.date_naive();
    let line = |entry: &TimelineEntry| {
        let at = Instant::from(entry.at);
        let when = if entry.at.date_naive() == day { at.clock.clone() } else { at.text.clone() };
        Some(HistoryLine { text: history_words(&entry.event)?, at, when })
    };
    facts.timeline.iter().rev().filter_map(line).collect()
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
        summary: summary_of_line(&order.line),
        live,
        version,
        events_url,
        last: is_final(&order.state),
        email: (visit.viewer == Viewer::Owner).then(|| order.buyer.email.to_string()),
    }
}
