//! Which addresses this installation connects to: of the panel, the mail server, Stripe, and whatever else the operator
//! names by a URL or a host.
//!
//! What is judged is the address that is connected to, and never a name: a name may be at another address a moment later.
//! Here is the one place that looks names up for calls to the outside (docs/decisions/0021).

mod forbidden;
pub mod http;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

pub use self::forbidden::Forbidden;

/// What may be connected to: everything but what is [`Forbidden`], and of that what `OUTBOUND_ALLOW` names. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outgoing {
    allowed: Arc<[IpNet]>,
    judge: fn(IpAddr) -> Option<Forbidden>,
}

impl Default for Outgoing {
    /// Nothing is named in `OUTBOUND_ALLOW`.
    fn default() -> Self {
        Self { allowed: Arc::from([]), judge: forbidden::forbidden }
    }
}

/// An address that is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} is {why}, and nothing is sent there; if it is meant, name it in OUTBOUND_ALLOW")]
pub struct ForbiddenAddress {
    /// Which.
    pub address: IpAddr,
    /// What it is.
    pub why: Forbidden,
}

/// Why a name gives no addresses.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// There is no such name, or nobody to ask.
    #[error("the name cannot be looked up")]
    Lookup(#[source] io::Error),
    /// It has an address that is not connected to.
    #[error(transparent)]
    Forbidden(#[from] ForbiddenAddress),
}

/// A text that names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownNetwork {
    /// It cannot be read.
    #[error("'{0}' is no network; expected an address or a network such as 169.254.7.0/24, separated by commas")]
    Unreadable(String),
    /// With it, nothing would be refused.
    #[error("'{0}' would allow every address; name the network of the one service that is meant")]
    Everything(String),
}

impl Outgoing {
    /// Reads addresses and networks that may be connected to although they are [`Forbidden`]; empty texts are left out.
    ///
    /// # Errors
    /// The first that is none, or that is the whole world.
    pub fn allowing(texts: &[String]) -> Result<Self, UnknownNetwork> {
        let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        Ok(Self { allowed: texts.map(network).collect::<Result<_, _>>()?, ..Self::default() })
    }

    /// Whether this address may be connected to. An IPv6 address that stands for an IPv4 one is allowed where either is.
    ///
    /// # Errors
    /// [`ForbiddenAddress`].
    pub fn check(&self, address: IpAddr) -> Result<(), ForbiddenAddress> {
        let Some(why) = (self.judge)(address) else { return Ok(()) };
        let meant = forbidden::meant(address);
        let allowed = self.allowed.iter().any(|network| network.contains(&address) || network.contains(&meant));
        if allowed { Ok(()) } else { Err(ForbiddenAddress { address, why }) }
    }

    /// The same for the host of a URL, if it is an address and no name. Names are judged when they are looked up; HTTP clients
    /// do not look addresses up.
    ///
    /// # Errors
    /// [`ForbiddenAddress`].
    pub fn check_url(&self, url: &Url) -> Result<(), ForbiddenAddress> {
        // `Url` has put an address into its usual form, however it was written (0xa9fea9fe, 0251.254.43518).
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        host.parse().map_or(Ok(()), |address| self.check(address))
    }

    /// The addresses of a host, to be connected to as they are. If one of them is forbidden there are none: whoever can add
    /// an address to a name would only have to wait until it is the first.
    ///
    /// # Errors
    /// [`LookupError`].
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, LookupError> {
        let found: Vec<SocketAddr> =
            tokio::net::lookup_host((host, port)).await.map_err(LookupError::Lookup)?.collect();
        for address in &found {
            self.check(address.ip())?;
        }
        Ok(found)
    }
}

impl Resolve for Outgoing {
    /// For the HTTP client, which connects to what comes back from here and to nothing else. It puts the port in itself.
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.clone();
        Box::pin(async move {
            let found = rules.addresses(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn network(text: &str) -> Result<IpNet, UnknownNetwork> {
    match text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
        Ok(network) if network.prefix_len() == 0 => Err(UnknownNetwork::Everything(text.to_owned())),
        Ok(network) => Ok(network),
        Err(_) => Err(UnknownNetwork::Unreadable(text.to_owned())),
    }
}

#[cfg(any(test, feature = "testing"))]
impl Outgoing {
    /// As if this machine's own addresses were link-local ones, so that tests can see real connections being refused.
    pub fn shunning_loopback(allowed: &[&str]) -> Self {
        let texts: Vec<String> = allowed.iter().map(|text| (*text).to_owned()).collect();
        let judge = |address: IpAddr| address.is_loopback().then_some(Forbidden::LinkLocal);
        Self { judge, ..Self::allowing(&texts).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowing(texts: &[&str]) -> Result<Outgoing, UnknownNetwork> {
        Outgoing::allowing(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_the_operator_names_is_allowed_and_nothing_beside_it() {
        let rules = allowing(&["169.254.7.0/24", " fe80::1 ", "", "64:ff9b:1::/48"]).unwrap();
        let table = [
            ("169.254.7.9", true),
            ("::ffff:169.254.7.9", true),
            ("64:ff9b::169.254.7.9", true),
            ("169.254.8.9", false),
            ("169.254.169.254", false),
            ("::ffff:169.254.169.254", false),
            ("fe80::1", true),
            ("fe80::2", false),
            ("64:ff9b:1::5", true),
        ];
        for (address, allowed) in table {
            assert_eq!(rules.check(address.parse().unwrap()).is_ok(), allowed, "{address}");
        }
    }

    #[test]
    fn networks_that_are_none_are_refused_in_words() {
        let words = |text: &str| allowing(&["10.0.0.1", text]).unwrap_err().to_string();
        assert_eq!(
            words("169.254.0.0/33"),
            "'169.254.0.0/33' is no network; expected an address or a network such as 169.254.7.0/24, separated by commas"
        );
        assert_eq!(
            words("0.0.0.0/0"),
            "'0.0.0.0/0' would allow every address; name the network of the one service that is meant"
        );
        assert!(words("::/0").contains("every address"));
        assert!(words("panel.example.com").contains("no network"));
    }

    #[test]
    fn an_address_in_a_url_is_seen_however_it_is_written() {
        let rules = Outgoing::default();
        let written = [
            "http://169.254.169.254/latest/meta-data/",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://0251.0376.0251.0376:8080/",
            "http://169.254.43518/",
            "https://[::ffff:169.254.169.254]/",
            "https://[::FFFF:a9fe:a9fe]/",
            "https://[fd00:ec2::254]/",
            "http://１６９.254.169.254/",
            "http://%31%36%39.254.169.254/",
            "http://user:password@169.254.169.254/",
            "http://0/",
        ];
        for text in written {
            assert!(rules.check_url(&text.parse().unwrap()).is_err(), "{text}");
        }
        for text in ["http://127.0.0.1:8080/", "https://10.1.2.3/", "https://[fd12::1]/", "https://panel.example.com/"]
        {
            assert_eq!(rules.check_url(&text.parse().unwrap()), Ok(()), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_with_an_address_that_is_forbidden_has_none() {
        let found = Outgoing::default().addresses("localhost", 4711).await.unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 4711), "{found:?}");
        let refused = Outgoing::shunning_loopback(&[]).addresses("localhost", 4711).await.unwrap_err();
        assert!(matches!(refused, LookupError::Forbidden(found) if found.address.is_loopback()), "{refused:?}");
        // Addresses that only the resolver of the machine would understand.
        for host in ["169.254.169.254", "2852039166", "0xa9fea9fe"] {
            let refused = Outgoing::default().addresses(host, 25).await;
            assert!(matches!(refused, Err(LookupError::Forbidden(_))), "{host}: {refused:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let refused = Outgoing::default().check("169.254.169.254".parse().unwrap()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "169.254.169.254 is where a cloud hands out credentials, and nothing is sent there; if it is meant, name it in \
             OUTBOUND_ALLOW"
        );
    }
}
