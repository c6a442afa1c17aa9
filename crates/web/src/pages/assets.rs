//! `GET /assets/{name}`: the embedded files.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, AcceptEncoding, ContentEncoding, Encoding, Header as _},
    web::Path,
};

use super::State;
use crate::{answer::PageError, site::Site};

pub(crate) async fn send<W: Site>(state: State<W>, request: HttpRequest, name: Path<String>) -> HttpResponse {
    let Some(asset) = state.assets.find(&name) else { return state.answer(&request, Err(PageError::NotFound)) };
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // A brand's SVG that is opened by its address is a document: of no origin, and without scripts.
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"));
    match asset.gzipped.clone().filter(|_| takes_gzip(&request)) {
        Some(gzipped) => answer.insert_header(ContentEncoding::Gzip).body(gzipped),
        None => answer.body(asset.content.clone()),
    }
}

/// Whether the browser says that it reads gzip (RFC 9110, 12.5.3), and does not rather have the file as it is.
fn takes_gzip(request: &HttpRequest) -> bool {
    let supported = [Encoding::identity(), Encoding::gzip()];
    let wanted =
        AcceptEncoding::parse(request).ok().filter(|_| request.headers().contains_key(header::ACCEPT_ENCODING));
    wanted.and_then(|wanted| wanted.negotiate(supported.iter())).is_some_and(|chosen| chosen == Encoding::gzip())
}
