//! Suspending, resuming and ending an order's service from its page. The worker does it at the provider; what does not go by
//! itself becomes a case.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use infra::queries::{self, OrderPage};
use kernel::{Failure as _, FailureKind, Transact as _};
use provisioning::{AskError, SuspendReason};
use serde::Serialize;

use super::{Desk, order, words::Notice};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    pages::State,
    say::say,
    visitor::Visitor,
};

/// Said in the operation's record.
const NOTE: &str = "from the desk";

#[derive(Debug, Clone, Copy)]
enum Wish {
    Suspend,
    Resume,
    End,
}

impl Wish {
    const fn done(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::End => "end",
        }
    }
}

/// What came of an act, for the order's page.
pub(super) fn notice(done: &str) -> Option<Notice> {
    match done {
        "suspend" => Some(Notice::done(say("desk-service-suspending"))),
        "resume" => Some(Notice::done(say("desk-service-resuming"))),
        "end" => Some(Notice::done(say("desk-service-ending"))),
        _ => None,
    }
}

pub(crate) async fn suspend<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = asked(&state, &request, &path, Wish::Suspend).await;
    state.answer(&request, result)
}

pub(crate) async fn resume<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = asked(&state, &request, &path, Wish::Resume).await;
    state.answer(&request, result)
}

pub(crate) async fn end<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = asked(&state, &request, &path, Wish::End).await;
    state.answer(&request, result)
}

async fn found<W: Desk>(state: &State<W>, path: &str) -> Result<OrderPage, PageError> {
    let id = path.parse().map_err(|_| PageError::NotFound)?;
    queries::order_page(state.world.record(), id).await?.ok_or(PageError::NotFound)
}

async fn asked<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    wish: Wish,
) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let page = found(state, path).await?;
    let service = page.service.ok_or(PageError::NotFound)?.id;
    let (env, by) = (&mut state.world.env(), who.actor());
    let work = async |tx: &mut W::Tx| match wish {
        Wish::Suspend => flows::ask_suspend(tx, env, service, (SuspendReason::Operator, NOTE), &by).await,
        Wish::Resume => flows::ask_resume(tx, env, service, NOTE, &by).await,
        Wish::End => flows::ask_terminate(tx, env, service, NOTE, &by).await,
    };
    match state.world.db().transaction(work).await {
        Ok(_) => Ok(see_other(&format!("/desk/orders/{}?done={}", page.order.id, wish.done()))),
        Err(AskError::NotFound(_)) => Err(PageError::NotFound),
        Err(error) if error.kind() == FailureKind::Conflict => {
            let notice = Notice::refused(error.to_string());
            order::page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Serialize)]
struct EndView {
    url: String,
    order_url: String,
    label: String,
    provider: String,
    name: String,
    email: String,
}

/// Asks whether it is meant: there is no way back.
pub(crate) async fn ask<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = asking(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn asking<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let OrderPage { order, service, .. } = found(state, path).await?;
    let service = service.ok_or(PageError::NotFound)?;
    let order_url = format!("/desk/orders/{}", order.id);
    let view = EndView {
        url: format!("{order_url}/service/end"),
        order_url,
        label: service.label,
        provider: service.provider.to_string(),
        name: order.buyer.name,
        email: order.buyer.email.to_string(),
    };
    state.page("desk/end", &Head::desk(say("desk-service-end"), &visitor), &view, (StatusCode::OK, Keep::Never))
}
