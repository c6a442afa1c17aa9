//! `GET /api/staff/members` and `POST /api/staff/members/role`: who works for the shop, in which role.

use accounts::{Role, User};
use actix_web::{
    HttpRequest,
    web::{Data, Json, Payload},
};
use flows::Shop as _;
use kernel::EmailAddress;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::Caller, body::Fields, detached::detached, problem::Problem, state::ApiState};

/// Somebody who works for the shop.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct Member {
    user_id: String,
    email: String,
    /// support, billing or admin; customer for somebody whose role was just taken.
    role: &'static str,
}

impl From<User> for Member {
    fn from(user: User) -> Self {
        Self { user_id: user.id.to_string(), email: user.email.to_string(), role: user.role.as_str() }
    }
}

/// Everybody who works for the shop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Members {
    members: Vec<Member>,
}

/// Lists who works for the shop.
#[utoipa::path(get, path = "/api/staff/members", tag = "staff", responses((status = 200, body = Members)))]
pub(crate) async fn list(state: Data<ApiState>) -> Result<Json<Members>, Problem> {
    let staff = flows::staff(state.world.db()).await?;
    Ok(Json(Members { members: staff.into_iter().map(Member::from).collect() }))
}

/// A role for an account.
#[derive(Debug, ToSchema)]
pub(super) struct RoleBody {
    #[schema(example = "ada@example.com", value_type = String)]
    email: EmailAddress,
    /// customer, support, billing or admin.
    #[schema(example = "support", value_type = String)]
    role: Role,
}

impl RoleBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let email = fields.required_parsed(&["email"], "\"ada@example.com\"", str::parse);
        let role = |text: &str| Role::parse(text).ok_or("expected customer, support, billing or admin");
        let role = fields.required_parsed(&["role"], "\"support\"", role);
        fields.finish_with(email.zip(role).map(|(email, role)| Self { email, role }))
    }
}

/// Gives an account a role, and ends its sign-ins. Asks for a fresh proof.
#[utoipa::path(
    post, path = "/api/staff/members/role", tag = "staff", request_body = RoleBody,
    responses(
        (status = 200, body = Member),
        (status = 400, description = "Something is wrong with the request"),
        (status = 403, description = "Nobody changes their own role, or the last proof is older than ten minutes"),
        (status = 404, description = "Nobody has this address"),
        (status = 409, description = "It is the last admin"),
    ),
)]
pub(crate) async fn set_role(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<Json<Member>, Problem> {
    let RoleBody { email, role } = RoleBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let work =
        async move { flows::set_role(world.db(), &mut world.env(), &who.actor(), (&email, role), &origin).await };
    Ok(Json(detached(work).await??.into()))
}
