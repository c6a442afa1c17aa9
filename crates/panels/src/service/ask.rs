//! What a service is asked.

use provisioning::{DomainChoice, ServiceOrder, Target};
use serde_json::{Value, json};

/// What an order looks like to the service.
pub(super) fn order_body(verb: &str, order: &ServiceOrder) -> Value {
    let domain = order.delivery.domain.as_ref().map(|domain| match domain {
        DomainChoice::Own(name) => json!({ "own": name.as_str() }),
        DomainChoice::Subdomain(label) => json!({ "subdomain": label }),
    });
    json!({
        "verb": verb,
        "service": order.service.to_string(),
        "order": order.order.to_string(),
        "customer": order.owner.customer.to_string(),
        "owner": { "email": order.owner.email.to_string(), "name": order.owner.name },
        "label": order.label,
        "kind": order.kind,
        "settings": order.settings,
        "server_name": order.delivery.server_name.as_ref().map(provisioning::ServerName::as_str),
        "domain": domain,
    })
}

/// What a change of a service looks like.
pub(super) fn target_body(verb: &str, target: &Target) -> Value {
    json!({
        "verb": verb,
        "service": target.service.to_string(),
        "customer": target.customer.to_string(),
        "ref": target.reference.identifier,
    })
}
