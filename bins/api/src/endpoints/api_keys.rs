//! `GET /api/auth/keys`, `POST /api/auth/keys/make` and `POST /api/auth/keys/{keyId}/end`: keys for machines.

use accounts::{ApiKey, NewApiKey, Scopes};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json, Path, Payload},
};
use chrono::Duration;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    account::{DONE, Done},
    order::rfc3339,
};
use crate::{auth::Caller, body::Fields, detached::detached, problem::Problem, state::ApiState};

/// How long a key counts when nothing is said.
const DAYS: i64 = 90;

/// A key, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct KeyBody {
    #[schema(example = "key_0198c0ffee0070008000000000000001")]
    id: String,
    name: String,
    #[schema(example = json!(["services:read"]))]
    scopes: Vec<&'static str>,
    created_at: String,
    /// To the minute.
    last_used_at: Option<String>,
    expires_at: String,
}

impl From<&ApiKey> for KeyBody {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            scopes: key.scopes.words().collect(),
            created_at: rfc3339(key.created_at),
            last_used_at: key.last_used_at.map(rfc3339),
            expires_at: rfc3339(key.expires_at),
        }
    }
}

/// The caller's keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Keys {
    keys: Vec<KeyBody>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeKey {
    /// For the header `Authorization: Bearer …`. It is shown this once.
    secret: String,
    key: KeyBody,
}

/// What the key is for.
#[derive(Debug, ToSchema)]
pub(super) struct KeyWish {
    /// 1 to 60 characters.
    #[schema(example = "monitoring", value_type = String)]
    name: String,
    /// Separated by spaces: buy, services:read, and for people of the shop orders:read, customers:read, cases:read,
    /// cases:work, events:replay, staff:read, audit:read.
    #[schema(example = "services:read", value_type = String)]
    scopes: Scopes,
    /// Days that it counts, 1 to 366; 90 when nothing is said.
    #[schema(example = "90", value_type = String)]
    days: Duration,
}

impl KeyWish {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let name = fields.required(&["name"], "\"monitoring\"");
        let scopes = |text: &str| Scopes::parse(text.split_ascii_whitespace()).map_err(|error| plain(&error));
        let scopes = fields.required_parsed(&["scopes"], "\"services:read buy\"", scopes);
        let days =
            fields.parsed(&["days"], "\"90\"", |text| text.trim().parse::<u16>().map_err(|_| "expected a number"));
        let days = Duration::days(days.map_or(DAYS, i64::from));
        fields.finish_with(name.zip(scopes).map(|(name, scopes)| Self { name, scopes, days }))
    }
}

/// The field's name is said once.
fn plain(error: &accounts::ApiKeyError) -> String {
    let text = error.to_string();
    text.strip_prefix("scopes: ").unwrap_or(&text).to_owned()
}

/// Lists the caller's keys, the newest first.
#[utoipa::path(get, path = "/api/auth/keys", tag = "account", responses((status = 200, body = Keys)))]
pub(crate) async fn list(state: Data<ApiState>, who: Caller) -> Result<Json<Keys>, Problem> {
    let keys = flows::api_keys(&*state.world, &who).await?;
    Ok(Json(Keys { keys: keys.iter().map(KeyBody::from).collect() }))
}

/// Makes a key for a machine. It may at most what its owner may, and nothing that changes an account.
#[utoipa::path(
    post, path = "/api/auth/keys/make", tag = "account", request_body = KeyWish,
    responses(
        (status = 201, body = MadeKey),
        (status = 400, description = "Something is wrong with the request; `detail` says what"),
        (status = 403, description = "A scope beyond the caller's role, or the last proof is older than ten minutes"),
        (status = 409, description = "There are 20 keys already"),
    ),
)]
pub(crate) async fn make(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let KeyWish { name, scopes, days } = KeyWish::take(&mut Fields::read(&request, payload).await?)?;
    let new = NewApiKey { name, scopes, life: days };
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let work = async move { flows::make_api_key(&*world, &who, &new, &origin).await };
    let (key, secret) = detached(work).await??;
    Ok(HttpResponse::Created().json(MadeKey { secret: secret.expose_secret().to_owned(), key: KeyBody::from(&key) }))
}

/// Ends one of the caller's keys.
#[utoipa::path(
    post, path = "/api/auth/keys/{keyId}/end", tag = "account",
    params(("keyId" = String, Path, description = "From the list")),
    responses((status = 200, body = Done), (status = 404, description = "The caller has no such key")),
)]
pub(crate) async fn end(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    id: Path<String>,
) -> Result<Json<Done>, Problem> {
    let unknown = || Problem::not_found("There is no such key.");
    let key = id.parse().map_err(|_| unknown())?;
    if flows::end_api_key(&*state.world, &who, key, &web::origin(&request)).await? {
        Ok(Json(DONE))
    } else {
        Err(unknown())
    }
}
