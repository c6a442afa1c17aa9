//! `/account/billing` and `/account/mails`: what the customer is charged, was charged and was written.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use flows::PortalError;
use kernel::{Failure as _, FailureKind};

use super::State;
use crate::{
    answer::{Keep, PageError},
    head::Head,
    say::{Say, say},
    site::Site,
    views,
    visitor::Visitor,
};

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request, (StatusCode::OK, None)).await;
    state.answer(&request, result)
}

async fn page<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    (status, problem): (StatusCode, Option<Say>),
) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let billing = state.world.billing(who.customer.id).await?;
    let own = who.means.acted_by().is_none() && who.customer.gateway_id.is_some();
    let view = views::billing::billing(billing, own, problem);
    let head = Head::account(say("billing-title"), &Visitor(Some(who)), "billing");
    state.page("billing", &head, &view, (status, Keep::Never))
}

/// Leads on to the gateway's page: its address is good for minutes only, so it is asked for with every click.
pub(crate) async fn portal<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = lead_on(&state, &request).await;
    state.answer(&request, result)
}

async fn lead_on<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let url = match flows::billing_portal(&*state.world, &who).await {
        Ok(url) if url.starts_with("https://") || url.starts_with("http://") => url,
        Ok(_) => return page(state, request, (StatusCode::BAD_GATEWAY, Some(say("billing-portal-away")))).await,
        Err(PortalError::NothingBilled) => {
            return page(state, request, (StatusCode::CONFLICT, Some(say("billing-portal-nothing")))).await;
        }
        Err(error) => {
            tracing::error!(error = %error, error.code = error.code(), "the billing portal cannot be opened");
            let away = error.kind() == FailureKind::Unavailable;
            let status = if away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_GATEWAY };
            return page(state, request, (status, Some(say("billing-portal-away")))).await;
        }
    };
    let head = Head { go_to: Some(url.clone()), ..Head::narrow(say("portal-title"), &Visitor(Some(who))) };
    state.page("to_portal", &head, &serde_json::json!({ "url": url }), (StatusCode::OK, Keep::Never))
}

pub(crate) async fn mails<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = mails_page(&state, &request).await;
    state.answer(&request, result)
}

async fn mails_page<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let mails = state.world.mails(&who.user.email).await?;
    let view = views::billing::mails(who.user.email.as_str(), mails);
    let head = Head::account(say("mails-title"), &Visitor(Some(who)), "mails");
    state.page("mails", &head, &view, (StatusCode::OK, Keep::Never))
}
