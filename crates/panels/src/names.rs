//! Names that are made of a service alone, so that trying again tries the same.

use kernel::{Id, entity};
use provisioning::{DomainChoice, DomainName, ProviderError};
use sha2::{Digest, Sha256};

use crate::answer::refused;

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

/// The names to try for a website, best first. Every fallback is made of the service's id.
///
/// # Errors
/// [`ProviderError::Refused`] for a name of the shop's own that is given as the customer's.
pub fn domains(
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

/// The system account of a service on a hosting panel: `w` and seven of base 32. Panels want up to eight characters that are
/// nobody else's, and no digit first (cPanel's createacct, DirectAdmin's account rules).
pub fn account(service: Id<entity::Service>) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let hash = Sha256::digest(service.to_string());
    let digit = |byte: &u8| DIGITS.get(usize::from(byte % 32)).copied().map_or('a', char::from);
    std::iter::once('w').chain(hash.iter().take(7).map(digit)).collect()
}

/// A password that nobody is told: whoever needs one sets their own.
pub(crate) fn nobodys_password() -> secrecy::SecretString {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bytes = kernel::Env::system().bytes::<32>();
    let sign = |byte: &u8| SIGNS.get(usize::from(byte % 64)).copied().map_or('x', char::from);
    // One of each class that panels ask for, whatever was drawn.
    let text: String = bytes.iter().map(sign).chain("aZ7-".chars()).collect();
    secrecy::SecretString::from(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn an_account_is_the_services_own_and_one_that_every_panel_takes() {
        let mut env = kernel::Env::system();
        let names: std::collections::BTreeSet<String> = (0..1000).map(|_| account(env.id())).collect();
        assert_eq!(names.len(), 1000);
        for name in &names {
            assert_eq!(name.len(), 8, "{name}");
            assert!(name.starts_with('w') && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        }
        let service = env.id();
        assert_eq!(account(service), account(service));
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
