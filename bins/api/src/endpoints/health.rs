//! `GET /api/health`: whether this instance can do its work, for load balancers and people.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use flows::Shop;
use infra::queries;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::chain, state::ApiState};

/// How this instance does.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct Health {
    /// ok or unavailable.
    status: &'static str,
    /// ok or unavailable.
    database: &'static str,
    webhooks: WebhookHealth,
    /// Absent while the database is away.
    jobs: Option<JobHealth>,
}

/// Webhooks since this process started.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct WebhookHealth {
    received: u64,
    duplicates: u64,
    /// Not signed as they should be: a wrong secret, a wrong clock, or a forger.
    rejected_signature: u64,
}

/// What waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct JobHealth {
    /// Jobs that wait or run.
    live: i64,
    /// How long the oldest job that may run has waited, in milliseconds; 0 when none waits.
    oldest_ready_ms: i64,
    /// Jobs that ran out of tries.
    dead: i64,
    /// Workers that were heard of within ten seconds.
    workers: i64,
}

/// Whether this instance can do its work. 503 when it cannot.
#[utoipa::path(
    get, path = "/api/health", tag = "operations",
    responses((status = 200, body = Health), (status = 503, body = Health, description = "The database is away")),
)]
pub(crate) async fn show(state: Data<ApiState>) -> HttpResponse {
    let [received, duplicates, rejected_signature] = state.webhooks.read();
    let jobs = match queries::health(state.world.db()).await {
        Ok(queries::Health { live, oldest_ready_ms, dead, workers }) => {
            Some(JobHealth { live, oldest_ready_ms, dead, workers })
        }
        Err(error) => {
            tracing::warn!(error = chain(&error), "the database does not answer");
            None
        }
    };
    let (code, word) =
        if jobs.is_some() { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "unavailable") };
    HttpResponse::build(code).json(Health {
        status: word,
        database: word,
        webhooks: WebhookHealth { received, duplicates, rejected_signature },
        jobs,
    })
}
