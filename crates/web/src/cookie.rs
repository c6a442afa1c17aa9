//! The cookie that keeps a browser signed in. It holds the session's own secret, which is nowhere else, and is the same for
//! the pages and the API.

use accounts::{FACTOR_DUE, SessionClaim, SessionLife, TokenHash};
use actix_web::{
    HttpRequest,
    http::header::{self, HeaderName, HeaderValue},
};
use flows::NewSession;
use secrecy::{ExposeSecret, SecretString};

/// For a shop that is reached over https: with this prefix browsers take the cookie from nobody but this very host, over
/// https, for all its paths (RFC 6265bis, 4.1.3.2).
const HOST_ONLY: &str = "__Host-hw_session";
/// For http, where browsers refuse that prefix.
const PLAIN: &str = "hw_session";

/// How this shop names its cookie.
#[derive(Debug, Clone, Copy)]
pub struct SessionCookie {
    secure: bool,
}

impl SessionCookie {
    /// For a shop at this address.
    pub fn of_site(site: &str) -> Self {
        Self { secure: site.starts_with("https://") }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        if self.secure { HOST_ONLY } else { PLAIN }
    }

    /// What a request claims by it.
    pub fn claim(self, request: &HttpRequest) -> Option<SessionClaim> {
        let token = value_of(request, self.name()).filter(|value| !value.is_empty())?;
        Some(SessionClaim::Carried(TokenHash::of(&SecretString::from(token))))
    }

    /// The header that signs a browser in, for as long as the session may last.
    pub fn set(self, session: &NewSession) -> (HeaderName, HeaderValue) {
        self.header(session.token.expose_secret(), SessionLife::of(session.who.user.role).whole.num_seconds())
    }

    /// The header that lets a browser go on to the second factor.
    pub fn set_half(self, token: &SecretString) -> (HeaderName, HeaderValue) {
        self.header(token.expose_secret(), FACTOR_DUE.num_seconds())
    }

    /// The header that signs it out.
    pub fn clear(self) -> (HeaderName, HeaderValue) {
        self.header("", 0)
    }

    fn header(self, token: &str, seconds: i64) -> (HeaderName, HeaderValue) {
        let (name, secure) = (self.name(), if self.secure { "; Secure" } else { "" });
        let text = format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        // The token is hexadecimal, so this always is a header.
        let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        (header::SET_COOKIE, value)
    }
}

/// What a request says that a cookie holds.
pub(crate) fn value_of<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let headers = request.headers().get_all(header::COOKIE);
    let pairs = headers.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(found, _)| *found == name);
    values.next().map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_by_its_own_name_only() {
        let with = |cookies: &'static str| {
            actix_web::test::TestRequest::default().insert_header((header::COOKIE, cookies)).to_http_request()
        };
        let (http, https) = (SessionCookie::of_site("http://10.0.0.5"), SessionCookie::of_site("https://shop.example"));
        let claim = Some(SessionClaim::Carried(TokenHash::of(&SecretString::from("abc"))));
        assert_eq!(http.claim(&with("a=b; hw_session=abc; x_hw_session=no")), claim);
        assert_eq!(https.claim(&with("hw_session=no; __Host-hw_session=abc")), claim);
        for none in ["other=1", "hw_session=", "hw_session", "__Host-hw_session="] {
            assert_eq!(http.claim(&with(none)), None, "{none}");
        }
        assert_eq!(https.claim(&with("hw_session=abc")), None, "a cookie that http set does not count on https");
    }
}
