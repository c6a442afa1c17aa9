//! What a product promises of its websites, and under which names they may come.

use provisioning::{DomainName, SettingsProblem};
use serde_json::Value;

use panels::settings::Reader;

/// Versions of PHP that a product may promise.
const PHP_VERSIONS: [&str; 4] = ["8.1", "8.2", "8.3", "8.4"];
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
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
}
