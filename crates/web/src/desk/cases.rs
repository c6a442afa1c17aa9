//! `/desk/cases`: what needs a person, with its reason, its next step, its age and its owner.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use cases::{Case, CaseError};
use flows::{Remedy, RemedyError, SignedIn};
use infra::queries::{self, CaseFilter};
use kernel::{Failure as _, FailureKind, Id, Timestamp, entity};
use serde::Serialize;

use super::{
    Desk,
    words::{Notice, age},
};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    pages::State,
    say::{Fill, Say, say},
    views::order::notice,
    visitor::{Parameters, Visitor, query, value},
};

/// Cases that are listed, the oldest first.
const SHOWN: i64 = 200;

type Entered = Result<Form<Parameters>, actix_web::Error>;

/// A case in a list and on its page.
#[derive(Debug, Serialize)]
pub(crate) struct CaseView {
    url: String,
    id: String,
    title: &'static str,
    kind: &'static str,
    reason: String,
    next_step: String,
    owner: Option<String>,
    order_url: Option<String>,
    opened: Fill,
    age: Say,
    last_seen: Fill,
    times: i64,
    /// What the customer is told.
    told: Option<Say>,
    ending: Option<EndingView>,
}

#[derive(Debug, Serialize)]
struct EndingView {
    at: Fill,
    by: String,
    resolution: String,
}

impl CaseView {
    pub(crate) fn new(case: Case, now: Timestamp) -> Self {
        Self {
            url: format!("/desk/cases/{}", case.id),
            id: case.id.to_string(),
            title: case.kind.title(),
            kind: case.kind.as_str(),
            reason: case.reason,
            next_step: case.next_step,
            owner: case.owner,
            order_url: case.order.map(|order| format!("/desk/orders/{order}")),
            opened: case.opened_at.into(),
            age: age(now, case.opened_at),
            last_seen: case.last_seen_at.into(),
            times: case.times.into(),
            told: notice(case.kind),
            ending: case.ending.map(|ending| EndingView {
                at: ending.at.into(),
                by: ending.by,
                resolution: ending.resolution,
            }),
        }
    }
}

#[derive(Debug, Serialize)]
struct CasesView {
    cases: Vec<CaseView>,
    closed: bool,
}

#[derive(Debug, Serialize)]
struct CasePage {
    case: CaseView,
    notice: Option<Notice>,
}

pub(crate) async fn list<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = listed(&state, &request).await;
    state.answer(&request, result)
}

async fn listed<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let closed = value(&query(request), "closed") == "yes";
    let filter = CaseFilter { closed, ..CaseFilter::default() };
    let found = queries::cases_list(state.world.record(), &filter, SHOWN).await?;
    let now = state.world.env().now();
    let view = CasesView { cases: found.into_iter().map(|case| CaseView::new(case, now)).collect(), closed };
    state.page("desk/cases", &Head::desk(say("desk-cases"), &visitor), &view, (StatusCode::OK, Keep::Never))
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let notice = match &*value(&query(&request), "done") {
        "taken" => Some(Notice::done(say("desk-case-taken"))),
        "released" => Some(Notice::done(say("desk-case-released"))),
        "delivery" => Some(Notice::done(say("desk-case-delivering"))),
        "events" => Some(Notice::done(say("desk-case-replaying"))),
        "refund" => Some(Notice::done(say("desk-case-refunding"))),
        "mail" => Some(Notice::done(say("desk-case-mailing"))),
        "operation" => Some(Notice::done(say("desk-case-operating"))),
        "closed" => Some(Notice::done(say("desk-case-closed"))),
        _ => None,
    };
    let result = page(&state, &request, &path, (StatusCode::OK, notice)).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let found = queries::case(state.world.record(), id(path)?).await?.ok_or(PageError::NotFound)?;
    let view = CasePage { case: CaseView::new(found, state.world.env().now()), notice };
    state.page("desk/case", &Head::desk(say("desk-case"), &visitor), &view, (status, Keep::Never))
}

fn id(path: &str) -> Result<Id<entity::Case>, PageError> {
    path.parse().map_err(|_| PageError::NotFound)
}

/// Who acts, under the address that stands in the case.
async fn staff<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<SignedIn, PageError> {
    let Visitor(who) = state.visitor(request).await?;
    who.ok_or(PageError::NotFound)
}

pub(crate) async fn take<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = assigned(&state, &request, &path, true).await;
    state.answer(&request, result)
}

pub(crate) async fn release<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = assigned(&state, &request, &path, false).await;
    state.answer(&request, result)
}

async fn assigned<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    take: bool,
) -> Result<HttpResponse, PageError> {
    let (who, id) = (staff(state, request).await?, id(path)?);
    let owner = take.then(|| who.user.email.as_str());
    let done = if take { "taken" } else { "released" };
    let assigned = flows::assign_case(state.world.db(), &mut state.world.env(), (id, owner), &who.actor()).await;
    match assigned {
        Ok(_) => Ok(see_other(&format!("/desk/cases/{id}?done={done}"))),
        Err(error) => refused(state, request, path, error).await,
    }
}

/// A case that was closed meanwhile, or an entry that is missing, is said on the page; everything else fails.
async fn refused<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    error: CaseError,
) -> Result<HttpResponse, PageError> {
    let (status, text) = match &error {
        CaseError::Closed(_) => (StatusCode::CONFLICT, say("desk-case-is-closed")),
        CaseError::NoResolution => (StatusCode::UNPROCESSABLE_ENTITY, say("desk-case-say-how")),
        CaseError::NotFound(_) => return Err(PageError::NotFound),
        CaseError::Store(_) => return Err(error.into()),
    };
    page(state, request, path, (status, Some(Notice::refused(text)))).await
}

pub(crate) async fn retry<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = retried(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn retried<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let (who, id) = (staff(state, request).await?, id(path)?);
    let begun = flows::retry_case(state.world.db(), &mut state.world.env(), id, &who.actor()).await;
    let done = match begun {
        Ok(Remedy::DeliveredAgain(_)) => "delivery",
        Ok(Remedy::EventsReplayed(_)) => "events",
        Ok(Remedy::RefundSentAgain(_)) => "refund",
        Ok(Remedy::MailSentAgain(_)) => "mail",
        Ok(Remedy::OperationTriedAgain(_)) => "operation",
        Err(RemedyError::ByHand(_)) => {
            let notice = Notice::refused(say("desk-case-by-hand"));
            return page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await;
        }
        Err(error) if error.kind() == FailureKind::Conflict => {
            let notice = Notice::refused(error.to_string());
            return page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await;
        }
        Err(RemedyError::NotOpen(_)) => {
            let notice = Notice::refused(say("desk-case-is-closed"));
            return page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await;
        }
        Err(error) => return Err(error.into()),
    };
    Ok(see_other(&format!("/desk/cases/{id}?done={done}")))
}

pub(crate) async fn close<W: Desk>(
    state: State<W>,
    request: HttpRequest,
    path: Path<String>,
    form: Entered,
) -> HttpResponse {
    let result = match form {
        Ok(form) => closed(&state, &request, &path, &form).await,
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

async fn closed<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let (who, id) = (staff(state, request).await?, id(path)?);
    let resolution = value(form, "resolution");
    let closing = (who.user.email.as_str(), &who.actor(), &*resolution);
    match flows::close_case(state.world.db(), &mut state.world.env(), id, closing).await {
        Ok(_) => Ok(see_other(&format!("/desk/cases/{id}?done=closed"))),
        Err(error) => refused(state, request, path, error).await,
    }
}
