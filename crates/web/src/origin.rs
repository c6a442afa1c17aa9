//! Where a request came from, for the audit trail.

use actix_web::{HttpRequest, http::header};
use audit::Origin;

/// The peer of the connection, and what it calls itself. Behind a proxy that is the proxy.
pub fn origin(request: &HttpRequest) -> Origin {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin::new(request.peer_addr().map(|peer| peer.ip()), agent)
}
