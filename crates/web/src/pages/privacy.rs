//! `/account/privacy`: what is held on the customer, to take along and to erase.

use accounts::ErasureError;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use serde::Serialize;

use super::{
    State,
    mailed::{form_page, notice_page},
};
use crate::{
    answer::{Keep, PageError},
    form_page::{FormPage, Notice},
    head::Head,
    origin::origin,
    say::{Say, say},
    site::Site,
    visitor::Visitor,
};

#[derive(Debug, Serialize)]
pub(crate) struct PrivacyView {
    pub(crate) email: String,
}

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let view = PrivacyView { email: who.user.email.to_string() };
    let head = Head { narrow: true, ..Head::account(say("privacy-title"), &Visitor(Some(who)), "privacy") };
    state.page("privacy", &head, &view, (StatusCode::OK, Keep::Never))
}

/// Everything that is held, as a file.
pub(crate) async fn export<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = exported(&state, &request).await;
    state.answer(&request, result)
}

async fn exported<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let (actor, mut env) = (who.actor(), state.world.env());
    let held = flows::export_person(state.world.db(), &mut env, (&actor, who.customer.id), &origin(request)).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"everything-held.json\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(held.ok_or(PageError::NotFound)?))
}

fn form(error: Option<Say>) -> FormPage {
    FormPage::new(say("erase-title"), "/account/privacy/erase", say("erase-button"))
        .lead(say("erase-lead"))
        .error(error)
}

pub(crate) async fn ask<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    state.answer(&request, form_page(&state, &form(None), StatusCode::OK))
}

/// Erases whoever asks, and signs them out.
pub(crate) async fn erase<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = erased(&state, &request).await;
    state.answer(&request, result)
}

async fn erased<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let (actor, mut env) = (who.actor(), state.world.env());
    match flows::erase_person(state.world.db(), &mut env, (&actor, who.customer.id), &origin(request)).await {
        Ok(()) => {
            let notice = Notice {
                title: say("erase-done"),
                text: say("erase-done-text"),
                more: say("erase-done-more"),
                button: say("error-to-plans"),
                url: "/",
            };
            let mut answer = notice_page(state, &notice)?;
            let (name, value) = state.cookie.clear();
            answer.headers_mut().insert(name, value);
            Ok(answer)
        }
        Err(ErasureError::NotOver(what)) => {
            let text = say("erase-not-yet").with("what", what);
            form_page(state, &form(Some(text)), StatusCode::CONFLICT)
        }
        Err(ErasureError::Staff) => form_page(state, &form(Some(say("erase-staff"))), StatusCode::CONFLICT),
        Err(error @ (ErasureError::Unknown | ErasureError::Store(_))) => Err(error.into()),
    }
}
