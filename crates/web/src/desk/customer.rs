//! `GET /desk/customers/{customer}`: a customer, what they bought and where it stands.

use accounts::{AccountStore as _, Customer, Permission::ActForCustomers, User};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use flows::StaffError;
use infra::queries::{self, OrderFilter};
use kernel::{Id, StoreError, Transact as _, entity};
use serde::Serialize;

use super::{
    Desk,
    mails::{self, MailRow},
    orders::OrderRow,
    words::{Notice, State as Badge, plain_state},
};
use crate::{
    answer::{Keep, PageError},
    head::Head,
    origin::origin,
    pages::State,
    say::{Fill, say},
    visitor::{Visitor, query, value},
};

/// Orders on the page.
const SHOWN: i64 = 100;
/// Mails on the page.
const MAILS: i64 = 50;

#[derive(Debug, Serialize)]
struct ServiceRow {
    label: String,
    plan_name: String,
    state: Badge,
    order_url: String,
}

#[derive(Debug, Serialize)]
struct CustomerView {
    notice: Option<Notice>,
    id: String,
    url: String,
    name: String,
    email: String,
    role: &'static str,
    gateway_id: Option<String>,
    since: Fill,
    never_signed_in: bool,
    may_act: bool,
    services: Vec<ServiceRow>,
    orders: Vec<OrderRow>,
    mails: Vec<MailRow>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let notice = mails::notice(&value(&query(&request), "done"));
    let result = page(&state, &request, &path, (StatusCode::OK, notice)).await;
    state.answer(&request, result)
}

async fn known<W: Desk>(state: &State<W>, id: Id<entity::Customer>) -> Result<Option<(Customer, User)>, StoreError> {
    let read = async |tx: &mut W::Tx| {
        let Some(customer) = tx.customer(id).await? else { return Ok(None) };
        Ok(tx.user(customer.user).await?.map(|user| (customer, user)))
    };
    state.world.db().transaction(read).await
}

pub(super) async fn page<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let id = path.parse().map_err(|_| PageError::NotFound)?;
    let (customer, user) = known(state, id).await?.ok_or(PageError::NotFound)?;
    let record = state.world.record();
    let filter = OrderFilter { customer: Some(id), ..OrderFilter::default() };
    let orders = queries::orders_list(record, &filter, SHOWN).await?;
    let services = queries::services(record, id).await?.into_iter().map(|service| ServiceRow {
        state: plain_state(&service.status),
        order_url: format!("/desk/orders/{}", service.order),
        label: service.label,
        plan_name: service.plan_name,
    });
    let mails = queries::mails_of_customer(record, (id, customer.email.as_str()), MAILS).await?;
    let mut mails: Vec<MailRow> = mails.into_iter().map(MailRow::from).collect();
    mails::offered(&visitor, &mut mails);
    let may_act = visitor.0.as_ref().is_some_and(|who| who.user.role.may(ActForCustomers)) && !user.role.is_staff();
    let view = CustomerView {
        notice,
        url: format!("/desk/customers/{id}"),
        id: id.to_string(),
        name: customer.name.clone(),
        email: customer.email.to_string(),
        role: user.role.as_str(),
        gateway_id: customer.gateway_id,
        since: user.created_at.into(),
        never_signed_in: user.must_change_password,
        may_act,
        services: services.collect(),
        orders: orders.into_iter().map(OrderRow::from).collect(),
        mails,
    };
    state.page("desk/customer", &Head::desk(customer.name, &visitor), &view, (status, Keep::Never))
}

/// Goes on in the customer's place.
pub(crate) async fn act<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = acting(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn acting<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let customer = path.parse().map_err(|_| PageError::NotFound)?;
    match flows::act_for(&*state.world, &who, customer, &origin(request)).await {
        Ok(session) => Ok(state.welcome(&session, "/account")),
        Err(StaffError::Unknown) => Err(PageError::NotFound),
        Err(StaffError::NotACustomer) => {
            let notice = Notice::refused(say("desk-act-not-for-staff"));
            page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await
        }
        Err(error) => Err(error.into()),
    }
}
