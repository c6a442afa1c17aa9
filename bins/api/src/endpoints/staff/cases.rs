//! `GET /api/staff/cases` and `POST /api/staff/cases/{caseId}/retry`.

use actix_web::web::{Data, Json, Path};
use cases::Case;
use flows::{Remedy, Shop};
use infra::queries::{self, CaseFilter};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::order::rfc3339;
use crate::{auth::Caller, detached::detached, problem::Problem, state::ApiState};

/// Cases that are listed, the oldest first.
const MOST: i64 = 500;

/// Something that needs a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct CaseBody {
    #[schema(example = "case_0198c0ffee0070008000000000000001")]
    id: String,
    #[schema(example = "no-capacity")]
    kind: &'static str,
    title: &'static str,
    /// What is wrong.
    reason: String,
    /// What to do.
    next_step: String,
    owner: Option<String>,
    order_id: Option<String>,
    opened_at: String,
}

impl From<Case> for CaseBody {
    fn from(case: Case) -> Self {
        Self {
            id: case.id.to_string(),
            kind: case.kind.as_str(),
            title: case.kind.title(),
            reason: case.reason,
            next_step: case.next_step,
            owner: case.owner,
            order_id: case.order.map(|order| order.to_string()),
            opened_at: rfc3339(case.opened_at),
        }
    }
}

/// Open cases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseList {
    cases: Vec<CaseBody>,
}

/// Lists what needs a person, the oldest first.
#[utoipa::path(get, path = "/api/staff/cases", tag = "staff", responses((status = 200, body = CaseList)))]
pub(crate) async fn list(state: Data<ApiState>) -> Result<Json<CaseList>, Problem> {
    let open = queries::cases_list(state.world.db(), &CaseFilter::default(), MOST).await?;
    Ok(Json(CaseList { cases: open.into_iter().map(CaseBody::from).collect() }))
}

/// What was begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Begun {
    /// Always true.
    success: bool,
    /// In a sentence.
    begun: String,
}

/// Does a case's next step, where that can be done from here. The case closes by itself when its cause is gone.
#[utoipa::path(
    post, path = "/api/staff/cases/{caseId}/retry", tag = "staff",
    params(("caseId" = String, Path, description = "From the list")),
    responses(
        (status = 200, body = Begun),
        (status = 404, description = "There is no such case, or it is closed"),
        (status = 409, description = "It has to be done by hand; `detail` says what"),
    ),
)]
pub(crate) async fn retry(state: Data<ApiState>, who: Caller, id: Path<String>) -> Result<Json<Begun>, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("There is no such case."))?;
    let (world, actor) = (state.world.clone(), who.actor());
    let work = async move { flows::retry_case(world.db(), &mut world.env(), id, &actor).await };
    let begun = match detached(work).await?? {
        Remedy::DeliveredAgain(order) => format!("{order} is being delivered again"),
        Remedy::EventsReplayed(events) => format!("being processed again: {}", events.join(", ")),
        Remedy::RefundSentAgain(refund) => format!("{refund} is being sent back once more"),
        Remedy::MailSentAgain(mail) => format!("{mail} is being sent again"),
        Remedy::OperationTriedAgain(service) => format!("what is to be done with {service} is tried again"),
    };
    Ok(Json(Begun { success: true, begun }))
}
