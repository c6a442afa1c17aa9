//! Where a request came from: for the audit trail, the list of sign-ins, and the limits.

use std::{net::IpAddr, sync::Arc};

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName},
    web::Data,
};
use audit::Origin;
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address, and what it calls itself. The address is the peer of the connection; where that is one of the
/// [`TrustedProxies`] (app data), it is the one that the proxy says.
pub fn origin(request: &HttpRequest) -> Origin {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let client = match (peer, request.app_data::<Data<TrustedProxies>>()) {
        (Some(peer), Some(trusted)) => Some(trusted.client(peer, request.headers())),
        (peer, _) => peer,
    };
    Origin::new(client, agent)
}

/// The proxies whose word is taken for where a request came from. None, unless there are some.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// A text that names no network of proxies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownProxy {
    /// It cannot be read.
    #[error("'{0}' is no network; expected an address or a network such as 10.0.0.0/8, separated by commas")]
    Unreadable(String),
    /// With it, anybody could say to come from anywhere.
    #[error("'{0}' would trust everybody; name the networks of your proxies")]
    Everybody(String),
}

impl TrustedProxies {
    /// Reads addresses and networks; empty texts are left out.
    ///
    /// # Errors
    /// The first that is none, or that is the whole world.
    pub fn parse(texts: &[String]) -> Result<Self, UnknownProxy> {
        let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        texts.map(network).collect::<Result<_, _>>().map(Self)
    }

    fn are_trusted(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// The client behind `peer`. Each proxy adds at the end of the list whom it was called by, so that it is read from there:
    /// what a trusted one added is true, and what stands before what a stranger's connection added, the stranger wrote.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.are_trusted(client) {
            return client;
        }
        // Several lines are one list (RFC 9110, 5.3). A line that is no text has no entry that can be read.
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).map(|line| line.to_str().unwrap_or_default()).collect();
        for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let Some(ip) = address(entry) else { break };
            client = ip;
            if !self.are_trusted(client) {
                break;
            }
        }
        client
    }
}

fn network(text: &str) -> Result<IpNet, UnknownProxy> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(|ip| IpNet::from(ip.to_canonical())));
    match network {
        Ok(network) if network.prefix_len() == 0 => Err(UnknownProxy::Everybody(text.to_owned())),
        Ok(network) => Ok(network),
        Err(_) => Err(UnknownProxy::Unreadable(text.to_owned())),
    }
}

/// An address of the list; some proxies write the port behind it.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let with_port = || entry.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    entry.parse::<IpAddr>().ok().or_else(with_port).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    fn trusting(texts: &[&str]) -> TrustedProxies {
        TrustedProxies::parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn seen(proxies: &TrustedProxies, peer: &str, lines: &[&str]) -> String {
        let mut request = TestRequest::default().app_data(Data::new(proxies.clone()));
        request = request.peer_addr(std::net::SocketAddr::new(peer.parse().unwrap(), 4711));
        for line in lines {
            request = request.append_header((FORWARDED_FOR, *line));
        }
        origin(&request.to_http_request()).ip.unwrap().to_string()
    }

    #[test]
    fn a_client_is_found_behind_the_proxies_that_are_trusted() {
        let ours = trusting(&["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.9"]);
        let table: &[(&str, &[&str], &str)] = &[
            ("198.51.100.1", &["203.0.113.7"], "198.51.100.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            ("192.0.2.9", &["203.0.113.7"], "203.0.113.7"),
            ("::ffff:10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["::ffff:203.0.113.7"], "203.0.113.7"),
            ("2001:db8:ffff::1", &["2001:db8:1::7"], "2001:db8:1::7"),
            // What the client wrote itself stands in front.
            ("10.0.0.1", &["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["1.1.1.1, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            ("10.0.0.1", &["1.1.1.1, 203.0.113.7", "10.9.9.9,10.0.0.2"], "203.0.113.7"),
            // All are ours: the one that is farthest away.
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // What cannot be read hides what stands before it.
            ("10.0.0.1", &["203.0.113.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, , 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["203.0.113.7, 10.0.0.2,"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7:8080"], "203.0.113.7"),
            ("10.0.0.1", &["[2001:db8:1::7]:443"], "2001:db8:1::7"),
        ];
        for (peer, lines, expected) in table {
            assert_eq!(seen(&ours, peer, lines), *expected, "{peer} {lines:?}");
        }
        let nobody = TrustedProxies::default();
        assert_eq!(seen(&nobody, "10.0.0.1", &["203.0.113.7"]), "10.0.0.1", "nobody is trusted");
    }

    #[test]
    fn networks_that_are_none_are_refused_in_words() {
        let parse = |text: &str| TrustedProxies::parse(&[text.to_owned()]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(
            parse("10.0.0.0/33"),
            "'10.0.0.0/33' is no network; expected an address or a network such as 10.0.0.0/8, separated by commas"
        );
        assert_eq!(parse("0.0.0.0/0"), "'0.0.0.0/0' would trust everybody; name the networks of your proxies");
        assert!(parse("::/0").contains("everybody"));
        assert!(parse("proxy.example").contains("no network"));
        assert!(TrustedProxies::parse(&[String::new(), " ".to_owned()]).is_ok());
    }

    /// What a header may hold.
    fn line() -> impl Strategy<Value = String> {
        let entry = prop_oneof![
            any::<std::net::Ipv4Addr>().prop_map(|ip| ip.to_string()),
            any::<std::net::Ipv6Addr>().prop_map(|ip| ip.to_string()),
            Just("10.1.2.3".to_owned()),
            "[ -~]{0,12}",
        ];
        prop::collection::vec(entry, 0..6).prop_map(|entries| entries.join(","))
    }

    proptest! {
        #[test]
        fn whatever_a_client_writes_its_address_is_what_the_proxy_saw(forged in prop::collection::vec(line(), 0..4)) {
            let ours = trusting(&["10.0.0.0/8"]);
            let forged: Vec<&str> = forged.iter().map(String::as_str).collect();
            // A proxy adds a line of its own, or to the last one.
            let own_line = [&forged[..], &["203.0.113.7"]].concat();
            prop_assert_eq!(seen(&ours, "10.0.0.1", &own_line), "203.0.113.7");
            let (last, others) = forged.split_last().map_or(("", &[][..]), |(last, others)| (*last, others));
            let longer = format!("{last}, 203.0.113.7");
            let added = [others, &[longer.as_str()]].concat();
            prop_assert_eq!(seen(&ours, "10.0.0.1", &added), "203.0.113.7");
            // Through two of ours.
            let farther = [&forged[..], &["203.0.113.7, 10.0.0.2"]].concat();
            prop_assert_eq!(seen(&ours, "10.0.0.1", &farther), "203.0.113.7");
            // Past all of ours.
            prop_assert_eq!(seen(&ours, "198.51.100.1", &forged), "198.51.100.1");
        }
    }
}
