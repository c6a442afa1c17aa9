//! The cookie that keeps a browser signed in. It holds the same token that API clients carry.

use actix_web::{HttpRequest, http::header};

/// Its name; the pages use the same.
pub(crate) const NAME: &str = "hw_session";

/// The token in a request's cookie.
pub(crate) fn read(request: &HttpRequest) -> Option<&str> {
    let headers = request.headers().get_all(header::COOKIE);
    let pairs = headers.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == NAME);
    values.next().map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// The header that sets it for as long as the token counts.
pub(crate) fn set(token: &str, max_age_s: i64, secure: bool) -> (header::HeaderName, String) {
    let secure = if secure { "; Secure" } else { "" };
    (header::SET_COOKIE, format!("{NAME}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"))
}

/// The header that removes it.
pub(crate) fn clear(secure: bool) -> (header::HeaderName, String) {
    set("", 0, secure)
}
