//! What the buyer chose about the delivery: region, server name, domain.

use std::{fmt, str::FromStr};

use kernel::Slug;
use serde::{Deserialize, Serialize};

/// A host name in lower case: labels of letters, digits and inner hyphens, at least two of them (RFC 1123).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(String);

/// A text that is no domain or no label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a domain such as example.com, or for a free subdomain one name of letters, digits and hyphens")]
pub struct InvalidDomain;

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl DomainName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DomainName {
    type Err = InvalidDomain;

    fn from_str(text: &str) -> Result<Self, InvalidDomain> {
        let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let labels: Vec<&str> = name.split('.').collect();
        let top_is_alphabetic = labels.last().is_some_and(|top| top.bytes().any(|b| b.is_ascii_alphabetic()));
        if labels.len() >= 2 && name.len() <= 253 && labels.iter().all(|label| is_label(label)) && top_is_alphabetic {
            Ok(Self(name))
        } else {
            Err(InvalidDomain)
        }
    }
}

impl TryFrom<String> for DomainName {
    type Error = InvalidDomain;
    fn try_from(text: String) -> Result<Self, InvalidDomain> {
        text.parse()
    }
}
impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.0
    }
}
impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Under which name a website is reached.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "mode", content = "value", rename_all = "kebab-case")]
pub enum DomainChoice {
    /// A free name under the shop's own domain; the label that the customer would like.
    Subdomain(String),
    /// A domain that the customer has.
    Own(DomainName),
}

impl DomainChoice {
    /// A free subdomain; any text is bent into a label, since it is only a wish.
    pub fn subdomain(wish: &str) -> Result<Self, InvalidDomain> {
        let first = wish.trim().split('.').next().unwrap_or_default().to_ascii_lowercase();
        if is_label(&first) && first.len() <= 40 { Ok(Self::Subdomain(first)) } else { Err(InvalidDomain) }
    }
}

/// What a game server is called: 1–60 characters, none of them a control character.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerName(String);

impl ServerName {
    /// Checks a name; `None` when it is empty, too long or has control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim();
        let fits = (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        fits.then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The buyer's choices. All optional: the provider has defaults.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DeliveryRequest {
    /// Where it should run; one of the product's regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Slug>,
    /// What a game server is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<ServerName>,
    /// Under which name a website is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainChoice>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_checked_and_lowered() {
        assert_eq!("Example.COM.".parse::<DomainName>().map(String::from), Ok("example.com".to_owned()));
        for bad in ["", "localhost", "-a.com", "a..com", "a b.com", "10.0.0.1", "http://a.com", "a.com/x"] {
            assert!(bad.parse::<DomainName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_subdomain_is_one_label() {
        assert_eq!(DomainChoice::subdomain("MySite"), Ok(DomainChoice::Subdomain("mysite".to_owned())));
        assert!(DomainChoice::subdomain("../etc").is_err());
        assert!(DomainChoice::subdomain("").is_err());
    }
}
