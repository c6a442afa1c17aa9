//! E-mail addresses that were checked once and are compared without regard to case.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A syntactically valid address in lower case, at most 254 characters, with a dotted or bracketless domain.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// A text that is no address we could write to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid e-mail address; expected something like name@example.com")]
pub struct InvalidEmail;

impl EmailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough to recognise it in a log, not enough to write to it: `j…@example.com`.
    pub fn redacted(&self) -> String {
        match self.0.split_once('@') {
            Some((local, domain)) => format!("{}…@{domain}", local.chars().take(1).collect::<String>()),
            None => "…".to_owned(),
        }
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let trimmed = text.trim();
        let options =
            email_address::Options::default().with_required_tld().without_domain_literal().without_display_text();
        let plain = trimmed.len() <= 254 && !trimmed.contains(['"', '(', ')', ' ', '\\']);
        match email_address::EmailAddress::parse_with_options(trimmed, options) {
            Ok(_) if plain => Ok(Self(trimmed.to_lowercase())),
            Ok(_) | Err(_) => Err(InvalidEmail),
        }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        text.parse()
    }
}
impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for EmailAddress {
    /// Redacted: debug output ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lowered_and_bad_ones_refused() {
        assert_eq!("Jan@Example.COM".parse::<EmailAddress>().map(String::from), Ok("jan@example.com".to_owned()));
        for bad in ["", "plain", "a@", "@b.cz", "a@b", "a b@c.de", "Jan <jan@example.com>", "a@b.cz\r\nBcc: x@y.z"] {
            assert_eq!(bad.parse::<EmailAddress>(), Err(InvalidEmail), "{bad:?}");
        }
    }

    #[test]
    fn debug_output_does_not_give_the_address_away() {
        let address: EmailAddress = "secret.name@example.com".parse().unwrap_or_else(|_| unreachable!());
        assert_eq!(format!("{address:?}"), "s…@example.com");
    }
}
