//! `GET /_gallery`: every component of the design on one page, for whoever works on it. Mounted where a setting says so.

use accounts::Access::Public;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::ServiceConfig};
use kernel::BillingCycle;

use super::{Page, State, read};
use crate::{
    answer::{Keep, PageError},
    head::Head,
    reads,
    say::say,
    site::Site,
    views,
    visitor::Visitor,
};

/// Mounts the gallery. Until somebody does, its address leads nowhere.
pub fn configure_gallery_for<W: Site>(cfg: &mut ServiceConfig) {
    cfg.service(Page { show: Some(read().to(show::<W>)), submit: None }.at::<W>("/_gallery", Public));
}

async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state).await;
    state.answer(&request, result)
}

async fn page<W: Site>(state: &State<W>) -> Result<HttpResponse, PageError> {
    let offers = reads::offers(&*state.world).await?;
    let today = state.world.env().now().date_naive();
    let view = views::gallery::gallery(&offers, BillingCycle::Yearly, today);
    state.page("gallery", &Head::new(say("gallery-title"), &Visitor(None)), &view, (StatusCode::OK, Keep::Never))
}
