//! `GET /desk/customers`: all customers, the newest first or by address, by page.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use infra::queries::{self, CustomerFilter, CustomerLine};
use serde::Serialize;

use super::Desk;
use crate::{
    answer::{Keep, PageError, encoded},
    head::Head,
    pages::State,
    say::{Fill, say},
    visitor::{Parameters, query, value},
};

/// Customers on a page.
const SHOWN: usize = 50;
/// No address is longer.
const LONGEST: usize = 254;

#[derive(Debug, Serialize)]
struct Row {
    url: String,
    name: String,
    email: String,
    since: Fill,
    orders: i64,
    last_order: Option<Fill>,
}

#[derive(Debug, Serialize)]
struct CustomersView {
    by_address: bool,
    text: String,
    customers: Vec<Row>,
    /// The next page.
    more: Option<String>,
}

impl From<CustomerLine> for Row {
    fn from(line: CustomerLine) -> Self {
        Self {
            url: format!("/desk/customers/{}", line.id()),
            name: line.name,
            email: line.email,
            since: line.created_at.into(),
            orders: line.orders,
            last_order: line.last_order.map(Fill::from),
        }
    }
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

fn text(parameters: &Parameters, name: &str) -> String {
    value(parameters, name).chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let parameters = query(request);
    let begins = text(&parameters, "q").to_lowercase();
    let by_address = value(&parameters, "by") == "address" || !begins.is_empty();
    let filter = if by_address {
        CustomerFilter::ByAddress { after: text(&parameters, "after"), begins: begins.clone() }
    } else {
        CustomerFilter::Newest(value(&parameters, "before").parse().ok())
    };
    let one_more = i64::try_from(SHOWN).unwrap_or_default().saturating_add(1);
    let mut found = queries::customers_list(state.world.record(), &filter, one_more).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let more = found.last().filter(|_| more).map(|last| {
        if by_address {
            format!("/desk/customers?by=address&q={}&after={}", encoded(&begins), encoded(&last.email))
        } else {
            format!("/desk/customers?before={}", last.id())
        }
    });
    let customers = found.into_iter().map(Row::from).collect();
    let view = CustomersView { by_address, text: begins, customers, more };
    state.page("desk/customers", &Head::desk(say("desk-customers"), &visitor), &view, (StatusCode::OK, Keep::Never))
}
