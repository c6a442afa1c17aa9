//! Headers that tell browsers what an answer may do. Pages bring their own content policy; everything else may do nothing.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};

use crate::state::ApiState;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What a page of the shop never asks for. Passkeys are the shop's own.
const NO_DEVICES: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-create=(self), \
     publickey-credentials-get=(self), usb=()";

/// Two years of https alone (RFC 6797), where the shop is reached by it. Hosts below it are the operator's choice: customers'
/// sites may be among them.
pub(crate) fn strict_transport(site: &str, subdomains: bool) -> Option<&'static str> {
    match (site.starts_with("https://"), subdomains) {
        (false, _) => None,
        (true, false) => Some("max-age=63072000"),
        (true, true) => Some("max-age=63072000; includeSubDomains"),
    }
}

/// Adds what an answer does not say itself.
pub(crate) async fn protect(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let json = request.path().starts_with("/api/");
    let strict_transport = request.app_data::<Data<ApiState>>().and_then(|state| state.strict_transport);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    add(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(headers, header::REFERRER_POLICY, "same-origin");
    add(headers, header::X_FRAME_OPTIONS, "DENY");
    add(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    add(headers, PERMISSIONS_POLICY, NO_DEVICES);
    // Neither another site's window nor its page gets hold of what is answered here. What CORS allows is not touched by it.
    add(headers, OPENER_POLICY, "same-origin");
    add(headers, RESOURCE_POLICY, "same-origin");
    if let Some(strict_transport) = strict_transport {
        add(headers, header::STRICT_TRANSPORT_SECURITY, strict_transport);
    }
    if json {
        // Answers hold orders and tokens; no proxy or browser has to keep them.
        add(headers, header::CACHE_CONTROL, "no-store");
    }
    Ok(response)
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
