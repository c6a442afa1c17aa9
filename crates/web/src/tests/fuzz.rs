//! The headers that say who calls and from where, fuzzed (docs/CONTRIBUTING.md).

use std::{collections::BTreeSet, net::IpAddr};

use accounts::{SessionClaim, TokenHash};
use actix_web::{
    HttpRequest,
    http::header::{self, HeaderValue},
    test::TestRequest,
    web::Data,
};
use proptest::{prop_assert, prop_assert_eq};
use secrecy::SecretString;
use testkit::fuzz::fuzz;

use crate::{SessionCookie, TrustedProxies, origin};

const TOKEN: &str = "3f2a9c4d5e6b7a8899aabbccddeeff00112233445566778899aabbccddeeff00";

#[allow(clippy::unnecessary_wraps, reason = "it is held against what the cookie claims")]
fn carried(token: &str) -> Option<SessionClaim> {
    Some(SessionClaim::Carried(TokenHash::of(&SecretString::from(token))))
}

#[test]
fn whatever_cookie_claims_is_written_in_it() {
    let cookies = [SessionCookie::of_site("http://10.0.0.5"), SessionCookie::of_site("https://shop.example")];
    fuzz("session_cookie", Vec::new(), |input| {
        let Ok(value) = HeaderValue::from_bytes(input) else { return Ok(()) };
        let request = TestRequest::default().insert_header((header::COOKIE, value)).to_http_request();
        for cookie in cookies {
            let Some(claim) = cookie.claim(&request) else { continue };
            let text = std::str::from_utf8(input).unwrap_or_default();
            let values = text.split(';').filter_map(|pair| pair.trim().strip_prefix(cookie.name())?.strip_prefix('='));
            // A browser sends the more specific one first (RFC 6265, 5.4), so the first one counts.
            let first = values.clone().next();
            prop_assert!(first.is_some(), "a claim out of nothing");
            let claim = Some(claim);
            prop_assert_eq!(&claim, &carried(first.unwrap_or_default()));
            prop_assert!(claim != carried(TOKEN) || text.contains(TOKEN), "somebody else's token");
        }
        Ok(())
    });
}

fn from(peer: &str, forwarded: Vec<HeaderValue>) -> Option<IpAddr> {
    let proxies = TrustedProxies::parse(&["10.0.0.0/8".to_owned()]).unwrap();
    let socket = format!("{peer}:4711").parse().unwrap();
    let request = TestRequest::default().peer_addr(socket).app_data(Data::new(proxies));
    let add = |request: TestRequest, line| request.append_header(("x-forwarded-for", line));
    let request: HttpRequest = forwarded.into_iter().fold(request, add).to_http_request();
    origin(&request).ip
}

#[test]
fn whatever_is_forwarded_a_stranger_stays_where_they_are() {
    let (proxy, stranger) = ("10.0.0.1", "203.0.113.9");
    fuzz("forwarded_for", Vec::new(), |input| {
        let Ok(value) = HeaderValue::from_bytes(input) else { return Ok(()) };
        let alone = from(stranger, vec![value.clone()]);
        prop_assert_eq!(alone, stranger.parse().ok(), "no proxy stands between");
        // What the proxy saw stands at the end, in the same line or in one of its own.
        let lines = vec![value.clone(), HeaderValue::from_static("203.0.113.9")];
        prop_assert_eq!(from(proxy, lines), stranger.parse().ok(), "a forged entry counts");
        if !input.is_empty() && value.to_str().is_ok() {
            let line = HeaderValue::from_bytes(&[input, b", 203.0.113.9"].concat()).unwrap();
            prop_assert_eq!(from(proxy, vec![line]), stranger.parse().ok(), "a forged entry counts");
        }
        let text = std::str::from_utf8(input).unwrap_or_default();
        let entries = text.split(',').map(str::trim);
        let ip = |entry: &str| entry.parse::<IpAddr>().ok();
        let port = |entry: &str| entry.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
        let named = entries.filter_map(|entry| ip(entry).or_else(|| port(entry))).map(|ip| ip.to_canonical());
        let known: BTreeSet<IpAddr> = named.chain(ip(proxy)).collect();
        let client = from(proxy, vec![value]);
        prop_assert!(client.is_some_and(|client| known.contains(&client)), "{client:?} is not in {text:?}");
        Ok(())
    });
}
