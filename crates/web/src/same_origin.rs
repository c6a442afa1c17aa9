//! Forms count only when they were sent from a page of this shop. The session cookie's `SameSite=Lax` says so already;
//! this holds where a browser does not, and for forms that need no cookie.

use actix_web::HttpRequest;

/// Whether a request comes from a page of this shop, whose address is `site`.
pub(crate) fn is_own(request: &HttpRequest, site: &str) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let host = text("host").unwrap_or_default();
    let own = [site.to_owned(), format!("http://{host}"), format!("https://{host}")];
    allowed(text("sec-fetch-site"), text("origin"), &own)
}

/// The rule. `Sec-Fetch-Site` cannot be forged by a page and is right behind proxies too, so it comes first; browsers
/// without it send `Origin` with every form; what sends neither is no browser and carries nobody's cookie.
fn allowed(fetch_site: Option<&str>, origin: Option<&str>, own: &[String]) -> bool {
    match (fetch_site, origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => own.iter().any(|own| own == origin),
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        let own = ["https://shop.example".to_owned(), "http://10.0.0.5:3001".to_owned()];
        let rule = |fetch_site, origin| allowed(fetch_site, origin, &own);
        assert!(rule(Some("same-origin"), Some("null")));
        assert!(rule(None, Some("https://shop.example")));
        assert!(rule(None, Some("http://10.0.0.5:3001")));
        assert!(rule(None, None));
        assert!(!rule(Some("cross-site"), Some("https://shop.example")));
        assert!(!rule(Some("same-site"), None));
        assert!(!rule(None, Some("https://evil.example")));
        assert!(!rule(None, Some("null")));
        assert!(!rule(None, Some("https://shop.example.evil.example")));
    }
}
