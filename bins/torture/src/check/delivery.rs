//! One running service for every payment, and nothing else.

use std::collections::BTreeMap;

use super::{Inquiry, Rule};

pub(super) fn check(inquiry: &mut Inquiry<'_>) {
    let (servers, sites) = (servers(inquiry), sites(inquiry));
    for order in &inquiry.facts.orders {
        let made = servers.get(order.id.as_str()).copied().unwrap_or_default();
        let site = sites.get(order.id.as_str()).copied().unwrap_or_default();
        let all = made.all + site;
        if all > 1 {
            inquiry.accuse(Rule::Twice, format!("{} has {} servers and {site} websites", order.id, made.all));
        }
        let services = inquiry.services.get(order.id.as_str()).map_or(0, Vec::len);
        if services > 1 {
            inquiry.accuse(Rule::Twice, format!("{} has {services} services on record", order.id));
        }
        if !inquiry.is_paid(&order.id) {
            if all > 0 || services > 0 {
                let what = format!("{} is not paid and has {all} services, {services} on record", order.id);
                inquiry.accuse(Rule::Unpaid, what);
            }
            if !matches!(order.status.as_str(), "pending" | "expired" | "cancelled" | "needs_attention") {
                inquiry.accuse(Rule::Unpaid, format!("{} is not paid and {}", order.id, order.status));
            }
            continue;
        }
        // A game is a server, everything else here a website; one in the other's place is none.
        let running = if order.provider == "pterodactyl" { made.ready } else { site };
        delivered(inquiry, order, (running, services));
    }
}

/// A paid order: served, or before a person; nothing between.
fn delivered(inquiry: &mut Inquiry<'_>, order: &crate::facts::OrderRow, (running, recorded): (usize, usize)) {
    let is_case = inquiry.is_case(&order.id);
    match order.status.as_str() {
        "provisioned" => {
            let active =
                inquiry.services.get(order.id.as_str()).is_some_and(|all| all.iter().all(|one| one.status == "active"));
            if running != 1 || recorded != 1 || !active {
                let what =
                    format!("{} is provisioned: {running} run, {recorded} on record, active: {active}", order.id);
                inquiry.accuse(Rule::Undelivered, what);
            }
        }
        "paid" | "provisioning" => {
            inquiry.accuse(Rule::Stuck, format!("{} is paid and still {}", order.id, order.status));
            if !is_case {
                inquiry.accuse(Rule::Undelivered, format!("{} is {}, and no case", order.id, order.status));
            }
        }
        status => {
            if !is_case {
                inquiry.accuse(Rule::Undelivered, format!("{} was paid and is {status}, and no case", order.id));
            }
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Made {
    all: usize,
    ready: usize,
}

/// Servers by order; those of nobody are reported.
fn servers<'a>(inquiry: &mut Inquiry<'a>) -> BTreeMap<&'a str, Made> {
    let facts = inquiry.facts;
    let owners: BTreeMap<&str, &str> =
        facts.services.iter().map(|service| (service.id.as_str(), service.order.as_str())).collect();
    let mut made: BTreeMap<&str, Made> = BTreeMap::new();
    for server in &facts.servers {
        let Some(order) = owners.get(server.external_id.as_str()) else {
            inquiry.accuse(Rule::Twice, format!("server {} ({}) belongs to no service", server.id, server.external_id));
            continue;
        };
        let count = made.entry(order).or_default();
        count.all += 1;
        count.ready += usize::from(server.ready);
    }
    made
}

/// Websites by order.
fn sites<'a>(inquiry: &mut Inquiry<'a>) -> BTreeMap<&'a str, usize> {
    let facts = inquiry.facts;
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    for order in &facts.sites {
        *made.entry(order).or_default() += 1;
    }
    for order in made.keys().filter(|order| !inquiry.orders.contains_key(*order)).copied().collect::<Vec<_>>() {
        inquiry.accuse(Rule::Twice, format!("a website belongs to {order}, which does not exist"));
    }
    made
}
