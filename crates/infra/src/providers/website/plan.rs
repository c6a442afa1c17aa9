//! What a product promises of its websites, and under which names they may come.

use kernel::{Id, entity};
use provisioning::{DomainChoice, DomainName, ProviderError, SettingsProblem};
use serde_json::Value;

use panels::settings::Reader;

use super::refused;

/// Versions of PHP that a product may promise.
const PHP_VERSIONS: [&str; 4] = ["8.1", "8.2", "8.3", "8.4"];
/// Names that people would take for the shop's own; nobody gets them for the asking.
const RESERVED: [&str; 18] = [
    "www",
    "mail",
    "smtp",
    "imap",
    "pop",
    "ftp",
    "api",
    "app",
    "admin",
    "panel",
    "billing",
    "support",
    "status",
    "ns1",
    "ns2",
    "autoconfig",
    "autodiscover",
    "webmail",
];

/// A product's settings: `{ php_version = "8.3", disk_mb = 10240 }`, and `subdomain_base` and `wordpress` where they
/// differ from the usual.
pub(super) struct Plan {
    pub(super) php_version: String,
    pub(super) subdomain_base: Option<DomainName>,
}

impl Plan {
    pub(super) fn read(settings: &Value) -> Result<Self, Vec<SettingsProblem>> {
        let mut reader = Reader::new(settings);
        let _ = reader.required("php_version");
        let is_version = |text: &str| PHP_VERSIONS.contains(&text);
        let expected = format!("expected a text, one of {}", PHP_VERSIONS.join(", "));
        let php_version = reader.text("php_version", is_version, &expected).unwrap_or_default();
        let is_domain = |text: &str| text.parse::<DomainName>().is_ok();
        let base = reader.text("subdomain_base", is_domain, "expected a domain such as sites.example.com");
        reader.number("disk_mb", 1..=i64::from(i32::MAX), Some(1));
        reader.flag("wordpress");
        reader.finish(Self { php_version, subdomain_base: base.and_then(|text| text.parse().ok()) })
    }
}

/// The names to try, best first. Every fallback is made of the service's id, so that trying again tries the same.
pub(in crate::providers) fn domains(
    choice: Option<&DomainChoice>,
    base: &DomainName,
    service: Id<entity::Service>,
) -> Result<Vec<String>, ProviderError> {
    let id = service.uuid().simple().to_string();
    // The end of the id is its random part.
    let tail = |count: usize| id.chars().skip(id.len().saturating_sub(count)).collect::<String>();
    let site = format!("site-{}.{base}", tail(8));
    let long = format!("site-{id}.{base}");
    Ok(match choice {
        Some(DomainChoice::Own(domain)) => {
            let beneath = domain.as_str().ends_with(&format!(".{base}"));
            if beneath || domain == base {
                return Err(refused(format!("{domain} is one of our own names and not a domain of the customer's")));
            }
            vec![domain.to_string()]
        }
        Some(DomainChoice::Subdomain(label)) if RESERVED.contains(&label.as_str()) => {
            vec![format!("{label}-{}.{base}", tail(6)), site, long]
        }
        Some(DomainChoice::Subdomain(label)) => {
            vec![format!("{label}.{base}"), format!("{label}-{}.{base}", tail(6)), site, long]
        }
        None => vec![site, long],
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;
    use serde_json::json;

    fn places(settings: &Value) -> Vec<String> {
        let Err(problems) = Plan::read(settings) else { return Vec::new() };
        problems.into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn settings_are_checked_each_with_its_place() {
        assert!(places(&json!({ "php_version": "8.3", "disk_mb": 10240, "wordpress": true })).is_empty());
        assert!(places(&json!({ "php_version": "8.1", "subdomain_base": "sites.example.com" })).is_empty());
        assert_eq!(places(&json!({})), ["php_version"]);
        assert_eq!(places(&json!({ "php_version": 8.3 })), ["php_version"]);
        assert_eq!(places(&json!({ "php_version": "5.6", "disk_mb": 0 })), ["php_version", "disk_mb"]);
        assert_eq!(
            places(&json!({ "php_version": "8.3", "subdomain_base": "x", "php": 1 })),
            ["subdomain_base", "php"]
        );
    }

    fn tried(choice: Option<&DomainChoice>) -> Vec<String> {
        let service = "svc_0198c0ffee007000800000000abcdef1".parse().unwrap();
        domains(choice, &"sites.example.com".parse().unwrap(), service).unwrap()
    }

    #[test]
    fn a_wish_comes_first_and_fallbacks_are_made_of_the_services_id() {
        let wish = DomainChoice::subdomain("my-site").unwrap();
        let expected = [
            "my-site.sites.example.com",
            "my-site-bcdef1.sites.example.com",
            "site-0abcdef1.sites.example.com",
            "site-0198c0ffee007000800000000abcdef1.sites.example.com",
        ];
        assert_eq!(tried(Some(&wish)), expected);
        assert_eq!(tried(None), expected[2..]);
    }

    #[test]
    fn names_of_the_shops_own_are_not_given_away() {
        let wish = DomainChoice::subdomain("www").unwrap();
        assert_eq!(tried(Some(&wish))[0], "www-bcdef1.sites.example.com");
        let service = "svc_0198c0ffee007000800000000abcdef1".parse().unwrap();
        let base: DomainName = "sites.example.com".parse().unwrap();
        for own in ["sites.example.com", "victim.sites.example.com"] {
            let choice = DomainChoice::Own(own.parse().unwrap());
            assert!(matches!(domains(Some(&choice), &base, service), Err(ProviderError::Refused { .. })), "{own}");
        }
        let choice = DomainChoice::Own("example.org".parse().unwrap());
        assert_eq!(tried(Some(&choice)), ["example.org"]);
    }
}
