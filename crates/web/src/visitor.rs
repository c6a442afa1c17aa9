//! Who looks at a page.

use std::collections::BTreeMap;

use accounts::{Permission, SessionError};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, http::header, web};
use flows::{AccountError, NewSession, SignedIn};
use kernel::{Id, entity};
use secrecy::SecretString;

use crate::{answer::PageError, site::Site, state::WebState};

/// Somebody, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Visitor(pub(crate) Option<SignedIn>);

impl Visitor {
    /// Whether an order with this owner is somebody else's, whom the visitor has no right to look at. Who is not signed in
    /// and has the order's address may see what it shows to anybody.
    pub(crate) fn is_stranger_to(&self, owner: Option<Id<entity::Customer>>) -> bool {
        let Some(who) = &self.0 else { return false };
        owner.is_some_and(|owner| owner != who.customer.id) && !who.user.role.may(Permission::SeeOrders)
    }

    /// Whether they work for the shop, and not in a customer's place at this moment.
    pub(crate) fn is_staff(&self) -> bool {
        self.0.as_ref().is_some_and(|who| who.means.acted_by().is_none() && who.user.role.may(Permission::SeeOrders))
    }

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

impl<W: Site> WebState<W> {
    /// Who is there, as it was found out before the page was begun.
    pub(crate) async fn visitor(&self, request: &HttpRequest) -> Result<Visitor, PageError> {
        let known = request.extensions().get::<Visitor>().cloned();
        match known {
            Some(visitor) => Ok(visitor),
            None => self.look_up(request).await,
        }
    }

    /// Who is there now. A cookie that does not count is no cookie.
    pub(crate) async fn look_up(&self, request: &HttpRequest) -> Result<Visitor, PageError> {
        let Some(claim) = self.cookie.claim(request) else { return Ok(Visitor(None)) };
        match flows::signed_in(&*self.world, claim).await {
            Ok(who) => Ok(Visitor(Some(who))),
            // Half a sign-in is none; its own step asks for it.
            Err(AccountError::Session(SessionError::SignedOut | SessionError::SecondFactorDue)) => Ok(Visitor(None)),
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
    pub(crate) fn welcome(&self, session: &NewSession, path: &str) -> HttpResponse {
        with_header(path, self.cookie.set(session))
    }

    /// Lets the browser go on to the second factor.
    pub(crate) fn half_welcome(&self, token: &SecretString, path: &str) -> HttpResponse {
        with_header(path, self.cookie.set_half(token))
    }

    /// Signs the browser out and leads on. What it kept of pages and stored goes, too (ASVS 5.0, 14.3.1); «cookies» would clear
    /// those of every host under the shop's domain.
    pub(crate) fn farewell(&self, path: &str) -> HttpResponse {
        let mut answer = with_header(path, self.cookie.clear());
        let kept = header::HeaderValue::from_static(r#""cache", "storage""#);
        answer.headers_mut().insert(CLEAR_SITE_DATA, kept);
        answer
    }
}

const CLEAR_SITE_DATA: header::HeaderName = header::HeaderName::from_static("clear-site-data");

fn with_header(path: &str, (name, value): (header::HeaderName, header::HeaderValue)) -> HttpResponse {
    let mut answer = crate::answer::see_other(path);
    answer.headers_mut().insert(name, value);
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
}
