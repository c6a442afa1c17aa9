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
    let head = Head::narrow("Your data", &Visitor(Some(who)));
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

fn form(error: Option<String>) -> FormPage {
    FormPage::new("Erase your account", "/account/privacy/erase", "Erase everything that says who I am")
        .lead(
            "Your name, your addresses, your sign-ins and what you chose are removed at once, and nobody can bring them back. \
             What accounting law asks for stays: amounts and dates, under a number that leads to nobody.",
        )
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
                title: "Your account is erased",
                text: "Nothing here says any more who you were.".to_owned(),
                more: "If you come back one day, you begin anew.",
                button: "To the plans",
                url: "/",
            };
            let mut answer = notice_page(state, &notice)?;
            let (name, value) = state.cookie.clear();
            answer.headers_mut().insert(name, value);
            Ok(answer)
        }
        Err(ErasureError::NotOver(what)) => {
            let text = format!("This cannot be done yet: {what}. End it first, or write to us.");
            form_page(state, &form(Some(text)), StatusCode::CONFLICT)
        }
        Err(ErasureError::Staff) => {
            let text = "This account works for the shop. An admin takes its role first.".to_owned();
            form_page(state, &form(Some(text)), StatusCode::CONFLICT)
        }
        Err(error @ (ErasureError::Unknown | ErasureError::Store(_))) => Err(error.into()),
    }
}
