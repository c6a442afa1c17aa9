//! The panel's endpoints.

use super::Panel;
use super::error::PanelError;
use super::lists::Query;
use crate::http::{Answer, percent_decode};
use serde_json::Value;

type Answered = Result<Answer, PanelError>;

/// Answers a request to `/api/application{path}`.
pub(super) fn application(panel: &mut Panel, method: &str, path: &str, query: &Query, body: &Value) -> Answered {
    let parts = decoded(path)?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["users", rest @ ..] => users(panel, method, rest, query, body),
        ["servers", rest @ ..] => servers(panel, method, rest, query, body),
        ["eggs", rest @ ..] if panel.is_pelican() => eggs(panel, method, rest, query),
        ["nests" | "locations", ..] if panel.is_pelican() => Err(unknown(method)),
        rest => catalogue(panel, method, rest, query, body),
    }
}

fn users(panel: &mut Panel, method: &str, parts: &[&str], query: &Query, body: &Value) -> Answered {
    match (method, parts) {
        ("GET", []) => shown(panel.list_users(query)),
        ("POST", []) => panel.create_user(body).map(|user| Answer::json(201, &user)),
        ("GET", ["external", id]) => shown(panel.get_external_user(id)),
        ("GET", [id]) => shown(panel.get_user(number(id)?)),
        ("PATCH", [id]) => shown(panel.update_user(number(id)?, body)),
        ("DELETE", [id]) => done(panel.delete_user(number(id)?)),
        _ => Err(unknown(method)),
    }
}

fn servers(panel: &mut Panel, method: &str, parts: &[&str], query: &Query, body: &Value) -> Answered {
    match (method, parts) {
        ("GET", []) => shown(panel.list_servers(query)),
        ("POST", []) => panel.create_server(body).map(|server| Answer::json(201, &server)),
        ("GET", ["external", id]) => shown(panel.get_external_server(id, query)),
        ("GET", [id]) => shown(panel.get_server(number(id)?, query)),
        ("PATCH", [id, "details"]) => shown(panel.change_details(number(id)?, body)),
        ("PATCH", [id, "build"]) => shown(panel.change_build(number(id)?, body)),
        ("PATCH", [id, "startup"]) => shown(panel.change_startup(number(id)?, body)),
        ("POST", [id, "suspend"]) => done(panel.suspend(number(id)?, true)),
        ("POST", [id, "unsuspend"]) => done(panel.suspend(number(id)?, false)),
        ("POST", [id, "reinstall"]) => done(panel.reinstall(number(id)?)),
        ("DELETE", [id] | [id, "force"]) => done(panel.delete_server(number(id)?)),
        _ => Err(unknown(method)),
    }
}

/// Pelican's eggs stand by themselves.
fn eggs(panel: &Panel, method: &str, parts: &[&str], query: &Query) -> Answered {
    match (method, parts) {
        ("GET", []) => Ok(Answer::json(200, &panel.all_eggs(query))),
        ("GET", [id]) => shown(panel.any_egg(number(id)?, query)),
        _ => Err(unknown(method)),
    }
}

fn catalogue(panel: &mut Panel, method: &str, parts: &[&str], query: &Query, body: &Value) -> Answered {
    match (method, parts) {
        ("GET", ["locations"]) => shown(panel.list_locations(query)),
        ("GET", ["locations", id]) => shown(panel.get_location(number(id)?)),
        ("GET", ["nodes"]) => shown(panel.list_nodes(query)),
        ("GET", ["nodes", "deployable"]) => shown(panel.deployable(query)),
        ("GET", ["nodes", id]) => shown(panel.get_node(number(id)?, query)),
        ("GET", ["nodes", id, "allocations"]) => shown(panel.list_allocations(number(id)?, query)),
        ("POST", ["nodes", id, "allocations"]) => done(panel.create_allocations(number(id)?, body)),
        ("GET", ["nests"]) => Ok(Answer::json(200, &panel.list_nests(query))),
        ("GET", ["nests", id]) => shown(panel.get_nest(number(id)?, query)),
        ("GET", ["nests", id, "eggs"]) => shown(panel.list_eggs(number(id)?, query)),
        ("GET", ["nests", nest, "eggs", id]) => shown(panel.get_egg(number(nest)?, number(id)?, query)),
        _ => Err(unknown(method)),
    }
}

/// Answers a request to `/api/client{path}`.
pub(super) fn client(panel: &mut Panel, method: &str, path: &str, body: &Value) -> Answered {
    let parts = decoded(path)?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (method, parts.as_slice()) {
        ("GET", ["servers", name]) => shown(panel.client_view(name)),
        ("GET", ["servers", name, "resources"]) => shown(panel.client_resources(name)),
        ("POST", ["servers", name, "power"]) => done(panel.client_power(name, body)),
        _ => Err(unknown(method)),
    }
}

fn shown(result: Result<Value, PanelError>) -> Answered {
    result.map(|value| Answer::json(200, &value))
}

fn done(result: Result<(), PanelError>) -> Answered {
    result.map(|()| Answer::empty(204))
}

fn number(text: &str) -> Result<i64, PanelError> {
    text.parse().map_err(|_| PanelError::not_found())
}

fn unknown(method: &str) -> PanelError {
    match method {
        "GET" | "POST" | "PATCH" | "DELETE" => PanelError::not_found(),
        other => PanelError::new(
            405,
            "MethodNotAllowedHttpException",
            format!("The {other} method is not supported for this route."),
        ),
    }
}

/// The pieces of a path, each decoded by itself.
fn decoded(path: &str) -> Result<Vec<String>, PanelError> {
    let pieces = path.split('/').filter(|piece| !piece.is_empty());
    pieces.map(|piece| percent_decode(piece, false).ok_or_else(PanelError::not_found)).collect()
}
