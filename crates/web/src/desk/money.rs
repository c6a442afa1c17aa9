//! Sending an order's money back, and calling off one that is not paid.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use flows::CancelError;
use infra::queries::{self, OrderPage};
use kernel::{Failure as _, FailureKind, Id, Money, entity};
use orders::{OrderError, OrderState, RefundError, RefundRequest};
use serde::Serialize;

use super::{Desk, order, words::Notice};
use crate::{
    answer::{Keep, PageError, see_other},
    field::{Field, Problem},
    head::Head,
    pages::{State, mailed::read},
    say::{Fill, Say, say},
    visitor::{Parameters, Visitor, value},
};

#[derive(Debug, Serialize)]
struct RefundView {
    url: String,
    order_url: String,
    plan_name: String,
    name: String,
    email: String,
    /// What could go back.
    left: Fill,
    /// What follows when all of it does.
    service_runs: bool,
    subscribed: bool,
    fields: Vec<Field>,
    problems: Vec<Problem>,
    form_error: Option<Fill>,
}

/// What was entered, and what is wrong with it.
#[derive(Debug, Default)]
struct Entry {
    amount: Option<String>,
    reason: String,
    amount_error: Option<Say>,
    reason_error: Option<Say>,
    form_error: Option<Fill>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = page(&state, &request, &path, (StatusCode::OK, Entry::default())).await;
    state.answer(&request, result)
}

async fn found<W: Desk>(state: &State<W>, path: &str) -> Result<OrderPage, PageError> {
    let id: Id<entity::Order> = path.parse().map_err(|_| PageError::NotFound)?;
    queries::order_page(state.world.record(), id).await?.ok_or(PageError::NotFound)
}

/// `12.50`, with the currency's own decimals.
fn plain(amount: Money) -> String {
    amount.to_string().split(' ').next().unwrap_or_default().to_owned()
}

async fn page<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    (status, entry): (StatusCode, Entry),
) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let OrderPage { order, refundable, subscription, .. } = found(state, path).await?;
    let order_url = format!("/desk/orders/{}", order.id);
    let Some(left) = refundable else {
        let notice = Notice::refused(say("desk-refund-nothing-left"));
        return order::page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await;
    };
    let amount = entry.amount.unwrap_or_else(|| plain(left));
    let fields = vec![
        Field::text("amount", say("desk-refund-amount"), &amount)
            .max(20)
            .hint(say("desk-refund-amount-hint").with("left", left))
            .error(entry.amount_error.as_ref()),
        Field::text("reason", say("desk-refund-reason"), &entry.reason)
            .max(300)
            .hint(say("desk-refund-reason-hint"))
            .error(entry.reason_error.as_ref()),
    ];
    let view = RefundView {
        url: format!("{order_url}/refund"),
        order_url,
        plan_name: order.line.plan_name,
        name: order.buyer.name,
        email: order.buyer.email.to_string(),
        left: left.into(),
        service_runs: order.state == OrderState::Provisioned,
        subscribed: subscription.is_some(),
        problems: fields.iter().filter_map(Field::problem).collect(),
        fields,
        form_error: entry.form_error,
    };
    state.page("desk/refund", &Head::desk(say("desk-refund"), &visitor), &view, (status, Keep::Never))
}

pub(crate) async fn refund<W: Desk>(
    state: State<W>,
    request: HttpRequest,
    path: Path<String>,
    form: Result<Form<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => refunded(&state, &request, &path, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn refunded<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let known = found(state, path).await?;
    let id = known.order.id;
    let (entered, reason) = (value(form, "amount"), value(form, "reason"));
    let again = |entry: Entry| Entry { amount: Some(entered.clone()), reason: reason.clone(), ..entry };
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let currency = known.order.line.total.currency();
    let Ok(amount) = Money::from_decimal(&entered, currency) else {
        let entry = Entry { amount_error: Some(say("desk-refund-no-amount")), ..Entry::default() };
        return page(state, request, path, (invalid, again(entry))).await;
    };
    let asked_by = who.user.email.to_string();
    let asked = RefundRequest { amount: Some(amount), reason: reason.clone(), asked_by };
    let result = flows::ask_refund(state.world.db(), &mut state.world.env(), (id, asked), &who.actor()).await;
    let (status, entry) = match result {
        Ok(_) => return Ok(see_other(&format!("/desk/orders/{id}?done=refund"))),
        Err(RefundError::NotFound(_)) => return Err(PageError::NotFound),
        Err(RefundError::Amount { left }) => {
            let error = say("desk-refund-too-much").with("left", left);
            (invalid, Entry { amount_error: Some(error), ..Entry::default() })
        }
        Err(RefundError::NoReason) => {
            (invalid, Entry { reason_error: Some(say("desk-refund-no-reason")), ..Entry::default() })
        }
        Err(error) if error.kind() == FailureKind::Conflict => {
            (StatusCode::CONFLICT, Entry { form_error: Some(error.to_string().into()), ..Entry::default() })
        }
        Err(error) => return Err(error.into()),
    };
    page(state, request, path, (status, again(entry))).await
}

/// Calls off an order that is not paid.
pub(crate) async fn cancel<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = cancelled(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn cancelled<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let id = path.parse().map_err(|_| PageError::NotFound)?;
    let reason = (orders::Actor::Operator, "called off by the shop");
    match flows::cancel_order(&*state.world, id, reason, &who.actor()).await {
        Ok(()) => Ok(see_other(&format!("/desk/orders/{id}?done=cancel"))),
        Err(CancelError::Order(OrderError::NotFound(_))) => Err(PageError::NotFound),
        Err(error) if matches!(error.kind(), FailureKind::Conflict | FailureKind::Upstream) => {
            let notice = Notice::refused(error.to_string());
            order::page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await
        }
        Err(error) => Err(error.into()),
    }
}
