//! `/account/services/{service}`: one service of the customer's, and what they do with it.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    rt::time::timeout,
    web::{Form, Path, Query},
};
use audit::Origin;
use flows::{ManageError, SignedIn};
use infra::queries::ServiceView;
use kernel::{Failure as _, FailureKind, Id, entity};
use provisioning::{Ability, Power, ProviderError};
use secrecy::SecretString;

use super::{State, mailed::read};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    origin::origin,
    say::{Say, say},
    site::Site,
    views::{
        self,
        service::{Notice, UsageView, powered},
    },
    visitor::{Parameters, Visitor, value},
};

/// A page does not wait longer for what it can do without.
const PATIENCE: Duration = Duration::from_secs(3);

type Service = Id<entity::Service>;

fn id(path: &str) -> Result<Service, PageError> {
    path.parse().map_err(|_| PageError::NotFound)
}

pub(crate) async fn show<W: Site>(
    state: State<W>,
    request: HttpRequest,
    path: Path<String>,
    query: Query<Parameters>,
) -> HttpResponse {
    let done = value(&query, "done");
    let text = if done == "password" { Some(say("service-password-set")) } else { Power::parse(&done).map(powered) };
    let notice = text.map(|text| Notice { text, good: true });
    let result = page(&state, &request, &path, (StatusCode::OK, notice)).await;
    state.answer(&request, result)
}

async fn page<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<HttpResponse, PageError> {
    let (who, id) = (state.customer(request).await?, id(path)?);
    let row = own(state, &who, id).await?;
    let service = flows::own_service(&*state.world, &who, id).await.map_err(refused)?;
    let abilities = flows::abilities(&*state.world, &service);
    let tells = abilities.contains(&Ability::Usage);
    let usage = if tells { Some(usage(state, &who, &service, &origin(request)).await) } else { None };
    let view = views::service::service(&who, &row, &abilities, usage, notice);
    let head = Head::account(row.label.clone(), &Visitor(Some(who)), "services");
    state.page("service", &head, &view, (status, Keep::Never))
}

/// One of the customer's own, as their list has it.
async fn own<W: Site>(state: &State<W>, who: &SignedIn, id: Service) -> Result<ServiceView, PageError> {
    let all = state.world.services(who.customer.id).await?;
    all.into_iter().find(|row| row.id == id).ok_or(PageError::NotFound)
}

/// A panel that is slow or away must not take the page with it.
async fn usage<W: Site>(state: &State<W>, who: &SignedIn, service: &provisioning::Service, from: &Origin) -> UsageView {
    match timeout(PATIENCE, flows::service_usage(&*state.world, who, service, from)).await {
        Ok(Ok(usage)) => usage.into(),
        Ok(Err(error)) => {
            tracing::info!(service.id = %service.id, error = %error, error.code = error.code(), "what a service uses is not known");
            UsageView::Away(true)
        }
        Err(_) => UsageView::Away(true),
    }
}

/// Starts or stops it.
pub(crate) async fn power<W: Site>(
    state: State<W>,
    request: HttpRequest,
    path: Path<String>,
    form: Result<Form<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => powering(&state, &request, &path, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn powering<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let (who, id) = (state.customer(request).await?, id(path)?);
    let Some(power) = Power::parse(&value(form, "power")) else {
        return Err(PageError::BadForm(StatusCode::BAD_REQUEST));
    };
    match flows::power_service(&*state.world, &who, (id, power), &origin(request)).await {
        Ok(()) => Ok(see_other(&format!("/account/services/{id}?done={}", power.as_str()))),
        Err(error) => explained(state, request, path, error).await,
    }
}

/// Sets the password that its owner signs in with there. It is in no page, no log and no record.
pub(crate) async fn password<W: Site>(
    state: State<W>,
    request: HttpRequest,
    path: Path<String>,
    form: Result<Form<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => choosing(&state, &request, &path, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn choosing<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let (who, id) = (state.customer(request).await?, id(path)?);
    let password = SecretString::from(form.get("password").cloned().unwrap_or_default());
    match flows::set_service_password(&*state.world, &who, (id, &password), &origin(request)).await {
        Ok(()) => Ok(see_other(&format!("/account/services/{id}?done=password"))),
        Err(error) => explained(state, request, path, error).await,
    }
}

/// Leads on to where its owner manages it. An address that signs in is made for this one click.
pub(crate) async fn console<W: Site>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = leading_on(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn leading_on<W: Site>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let (who, id) = (state.customer(request).await?, id(path)?);
    let url = match flows::service_console(&*state.world, &who, id, &origin(request)).await {
        Ok(link) if link.url.starts_with("https://") || link.url.starts_with("http://") => link.url,
        Ok(_) => {
            let away = Notice { text: say("service-provider-away"), good: false };
            return page(state, request, path, (StatusCode::BAD_GATEWAY, Some(away))).await;
        }
        Err(error) => return explained(state, request, path, error).await,
    };
    let head = Head { go_to: Some(url.clone()), ..Head::narrow(say("console-title"), &Visitor(Some(who))) };
    state.page("to_console", &head, &serde_json::json!({ "url": url }), (StatusCode::OK, Keep::Never))
}

/// The same page, with what went wrong in words for its owner.
async fn explained<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    error: ManageError,
) -> Result<HttpResponse, PageError> {
    let Some(text) = words(&error) else { return Err(refused(error)) };
    tracing::warn!(error = %error, error.code = error.code(), "a service's owner was refused by its provider");
    let status = if error.kind() == FailureKind::Unavailable {
        StatusCode::SERVICE_UNAVAILABLE
    } else if error.kind() == FailureKind::Invalid {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::CONFLICT
    };
    page(state, request, path, (status, Some(Notice { text, good: false }))).await
}

fn words(error: &ManageError) -> Option<Say> {
    match error {
        ManageError::Password { min, max } => Some(say("service-password-wrong").with("min", *min).with("max", *max)),
        ManageError::NotRunning(_) => Some(say("service-not-running")),
        ManageError::NoProvider | ManageError::Provider(ProviderError::Unsupported { .. }) => {
            Some(say("service-provider-cannot"))
        }
        ManageError::Provider(
            ProviderError::Refused { .. } | ProviderError::Gone { .. } | ProviderError::NoCapacity { .. },
        ) => Some(say("service-provider-cannot")),
        ManageError::Provider(ProviderError::Unknown { .. }) => Some(say("service-provider-unsure")),
        ManageError::Provider(ProviderError::Unavailable { .. } | ProviderError::Busy { .. }) => {
            Some(say("service-provider-away"))
        }
        ManageError::NotFound | ManageError::Limited(_) | ManageError::Store(_) => None,
    }
}

fn refused(error: ManageError) -> PageError {
    if matches!(error, ManageError::NotFound) { PageError::NotFound } else { error.into() }
}
