//! What the OpenAPI document says of all endpoints alike: who may call them, and the refusals that come from before their
//! handlers. Endpoints say what is theirs alone; `scripts/fuzz-api` finds what neither says.

use accounts::{Access, Permission, Role};
use utoipa::{
    Modify, PartialSchema as _, ToSchema,
    openapi::{
        Components, Content, OpenApi, PathItem, Ref, RefOr, Response,
        path::Operation,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::endpoints::{self, ROUTES};

/// A refusal (RFC 9457), as `application/problem+json`; endpoints that the older systems had send `error` and `code` alone,
/// as `application/json`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is described, not made")]
struct Refusal {
    /// A stable word for programs.
    #[schema(example = "invalid-request")]
    code: String,
    /// What is wrong, for people, where the older systems' clients look for it.
    error: Option<String>,
    /// The same.
    detail: Option<String>,
    /// The status, in words.
    title: Option<String>,
    /// The status.
    status: Option<u16>,
    /// By which we find it in our log.
    error_id: Option<String>,
}

/// Adds what holds for all endpoints alike.
pub(crate) struct Alike;

impl Modify for Alike {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        components.schemas.insert("Refusal".to_owned(), Refusal::schema());
        add_credentials(components);
        for (method, path, access) in ROUTES {
            let operation = document.paths.paths.get_mut(*path).and_then(|item| operation_of(item, method));
            if let Some(operation) = operation {
                complete(operation, Route { post: *method == "POST", path, access: *access });
            }
        }
    }
}

fn add_credentials(components: &mut Components) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token from signing in, which counts an hour, or a key for machines"));
    let cookie = ApiKeyValue::with_description("hw_session", "Of browsers; over https it is __Host-hw_session");
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

fn operation_of<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    if method == "GET" { item.get.as_mut() } else { item.post.as_mut() }
}

struct Route<'a> {
    post: bool,
    path: &'a str,
    access: Access,
}

fn complete(operation: &mut Operation, route: Route<'_>) {
    let (looked_up, open) = (route.access.looks_up(), matches!(route.access, Access::Guest | Access::GuestOr(_)));
    if looked_up {
        let guest = open.then(SecurityRequirement::default);
        let known = ["bearer", "cookie"].map(|name| SecurityRequirement::new(name, [""; 0]));
        operation.security = Some(guest.into_iter().chain(known).collect());
    }
    let body = operation.request_body.is_some();
    for (status, description) in refusals(&route, body) {
        let response = || RefOr::T(Response::new(description));
        operation.responses.responses.entry(status.to_string()).or_insert_with(response);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            describe(status, response);
        }
    }
}

/// What an endpoint may answer before its handler has a say, or because of what every handler does first.
fn refusals(route: &Route<'_>, body: bool) -> impl Iterator<Item = (u16, &'static str)> {
    let webhook = endpoints::is_webhook(route.path);
    let asks = !matches!(route.access, Access::Public | Access::Guest);
    [
        (400, "The request is malformed; `detail` or `error` says how", true),
        (401, "Nobody is signed in, or the token does not count", route.access.looks_up()),
        (403, "The caller may not do this; `code` says why", asks || (route.post && !webhook)),
        (404, "There is no such thing", route.path.contains('{') || is_hidden(route.access)),
        (405, "Another method is asked for; see Allow", true),
        (408, "The request took too long to arrive", true),
        (413, "The body is too large", body),
        (415, "The body must be JSON", body && !webhook),
        (431, "The head of the request is too large", true),
        (503, "Something that is needed is away, or too much is going on; see Retry-After", true),
    ]
    .into_iter()
    .filter_map(|(status, description, may_be)| may_be.then_some((status, description)))
}

/// Whether customers are not even told that it is there.
fn is_hidden(access: Access) -> bool {
    let of_staff = |permission: Permission| !Role::Customer.may(permission);
    matches!(access, Access::GuestOr(permission) | Access::May(permission) | Access::Proven(permission) if of_staff(permission))
}

/// Refusals look alike. What ends a request before it has a head has no body.
fn describe(status: &str, response: &mut Response) {
    let refused = status.starts_with(['4', '5']) && status != "431";
    if refused && response.content.is_empty() {
        let content = || RefOr::T(Content::new(Some(Ref::from_schema_name("Refusal"))));
        for media in ["application/problem+json", "application/json"] {
            response.content.insert(media.to_owned(), content());
        }
    }
}
