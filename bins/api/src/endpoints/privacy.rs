//! What is held on a person: `GET /api/auth/export` and `POST /api/auth/erase` for oneself,
//! `/api/staff/customers/{customerId}/export` and `/erase` for people of the shop.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use flows::Shop as _;
use kernel::{Id, entity};

use super::account::{DONE, Done};
use crate::{auth::Caller, detached::detached, problem::Problem, state::ApiState};

/// Everything that is held on the caller, as JSON. Asks for a fresh proof.
#[utoipa::path(
    get, path = "/api/auth/export", tag = "account",
    responses((status = 200, description = "An object with a list for each kind of record", content_type = "application/json")),
)]
pub(crate) async fn export_own(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
) -> Result<HttpResponse, Problem> {
    let customer = who.customer.id;
    export(&state, &request, &who, customer).await
}

/// Everything that is held on a customer, as JSON. Asks for a fresh proof.
#[utoipa::path(
    get, path = "/api/staff/customers/{customerId}/export", tag = "staff",
    params(("customerId" = String, Path, description = "From the search")),
    responses(
        (status = 200, description = "An object with a list for each kind of record", content_type = "application/json"),
        (status = 404, description = "There is no such customer"),
    ),
)]
pub(crate) async fn export_customer(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let customer = id.parse().map_err(|_| unknown())?;
    export(&state, &request, &who, customer).await
}

async fn export(
    state: &ApiState,
    request: &HttpRequest,
    who: &Caller,
    customer: Id<entity::Customer>,
) -> Result<HttpResponse, Problem> {
    let (world, origin, actor) = (state.world.clone(), web::origin(request), who.actor());
    let work = async move { flows::export_person(world.db(), &mut world.env(), (&actor, customer), &origin).await };
    let held = detached(work).await??.ok_or_else(unknown)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"everything-held.json\""))
        .body(held))
}

/// Erases the caller: everything that says who they are. Asks for a fresh proof; refused while something is not over.
#[utoipa::path(
    post, path = "/api/auth/erase", tag = "account",
    responses(
        (status = 200, body = Done),
        (status = 409, description = "A service runs, a payment or a mail is under way; `detail` says what"),
    ),
)]
pub(crate) async fn erase_own(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
) -> Result<HttpResponse, Problem> {
    let customer = who.customer.id;
    erase(&state, &request, &who, customer).await?;
    Ok(HttpResponse::Ok().insert_header(state.cookie().clear()).json(DONE))
}

/// Erases a customer. Asks for a fresh proof; refused while something is not over.
#[utoipa::path(
    post, path = "/api/staff/customers/{customerId}/erase", tag = "staff",
    params(("customerId" = String, Path, description = "From the search")),
    responses(
        (status = 200, body = Done),
        (status = 404, description = "There is no such customer"),
        (status = 409, description = "Something is not over, or the account works for the shop"),
    ),
)]
pub(crate) async fn erase_customer(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let customer = id.parse().map_err(|_| unknown())?;
    erase(&state, &request, &who, customer).await?;
    Ok(HttpResponse::Ok().json(DONE))
}

async fn erase(
    state: &ApiState,
    request: &HttpRequest,
    who: &Caller,
    customer: Id<entity::Customer>,
) -> Result<(), Problem> {
    let (world, origin, actor) = (state.world.clone(), web::origin(request), who.actor());
    let work = async move { flows::erase_person(world.db(), &mut world.env(), (&actor, customer), &origin).await };
    Ok(detached(work).await??)
}

fn unknown() -> Problem {
    Problem::not_found("There is no such customer.")
}
