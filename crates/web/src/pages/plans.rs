//! `GET /`: the plans.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use kernel::BillingCycle;

use super::State;
use crate::{
    answer::{Keep, PageError},
    head::Head,
    reads,
    say::say,
    site::Site,
    views,
    visitor::{query, value},
};

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let offers = reads::offers(&*state.world).await?;
    let cycle = value(&query(request), "cycle").parse().unwrap_or(BillingCycle::Monthly);
    let view = views::plans::plans(&offers, cycle);
    let head = Head { description: Some(say("plans-description")), ..Head::new(say("plans-title"), &visitor) };
    state.page("plans", &head, &view, (StatusCode::OK, Keep::Revalidate))
}
