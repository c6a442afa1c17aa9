//! The pages that people see: start, payment, inbox, panel. Plain HTML, no script.

mod inbox;
mod pay;
mod portal;
mod text;

use crate::http::{Answer, Call};
use crate::world::World;
use handlebars::Handlebars;
use serde_json::{Value, json};
use std::sync::LazyLock;

static TEMPLATES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    let sources = [
        ("layout", include_str!("pages/layout.hbs")),
        ("start", include_str!("pages/start.hbs")),
        ("pay", include_str!("pages/pay.hbs")),
        ("portal", include_str!("pages/portal.hbs")),
        ("closed", include_str!("pages/closed.hbs")),
        ("inbox", include_str!("pages/inbox.hbs")),
        ("mail", include_str!("pages/mail.hbs")),
        ("panel", include_str!("pages/panel.hbs")),
    ];
    for (name, source) in sources {
        if let Err(error) = templates.register_template_string(name, source) {
            tracing::error!(%error, page = name, "a page's template is broken");
        }
    }
    templates
});

/// Renders a page.
fn page(status: u16, name: &str, data: &Value) -> Answer {
    match TEMPLATES.render(name, data) {
        Ok(html) => Answer::html(status, html),
        Err(error) => {
            tracing::error!(%error, page = name, "a page could not be rendered");
            Answer::html(500, "<h1>The page could not be rendered.</h1>".to_owned())
        }
    }
}

/// Answers a request to any page but the panel's; `None` when there is no such page.
pub(crate) fn serve(world: &World, call: &Call) -> Option<Answer> {
    let parts: Vec<&str> = call.path.trim_matches('/').split('/').collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", [""]) => Some(start(world)),
        ("GET", ["pay", id]) => Some(pay::show(world, id, None)),
        ("POST", ["pay", id]) => Some(pay::act(world, id, &call.body)),
        ("GET", ["portal", id]) => Some(portal::show(world, id, "")),
        ("POST", ["portal", id]) => Some(portal::act(world, id, &call.body)),
        ("GET", ["inbox"]) => Some(inbox::list(world, call)),
        ("GET", ["inbox.json"]) => Some(inbox::json(world, call)),
        ("GET", ["inbox", id]) => inbox::show(world, id),
        ("GET", ["inbox", id, "html"]) => inbox::html_part(world, id),
        ("GET", ["inbox", id, "raw"]) => inbox::raw(world, id),
        _ => None,
    }
}

fn start(world: &World) -> Answer {
    let endpoint = world.webhooks.endpoint();
    let sessions: Vec<Value> = world.stripe(|stripe| {
        let newest = stripe.sessions.newest_first().take(20);
        newest
            .map(|session| {
                json!({
                    "id": session.id, "short": session.id.chars().take(22).collect::<String>(), "status": session.status.name(),
                    "payment_status": session.payment_status.name().replace('_', " "),
                    "total": text::money(session.total, &session.currency),
                    "reference": session.text("/client_reference_id").unwrap_or_default(),
                })
            })
            .collect()
    });
    page(
        200,
        "start",
        &json!({
            "title": "Sandbox", "url": world.public_url, "webhook": endpoint.url.unwrap_or_else(|| "not set".to_owned()),
            "sessions": sessions, "none": sessions.is_empty(),
        }),
    )
}

/// The panel's page: its servers.
pub(crate) fn panel(world: &World) -> Answer {
    let servers: Vec<Value> = world.panel(|panel| {
        let row = |server: &crate::panel::Server| {
            json!({
                "id": server.id, "identifier": server.identifier(), "name": server.name, "status": server.status.unwrap_or("ready"),
                "external_id": server.external_id.as_deref().unwrap_or("–"), "memory": server.build.memory, "node": server.node,
            })
        };
        panel.servers().map(row).collect()
    });
    page(200, "panel", &json!({ "title": "Game panel", "servers": servers, "none": servers.is_empty() }))
}
