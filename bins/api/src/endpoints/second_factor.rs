//! `/api/auth/second-factor…`: what somebody has besides the password; the authenticator app and the recovery codes.

use accounts::{Factors, Passkey};
use actix_web::{
    HttpRequest,
    web::{Data, Json, Payload},
};
use flows::NewCodes;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    account::{DONE, Done},
    order::rfc3339,
};
use crate::{auth::Caller, body::Fields, detached::detached, problem::Problem, state::ApiState};

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct PasskeyBody {
    #[schema(example = "psk_0198c0ffee0070008000000000000001")]
    id: String,
    name: String,
    created_at: String,
    last_used_at: Option<String>,
}

impl From<&Passkey> for PasskeyBody {
    fn from(passkey: &Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            name: passkey.name.clone(),
            created_at: rfc3339(passkey.created_at),
            last_used_at: passkey.last_used_at.map(rfc3339),
        }
    }
}

/// What somebody has besides the password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct FactorsBody {
    /// Whether the password alone does not suffice.
    enabled: bool,
    /// Whether nothing else works until one is added: the shop demands it of who works for it.
    required: bool,
    /// An authenticator app.
    app: bool,
    passkeys: Vec<PasskeyBody>,
    recovery_codes_left: usize,
}

impl FactorsBody {
    fn new(factors: &Factors, required: bool) -> Self {
        Self {
            enabled: factors.any(),
            required,
            app: factors.app,
            passkeys: factors.passkeys.iter().map(PasskeyBody::from).collect(),
            recovery_codes_left: factors.codes_left,
        }
    }
}

/// What an authenticator app is given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppBody {
    /// To be typed into the app: base32.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// To be shown as a QR code.
    #[schema(example = "otpauth://totp/Shop:ada%40example.com?secret=…")]
    uri: String,
}

/// Recovery codes, when there are new ones. They are shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct CodesBody {
    /// Always true.
    success: bool,
    #[schema(example = json!(["ABCD-EFGH-IJKL-MNOP-QRST-UVWX"]))]
    recovery_codes: Option<Vec<String>>,
}

impl From<NewCodes> for CodesBody {
    fn from(codes: NewCodes) -> Self {
        let plain = |codes: Vec<SecretString>| codes.iter().map(|code| code.expose_secret().to_owned()).collect();
        Self { success: true, recovery_codes: codes.map(plain) }
    }
}

/// What an app shows.
#[derive(Debug, ToSchema)]
pub(super) struct CodeBody {
    /// Six digits.
    #[schema(example = "123456", value_type = String)]
    code: SecretString,
}

impl CodeBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let code = fields.required(&["code"], "\"123456\"").map(SecretString::from);
        fields.finish_with(code.map(|code| Self { code }))
    }
}

/// Lists what the caller proves themselves with besides the password.
#[utoipa::path(
    get, path = "/api/auth/second-factor", tag = "second factor",
    responses((status = 200, body = FactorsBody), (status = 401, description = "Nobody is signed in")),
)]
pub(crate) async fn list(state: Data<ApiState>, who: Caller) -> Result<Json<FactorsBody>, Problem> {
    let factors = flows::factors(&*state.world, &who).await?;
    Ok(Json(FactorsBody::new(&factors, who.must_add_factor)))
}

/// Begins to add an authenticator app. It counts for nothing until it is confirmed.
#[utoipa::path(
    post, path = "/api/auth/second-factor/app", tag = "second factor",
    responses(
        (status = 200, body = AppBody),
        (status = 403, description = "The last proof is older than ten minutes: POST /api/auth/prove"),
        (status = 409, description = "There is an app already"),
    ),
)]
pub(crate) async fn begin(state: Data<ApiState>, who: Caller) -> Result<Json<AppBody>, Problem> {
    let setup = flows::begin_app(&*state.world, &who, &state.shop_name).await?;
    let text = |secret: &SecretString| secret.expose_secret().to_owned();
    Ok(Json(AppBody { secret: text(&setup.secret), uri: text(&setup.uri) }))
}

/// Confirms the app with its first code. From now on it is asked for; every other sign-in ends. With the first factor come
/// recovery codes.
#[utoipa::path(
    post, path = "/api/auth/second-factor/app/confirm", tag = "second factor", request_body = CodeBody,
    responses(
        (status = 200, body = CodesBody),
        (status = 400, description = "The code does not count"),
        (status = 409, description = "No app waits for its first code"),
    ),
)]
pub(crate) async fn confirm(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<Json<CodesBody>, Problem> {
    let CodeBody { code } = CodeBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let codes = detached(async move { flows::confirm_app(&*world, &who, &code, &origin).await }).await??;
    Ok(Json(codes.into()))
}

/// Removes the app. Every other sign-in ends.
#[utoipa::path(
    post, path = "/api/auth/second-factor/app/remove", tag = "second factor",
    responses(
        (status = 200, body = Done),
        (status = 403, description = "The last proof is older than ten minutes: POST /api/auth/prove"),
        (status = 404, description = "There is none"),
    ),
)]
pub(crate) async fn remove(state: Data<ApiState>, request: HttpRequest, who: Caller) -> Result<Json<Done>, Problem> {
    flows::remove_app(&*state.world, &who, &web::origin(&request)).await?;
    Ok(Json(DONE))
}

/// Makes all recovery codes anew. The former ones stop to count.
#[utoipa::path(
    post, path = "/api/auth/second-factor/recovery-codes", tag = "second factor",
    responses(
        (status = 200, body = CodesBody),
        (status = 403, description = "The last proof is older than ten minutes: POST /api/auth/prove"),
        (status = 409, description = "There is no factor that they could stand in for"),
    ),
)]
pub(crate) async fn codes(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
) -> Result<Json<CodesBody>, Problem> {
    let codes = flows::new_recovery_codes(&*state.world, &who, &web::origin(&request)).await?;
    Ok(Json(Some(codes).into()))
}
