//! `GET /assets/{name}`: the embedded files.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Path};

use super::State;
use crate::{answer::PageError, site::Site};

pub(crate) async fn send<W: Site>(state: State<W>, request: HttpRequest, name: Path<String>) -> HttpResponse {
    match state.assets.find(&name) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, asset.content_type))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            // A brand's SVG that is opened by its address is a document: of no origin, and without scripts.
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"))
            .body(asset.content.clone()),
        None => state.answer(&request, Err(PageError::NotFound)),
    }
}
