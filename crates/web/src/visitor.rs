//! Who looks at a page: the session cookie, read, set and cleared.

use std::collections::BTreeMap;

use accounts::SessionError;
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use flows::{AccountError, SignedIn};
use kernel::{Id, entity};

use crate::{answer::PageError, site::Site, state::WebState};

/// The cookie's name; it holds the same token that API clients send.
pub const SESSION_COOKIE: &str = "hw_session";
/// As long as a token counts.
const COOKIE_SECONDS: i64 = infra::tokens::TOKEN_HOURS * 60 * 60;

/// Somebody, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Visitor(pub(crate) Option<SignedIn>);

impl Visitor {
    /// The buyer, when somebody is signed in with a password of their own.
    pub(crate) fn customer(&self) -> Option<Id<entity::Customer>> {
        self.0.as_ref().filter(|who| !who.user.must_change_password).map(|who| who.customer.id)
    }
}

/// Parameters of the query or of a form. The last one counts where one is given twice.
pub(crate) type Parameters = BTreeMap<String, String>;

/// The query's parameters; unreadable ones are none.
pub(crate) fn query(request: &HttpRequest) -> Parameters {
    web::Query::<Parameters>::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default()
}

/// The value of a parameter, without spaces around it; empty where there is none.
pub(crate) fn value(parameters: &Parameters, name: &str) -> String {
    parameters.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn token(request: &HttpRequest) -> Option<&str> {
    let lines = request.headers().get_all(header::COOKIE).filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == SESSION_COOKIE).map(|(_, token)| token)
}

impl<W: Site> WebState<W> {
    /// Who is there. A cookie that does not count is no cookie.
    pub(crate) async fn visitor(&self, request: &HttpRequest) -> Result<Visitor, PageError> {
        let now = self.world.env().now();
        let Some(session) = token(request).and_then(|token| self.tokens.read(token, now)) else {
            return Ok(Visitor(None));
        };
        match flows::signed_in(&*self.world, session).await {
            Ok(who) => Ok(Visitor(Some(who))),
            Err(AccountError::Session(SessionError::SignedOut)) => Ok(Visitor(None)),
            Err(error) => Err(error.into()),
        }
    }

    /// Who is signed in with a password of their own; everybody else is sent where they get one.
    pub(crate) async fn customer(&self, request: &HttpRequest) -> Result<SignedIn, PageError> {
        match self.visitor(request).await?.0 {
            Some(who) if who.user.must_change_password => Err(PageError::ChangePassword),
            Some(who) => Ok(who),
            None => Err(PageError::SignIn(request.uri().path().to_owned())),
        }
    }

    /// Signs the browser in and leads on.
    pub(crate) fn welcome(&self, who: &SignedIn, path: &str) -> Result<HttpResponse, PageError> {
        let now = self.world.env().now();
        let token = self.tokens.issue(who.session, who.user.id, now);
        let broken = || kernel::StoreError::bug("a session token could not be made");
        let cookie = self.cookie(&token.ok_or_else(broken)?, COOKIE_SECONDS);
        Ok(with_cookie(path, &cookie))
    }

    /// Signs the browser out and leads on.
    pub(crate) fn farewell(&self, path: &str) -> HttpResponse {
        with_cookie(path, &self.cookie("", 0))
    }

    fn cookie(&self, token: &str, seconds: i64) -> String {
        let secure = if self.secure_cookies { "; Secure" } else { "" };
        format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

fn with_cookie(path: &str, cookie: &str) -> HttpResponse {
    let mut answer = crate::answer::see_other(path);
    if let Ok(value) = header::HeaderValue::from_str(cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, value);
    }
    answer
}

/// A path of this shop to go on to; anything that a browser could read as another site is refused.
pub(crate) fn safe_next(text: &str) -> Option<&str> {
    let local = text.starts_with('/') && !text.starts_with("//") && text.len() <= 200;
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (local && plain).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_shop_are_gone_on_to() {
        assert_eq!(safe_next("/orders/ord_1?x=1"), Some("/orders/ord_1?x=1"));
        for bad in ["", "orders", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/a b"] {
            assert_eq!(safe_next(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let request = actix_web::test::TestRequest::default()
            .insert_header((header::COOKIE, "a=b; hw_session=to.ke.n; x_hw_session=no"))
            .to_http_request();
        assert_eq!(token(&request), Some("to.ke.n"));
        let none = actix_web::test::TestRequest::default().insert_header((header::COOKIE, "other=1")).to_http_request();
        assert_eq!(token(&none), None);
    }
}
