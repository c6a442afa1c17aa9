//! `GET /api/openapi.json`.

use actix_web::HttpResponse;

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1")),
)]
pub(crate) async fn show() -> HttpResponse {
    HttpResponse::Ok().json(super::document())
}
