//! Where a website's name leads, as the world is told.

use std::net::IpAddr;

use crate::{host::Host, process::is_installed, program::Program};

const DIG: &str = "/usr/bin/dig";

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leads {
    /// To this machine, and nowhere else.
    Here,
    /// To these, not all of which are this machine's.
    Elsewhere(Vec<IpAddr>),
    /// It has no address.
    Nowhere,
    /// Nobody answered.
    Unknown(String),
}

/// Asks for the name's addresses.
pub(crate) fn look(host: &Host, name: &str) -> Leads {
    if !is_installed(DIG) {
        return Leads::Unknown("dig is not installed (bind9-dnsutils)".to_owned());
    }
    let mut program = Program::mortal(DIG).args(&["+short", "+time=3", "+tries=2"]);
    if let Some(server) = host.config.name_server {
        program = program.arg(format!("@{}", server.ip())).arg("-p").arg(server.port().to_string());
    }
    match program.args(&[name, "A", name, "AAAA"]).run() {
        Ok(said) => judge(&said, &host.config.public_addresses),
        Err(fault) => Leads::Unknown(fault.to_string()),
    }
}

/// Other lines than addresses are the names on the way there.
fn judge(said: &str, ours: &[IpAddr]) -> Leads {
    let mut found: Vec<IpAddr> = said.lines().filter_map(|line| line.trim().parse().ok()).collect();
    found.dedup();
    if found.is_empty() {
        Leads::Nowhere
    } else if found.iter().all(|address| ours.contains(address)) {
        Leads::Here
    } else {
        Leads::Elsewhere(found)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn one_foreign_address_is_enough_to_lead_elsewhere() {
        let ours: Vec<IpAddr> = ["203.0.113.7", "2001:db8::7"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(judge("203.0.113.7\n2001:db8::7\n", &ours), Leads::Here);
        assert_eq!(judge("www.example.org.\n203.0.113.7\n", &ours), Leads::Here);
        assert_eq!(judge("", &ours), Leads::Nowhere);
        let both = judge("203.0.113.7\n2001:db8::8\n", &ours);
        assert!(matches!(&both, Leads::Elsewhere(found) if found.len() == 2), "{both:?}");
    }
}
