//! `GET /desk/search`: one box for everything. What is found alone is opened at once.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use infra::queries::{self, SEARCH_SHOWS};
use kernel::{Id, entity};
use serde::Serialize;

use super::{Desk, orders::OrderRow};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    pages::State,
    say::say,
    visitor::{query, value},
};

/// The longest text that is looked for; Stripe's ids and addresses are shorter.
const LONGEST: usize = 254;

#[derive(Debug, Serialize)]
struct SearchView {
    text: String,
    orders: Vec<OrderRow>,
    /// There may be more.
    full: bool,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let text: String = value(&query(request), "q").chars().filter(|c| *c != '\0').take(LONGEST).collect();
    let record = state.world.record();
    if let Ok(case) = text.parse::<Id<entity::Case>>()
        && queries::case(record, case).await?.is_some()
    {
        return Ok(see_other(&format!("/desk/cases/{case}")));
    }
    let found = if text.is_empty() { Vec::new() } else { queries::search(record, &text).await? };
    if let [only] = &*found {
        return Ok(see_other(&format!("/desk/orders/{}", only.id)));
    }
    let full = i64::try_from(found.len()).is_ok_and(|count| count >= SEARCH_SHOWS);
    let view = SearchView { text, orders: found.into_iter().map(OrderRow::from).collect(), full };
    state.page("desk/search", &Head::desk(say("desk-search"), &visitor), &view, (StatusCode::OK, Keep::Never))
}
