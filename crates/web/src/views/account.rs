//! The customer's services and orders.

use accounts::AccountSession;
use flows::SignedIn;
use infra::queries::{OrderLineView, ServiceView};
use kernel::BillingCycle;
use serde::Serialize;

use crate::{
    say::{Fill, Say, say},
    words::{self, Access, Badge, Instant, order_badge, service_badge},
};

/// The account page.
#[derive(Debug, Serialize)]
pub(crate) struct AccountView {
    name: String,
    email: String,
    services: Vec<ServiceCard>,
    orders: Vec<OrderLine>,
    sessions: Vec<SessionLine>,
}

#[derive(Debug, Serialize)]
struct SessionLine {
    id: String,
    /// What the program calls itself, in few words.
    device: Fill,
    ip: Option<String>,
    /// The one that looks at the page.
    here: bool,
    last_seen: Instant,
}

#[derive(Debug, Serialize)]
struct ServiceCard {
    label: String,
    /// Where it says more than the label.
    plan_name: Option<String>,
    status: Badge,
    access: Vec<Access>,
    url: String,
}

#[derive(Debug, Serialize)]
struct OrderLine {
    url: String,
    plan_name: String,
    period: Option<Say>,
    total: Fill,
    status: Badge,
    placed: Instant,
}

/// The account page.
pub(crate) fn account(
    who: &SignedIn,
    services: &[ServiceView],
    orders: &[OrderLineView],
    sessions: &[AccountSession],
) -> AccountView {
    AccountView {
        name: who.customer.name.clone(),
        email: who.user.email.to_string(),
        services: services.iter().map(service).collect(),
        orders: orders.iter().map(order).collect(),
        sessions: sessions.iter().map(|session| session_line(session, who)).collect(),
    }
}

fn session_line(session: &AccountSession, who: &SignedIn) -> SessionLine {
    SessionLine {
        id: session.id.to_string(),
        device: device_words(session.device.user_agent.as_deref()),
        ip: session.device.ip.clone(),
        here: who.session().is_ok_and(|own| own == session.id),
        last_seen: session.last_seen_at.into(),
    }
}

/// What people call a browser and its machine. Every browser claims to be several others, so the order counts.
fn device_words(user_agent: Option<&str>) -> Fill {
    let Some(text) = user_agent else { return say("device-unknown").into() };
    let first =
        |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| text.contains(part)).map(|(_, name)| *name);
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => say("device-browser").with("browser", browser).with("system", system).into(),
        (Some(browser), None) => browser.into(),
        (None, Some(system)) => say("device-program").with("system", system).into(),
        (None, None) => text.chars().take(40).collect::<String>().into(),
    }
}

fn service(row: &ServiceView) -> ServiceCard {
    ServiceCard {
        label: row.label.clone(),
        plan_name: Some(row.plan_name.clone()).filter(|name| *name != row.label),
        status: service_badge(&row.status),
        access: row.access.iter().map(Access::from).collect(),
        url: format!("/account/services/{}", row.id),
    }
}

fn order(row: &OrderLineView) -> OrderLine {
    OrderLine {
        url: format!("/orders/{}", row.id),
        plan_name: row.plan_name.clone(),
        period: row.cycle.parse::<BillingCycle>().ok().map(words::period),
        total: row.total.into(),
        status: order_badge(&row.status),
        placed: row.created_at.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::device_words;
    use crate::languages::spoken_in_english;

    #[test]
    fn browsers_are_called_by_their_names() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36 Edg/120";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/17 Safari/604";
        let words = [Some(edge), Some(phone), Some("curl/8.5"), Some("MyClient 1"), None];
        let words = words.map(|agent| spoken_in_english(&device_words(agent)));
        let expected =
            ["Edge on Windows", "Safari on iPhone", "curl", "MyClient 1", "A program that does not say its name"];
        assert_eq!(words, expected);
    }
}
