//! `GET /api/staff/audit`: the newest entries of the audit trail.

use actix_web::web::{Data, Json, Query};
use flows::Shop;
use infra::queries::{self, AuditFilter, AuditLine};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::order::rfc3339;
use crate::{problem::Problem, state::ApiState};

/// Entries that are listed.
const MOST: i64 = 200;
/// No name in the trail is longer.
const LONGEST: usize = 255;

/// Whose, or about what.
#[derive(Debug, Deserialize)]
pub(crate) struct About {
    actor: Option<String>,
    subject: Option<String>,
}

/// An act on record.
#[derive(Debug, Serialize, ToSchema)]
struct TrailEntry {
    at: String,
    actor: String,
    #[schema(example = "role-changed")]
    act: &'static str,
    #[schema(example = "user usr_0198c0ffee0070008000000000000001")]
    subject: String,
    ip: Option<String>,
    before: String,
    after: String,
    /// Its place in the chain, some seconds after it happened.
    position: Option<i64>,
}

impl From<AuditLine> for TrailEntry {
    fn from(AuditLine { entry, position }: AuditLine) -> Self {
        Self {
            at: rfc3339(entry.at),
            actor: entry.actor.to_string(),
            act: entry.act.as_str(),
            subject: entry.subject.to_string(),
            ip: entry.origin.ip.map(|ip| ip.to_string()),
            before: entry.before.to_string(),
            after: entry.after.to_string(),
            position,
        }
    }
}

/// Acts on record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Trail {
    entries: Vec<TrailEntry>,
}

/// Lists the newest 200 acts.
#[utoipa::path(
    get, path = "/api/staff/audit", tag = "staff",
    params(
        ("actor" = Option<String>, Query, description = "Of this id or name only"),
        ("subject" = Option<String>, Query, description = "About this id or name only"),
    ),
    responses((status = 200, body = Trail), (status = 400, description = "A filter that can be no name")),
)]
pub(crate) async fn list(state: Data<ApiState>, about: Query<About>) -> Result<Json<Trail>, Problem> {
    let About { actor, subject } = about.into_inner();
    let odd = |text: &String| text.len() > LONGEST || text.contains('\0');
    if actor.as_ref().is_some_and(odd) || subject.as_ref().is_some_and(odd) {
        let text = format!("actor, subject: expected an id or a name of at most {LONGEST} bytes, without NUL.");
        return Err(Problem::invalid("invalid-request", text));
    }
    let filter = AuditFilter { actor, subject, ..AuditFilter::default() };
    let lines = queries::audit_list(state.world.db(), &filter, MOST).await?;
    Ok(Json(Trail { entries: lines.into_iter().map(TrailEntry::from).collect() }))
}
