//! `GET /desk/orders`: all orders, the newest first, by page.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use infra::queries::{self, OrderFilter, OrderLineView};
use serde::Serialize;

use super::{
    Desk,
    words::{State as OrderState, order_state},
};
use crate::{
    answer::{Keep, PageError},
    head::Head,
    pages::State,
    say::{Fill, Say, say},
    visitor::{query, value},
    words::period,
};

/// Orders on a page.
const SHOWN: usize = 50;

/// The states that can be chosen, with what they are called.
const STATES: [&str; 9] = [
    "needs_attention",
    "paid",
    "provisioning",
    "provisioned",
    "pending",
    "expired",
    "cancelled",
    "refund_pending",
    "refunded",
];

/// An order in a list.
#[derive(Debug, Serialize)]
pub(crate) struct OrderRow {
    url: String,
    id: String,
    plan_name: String,
    period: Option<Say>,
    email: String,
    total: Fill,
    placed: Fill,
    state: OrderState,
    disputed: bool,
    why: Option<String>,
}

impl From<OrderLineView> for OrderRow {
    fn from(view: OrderLineView) -> Self {
        Self {
            url: format!("/desk/orders/{}", view.id),
            id: view.id.to_string(),
            plan_name: view.plan_name,
            period: view.cycle.parse().ok().map(period),
            email: view.email,
            total: view.total.into(),
            placed: view.created_at.into(),
            state: order_state(&view.status),
            disputed: view.disputed,
            why: view.attention,
        }
    }
}

#[derive(Debug, Serialize)]
struct Choice {
    word: &'static str,
    text: OrderState,
    current: bool,
}

#[derive(Debug, Serialize)]
struct OrdersView {
    choices: Vec<Choice>,
    all: bool,
    orders: Vec<OrderRow>,
    /// The next page.
    older: Option<String>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let parameters = query(request);
    let status = STATES.into_iter().find(|word| *word == value(&parameters, "status"));
    let before = value(&parameters, "before").parse().ok();
    let filter = OrderFilter { status: status.map(str::to_owned), customer: None, before };
    let one_more = i64::try_from(SHOWN).unwrap_or_default().saturating_add(1);
    let mut found = queries::orders_list(state.world.record(), &filter, one_more).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let older = found.last().filter(|_| more).map(|last| {
        let status = status.map(|word| format!("&status={word}")).unwrap_or_default();
        format!("/desk/orders?before={}{status}", last.id)
    });
    let choice = |word| Choice { word, text: order_state(word), current: status == Some(word) };
    let view = OrdersView {
        choices: STATES.into_iter().map(choice).collect(),
        all: status.is_none(),
        orders: found.into_iter().map(OrderRow::from).collect(),
        older,
    };
    state.page("desk/orders", &Head::desk(say("desk-orders"), &visitor), &view, (StatusCode::OK, Keep::Never))
}
