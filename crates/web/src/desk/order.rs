//! `GET /desk/orders/{order}`: everything about an order, and what can be done about it now.

use accounts::Permission::{CancelOrders, ManageServices, RefundOrders, ReplayEvents, WorkCases};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use infra::queries::{self, DeadJob, EventLine, LiveJob, OrderPage};
use kernel::{Timestamp, entity};
use orders::{Order, OrderState, Payment, Refund, Subscription, SubscriptionStatus, TimelineEntry};
use provisioning::{Service, ServiceState};
use serde::Serialize;

use super::{
    Desk,
    cases::CaseView,
    mails::{self, MailRow},
    service,
    words::{Notice, State as Badge, order_state, plain_state},
};
use crate::{
    answer::{Keep, PageError},
    head::Head,
    pages::State,
    say::{Fill, Say, say},
    visitor::{Visitor, query, value},
    words::period,
};

/// Events of an order that are shown, the newest first.
const EVENTS: i64 = 50;

#[derive(Debug, Serialize)]
struct Line {
    at: Fill,
    who: &'static str,
    what: String,
    detail: String,
}

#[derive(Debug, Serialize)]
struct PaymentRow {
    attempt: i64,
    state: Badge,
    amount: Fill,
    refunded: Option<Fill>,
    /// Stripe's ids, as far as they are known.
    ids: Vec<String>,
}

#[derive(Debug, Serialize)]
struct EventRow {
    id: String,
    kind: String,
    at: Fill,
    outcome: Option<String>,
    detail: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct JobRow {
    kind: String,
    state: Badge,
    tries: i64,
    at: Fill,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct ServiceRow {
    id: String,
    label: String,
    provider: String,
    state: Badge,
    remote: Option<String>,
}

/// What may be done now.
#[allow(clippy::struct_excessive_bools, reason = "each is a button that is there or not")]
#[derive(Debug, Default, Serialize)]
struct Acts {
    retry: bool,
    replay: bool,
    cancel: bool,
    refund: bool,
    suspend: bool,
    resume: bool,
    end: bool,
}

/// Money on its way back, or back.
#[derive(Debug, Serialize)]
struct RefundRow {
    amount: Fill,
    state: Badge,
    reason: String,
    by: String,
    at: Fill,
    detail: Option<String>,
    gateway_id: Option<String>,
}

/// What goes on charging.
#[derive(Debug, Serialize)]
struct SubscriptionRow {
    state: Badge,
    id: Option<String>,
    until: Option<Fill>,
    ends: bool,
}

#[derive(Debug, Serialize)]
struct OrderView {
    id: String,
    url: String,
    shop_url: String,
    state: Badge,
    disputed: bool,
    attention: Option<(String, String)>,
    plan: String,
    plan_name: String,
    period: Say,
    total: Fill,
    due_now: Fill,
    renewal: Option<Fill>,
    coupon: Option<String>,
    name: String,
    email: String,
    customer_url: Option<String>,
    guest: bool,
    placed: Fill,
    timeline: Vec<Line>,
    payments: Vec<PaymentRow>,
    refunds: Vec<RefundRow>,
    subscription: Option<SubscriptionRow>,
    service: Option<ServiceRow>,
    cases: Vec<CaseView>,
    events: Vec<EventRow>,
    jobs: Vec<JobRow>,
    mails: Vec<MailRow>,
    acts: Acts,
    notice: Option<Notice>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let notice = match &*value(&query(&request), "done") {
        "retry" => Some(Notice::done(say("desk-order-retried"))),
        "refund" => Some(Notice::done(say("desk-refund-begun"))),
        "cancel" => Some(Notice::done(say("desk-order-called-off"))),
        "replay" => Some(Notice::done(say("desk-event-replayed"))),
        done => mails::notice(done).or_else(|| service::notice(done)),
    };
    let result = page(&state, &request, &path, (StatusCode::OK, notice)).await;
    state.answer(&request, result)
}

/// The page, with what came of an act.
pub(super) async fn page<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let id: kernel::Id<entity::Order> = path.parse().map_err(|_| PageError::NotFound)?;
    let record = state.world.record();
    let found = queries::order_page(record, id).await?.ok_or(PageError::NotFound)?;
    let events = queries::events_list(record, Some(id), EVENTS).await?;
    let (live, dead) = (queries::live_jobs_of(record, id).await?, queries::dead_jobs_of(record, id).await?);
    let jobs = live.into_iter().map(JobRow::from).chain(dead.into_iter().map(JobRow::from)).collect();
    let acts = acts(&visitor, &found);
    let mut view = view(found, (events, jobs), state.world.env().now(), (acts, notice));
    mails::offered(&visitor, &mut view.mails);
    let head = Head::desk(say("desk-order").with("id", view.id.clone()), &visitor);
    state.page("desk/order", &head, &view, (status, Keep::Never))
}

fn acts(visitor: &Visitor, page: &OrderPage) -> Acts {
    let Some(role) = visitor.0.as_ref().map(|who| who.user.role) else { return Acts::default() };
    let stuck = match &page.order.state {
        OrderState::NeedsAttention { .. } | OrderState::Paid | OrderState::Provisioning => page.service.is_some(),
        OrderState::Pending
        | OrderState::Provisioned
        | OrderState::Expired
        | OrderState::Cancelled { .. }
        | OrderState::RefundPending
        | OrderState::Refunded => false,
    };
    let retry = role.may(WorkCases) && stuck && page.order.state.clone().begin_delivery().is_ok();
    let cancel = role.may(CancelOrders) && page.order.state == OrderState::Pending;
    let refund = role.may(RefundOrders) && page.refundable.is_some();
    let service = page.service.as_ref().map(|service| &service.state).filter(|_| role.may(ManageServices));
    let suspend = matches!(service, Some(ServiceState::Active(_)));
    let resume = matches!(service, Some(ServiceState::Suspended { .. }));
    Acts { retry, replay: role.may(ReplayEvents), cancel, refund, suspend, resume, end: suspend || resume }
}

fn view(
    page: OrderPage,
    (events, jobs): (Vec<EventLine>, Vec<JobRow>),
    now: Timestamp,
    (acts, notice): (Acts, Option<Notice>),
) -> OrderView {
    let OrderPage { order, timeline, payments, service, mails, cases, refunds, subscription, .. } = page;
    let attention = attention(&order);
    let line = order.line;
    OrderView {
        url: format!("/desk/orders/{}", order.id),
        shop_url: format!("/orders/{}", order.id),
        id: order.id.to_string(),
        state: order_state(order.state.as_str()),
        disputed: order.disputed,
        attention,
        plan: line.plan.to_string(),
        plan_name: line.plan_name,
        period: period(line.cycle),
        total: line.total.into(),
        due_now: line.due_now.into(),
        renewal: line.renewal.map(Fill::from),
        coupon: line.discount.map(|discount| discount.code.to_string()),
        name: order.buyer.name,
        email: order.buyer.email.to_string(),
        customer_url: order.buyer.customer.map(|customer| format!("/desk/customers/{customer}")),
        guest: order.buyer.guest,
        placed: order.created_at.into(),
        timeline: timeline.into_iter().map(Line::from).collect(),
        payments: payments.into_iter().map(PaymentRow::from).collect(),
        refunds: refunds.into_iter().map(RefundRow::from).collect(),
        subscription: subscription.map(SubscriptionRow::from),
        service: service.map(ServiceRow::from),
        cases: cases.into_iter().map(|case| CaseView::new(case, now)).collect(),
        events: events.into_iter().map(EventRow::from).collect(),
        jobs,
        mails: mails.into_iter().map(MailRow::from).collect(),
        acts,
        notice,
    }
}

fn attention(order: &Order) -> Option<(String, String)> {
    if let OrderState::NeedsAttention { reason, next_step, .. } = &order.state {
        Some((reason.clone(), next_step.clone()))
    } else {
        None
    }
}

impl From<TimelineEntry> for Line {
    fn from(entry: TimelineEntry) -> Self {
        let what = entry.event.replace('_', " ");
        Self { at: entry.at.into(), who: entry.actor.as_str(), what, detail: entry.detail }
    }
}

impl From<Payment> for PaymentRow {
    fn from(payment: Payment) -> Self {
        let refunded = (!payment.refunded.is_zero()).then(|| payment.refunded.into());
        Self {
            attempt: payment.attempt.into(),
            state: plain_state(payment.state.as_str()),
            amount: payment.amount.into(),
            refunded,
            ids: [payment.session, payment.intent, payment.invoice].into_iter().flatten().collect(),
        }
    }
}

impl From<Refund> for RefundRow {
    fn from(refund: Refund) -> Self {
        Self {
            amount: refund.amount.into(),
            state: plain_state(refund.state.as_str()),
            reason: refund.reason,
            by: refund.asked_by,
            at: refund.created_at.into(),
            detail: refund.detail,
            gateway_id: refund.gateway_id,
        }
    }
}

impl From<Subscription> for SubscriptionRow {
    fn from(subscription: Subscription) -> Self {
        let ended = subscription.status == SubscriptionStatus::Canceled;
        Self {
            state: plain_state(subscription.status.as_str()),
            id: subscription.gateway_id,
            // One that has ended neither renews nor ends.
            until: subscription.period_end.filter(|_| !ended).map(Fill::from),
            ends: subscription.cancel_at_period_end,
        }
    }
}

impl From<EventLine> for EventRow {
    fn from(event: EventLine) -> Self {
        let EventLine { id, kind, received_at, outcome, detail, .. } = event;
        Self { id, kind, at: received_at.into(), outcome, detail }
    }
}

impl From<LiveJob> for JobRow {
    fn from(job: LiveJob) -> Self {
        Self {
            kind: job.kind,
            state: plain_state(&job.state),
            tries: job.attempt.into(),
            at: job.run_at.into(),
            error: job.last_error,
        }
    }
}

impl From<DeadJob> for JobRow {
    fn from(job: DeadJob) -> Self {
        let error = Some(format!("{}: {}", job.reason, job.detail));
        Self { kind: job.kind, state: plain_state("dead"), tries: job.attempt.into(), at: job.died_at.into(), error }
    }
}

impl From<Service> for ServiceRow {
    fn from(service: Service) -> Self {
        let remote = service.state.remote().map(|remote| format!("{} ({})", remote.identifier, remote.id));
        Self {
            id: service.id.to_string(),
            label: service.label,
            provider: service.provider.to_string(),
            state: plain_state(service.state.as_str()),
            remote,
        }
    }
}
