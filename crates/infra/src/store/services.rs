//! Services: what was bought and is delivered.

use diesel::prelude::*;
use kernel::{Id, Slug, StoreError, Timestamp, entity};
use provisioning::{Owner, RemoteRef, Service, ServiceState, ServiceStore, SuspendReason};
use serde_json::Value;
use uuid::Uuid;

use super::{Place, to_json};
use crate::{db::PgTx, schema::services};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = services, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
struct ServiceRow {
    id: Uuid,
    order_id: Uuid,
    customer_id: Uuid,
    owner_email: String,
    owner_name: String,
    plan_code: String,
    kind: String,
    label: String,
    provider: String,
    settings: Value,
    delivery: Value,
    #[diesel(embed)]
    state: StateColumns,
    access: Value,
    created_at: Timestamp,
}

#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = services, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct StateColumns {
    status: String,
    remote_id: Option<String>,
    remote_identifier: Option<String>,
    failure_reason: Option<String>,
    suspend_reason: Option<String>,
}

impl From<&ServiceState> for StateColumns {
    fn from(state: &ServiceState) -> Self {
        let remote = state.known_as();
        let (failure_reason, suspend_reason) = match state {
            ServiceState::FailedSetup { reason, .. } => (Some(reason.clone()), None),
            ServiceState::Suspended { reason, .. } => (None, Some(reason.as_str().to_owned())),
            ServiceState::Pending
            | ServiceState::Provisioning
            | ServiceState::Uncertain
            | ServiceState::Installing(_)
            | ServiceState::Active(_)
            | ServiceState::Terminating(_)
            | ServiceState::Terminated(_) => (None, None),
        };
        Self {
            status: state.as_str().to_owned(),
            remote_id: remote.map(|remote| remote.id.clone()),
            remote_identifier: remote.map(|remote| remote.identifier.clone()),
            failure_reason,
            suspend_reason,
        }
    }
}

impl StateColumns {
    fn into_state(self, place: Place) -> Result<ServiceState, StoreError> {
        let remote = match (self.remote_id, self.remote_identifier) {
            (Some(id), Some(identifier)) => Some(RemoteRef { id, identifier }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(place.impossible("remote_id")),
        };
        let reason =
            self.suspend_reason.as_deref().map(|word| place.word("suspend_reason", SuspendReason::parse(word)));
        match (self.status.as_str(), remote, self.failure_reason) {
            ("suspended", Some(remote), None) => {
                let reason = reason.transpose()?.ok_or_else(|| place.impossible("suspend_reason"))?;
                Ok(ServiceState::Suspended { remote, reason })
            }
            _ if reason.is_some() => Err(place.impossible("suspend_reason")),
            ("terminating", Some(remote), None) => Ok(ServiceState::Terminating(remote)),
            ("terminated", Some(remote), None) => Ok(ServiceState::Terminated(remote)),
            ("pending", None, None) => Ok(ServiceState::Pending),
            ("provisioning", None, None) => Ok(ServiceState::Provisioning),
            ("uncertain", None, None) => Ok(ServiceState::Uncertain),
            ("installing", Some(remote), None) => Ok(ServiceState::Installing(remote)),
            ("active", Some(remote), None) => Ok(ServiceState::Active(remote)),
            ("failed_setup", remote, Some(reason)) => Ok(ServiceState::FailedSetup { reason, remote }),
            _ => Err(place.impossible("status")),
        }
    }
}

impl ServiceRow {
    fn new(service: &Service) -> Result<Self, StoreError> {
        Ok(Self {
            id: service.id.uuid(),
            order_id: service.order.uuid(),
            customer_id: service.owner.customer.uuid(),
            owner_email: service.owner.email.as_str().to_owned(),
            owner_name: service.owner.name.clone(),
            plan_code: service.plan.as_str().to_owned(),
            kind: service.kind.clone(),
            label: service.label.clone(),
            provider: service.provider.as_str().to_owned(),
            settings: service.settings.clone(),
            delivery: to_json("a service's delivery", &service.delivery)?,
            state: StateColumns::from(&service.state),
            access: to_json("a service's access", &service.access)?,
            created_at: service.created_at,
        })
    }
}

impl TryFrom<ServiceRow> for Service {
    type Error = StoreError;

    fn try_from(row: ServiceRow) -> Result<Self, StoreError> {
        let place = Place::new("services", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            order: Id::from_uuid(row.order_id),
            owner: Owner {
                customer: Id::from_uuid(row.customer_id),
                email: place.parse("owner_email", &row.owner_email)?,
                name: row.owner_name,
            },
            plan: place.parse("plan_code", &row.plan_code)?,
            kind: row.kind,
            label: row.label,
            provider: place.parse("provider", &row.provider)?,
            settings: row.settings,
            delivery: place.json("delivery", row.delivery)?,
            state: row.state.into_state(place)?,
            access: place.json("access", row.access)?,
            created_at: row.created_at,
        })
    }
}

impl ServiceStore for PgTx {
    async fn insert_service(&mut self, service: &Service) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(services::table).values(ServiceRow::new(service)?);
        let inserted = self.execute("insert a service", insert.on_conflict(services::order_id).do_nothing()).await?;
        Ok(inserted == 1)
    }

    async fn service(&mut self, id: Id<entity::Service>) -> Result<Option<Service>, StoreError> {
        let query = services::table.find(id.uuid()).select(ServiceRow::as_select());
        self.first("a service", query).await?.map(Service::try_from).transpose()
    }

    async fn lock_service(&mut self, id: Id<entity::Service>) -> Result<Option<Service>, StoreError> {
        let query = services::table.find(id.uuid()).select(ServiceRow::as_select()).for_update();
        self.first("lock a service", query).await?.map(Service::try_from).transpose()
    }

    async fn service_of(&mut self, order: Id<entity::Order>) -> Result<Option<Service>, StoreError> {
        let query = services::table.filter(services::order_id.eq(order.uuid())).select(ServiceRow::as_select());
        self.first("an order's service", query).await?.map(Service::try_from).transpose()
    }

    async fn services_at(
        &mut self,
        provider: &Slug,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> Result<Vec<Service>, StoreError> {
        let there = services::table
            .filter(services::provider.eq(provider.as_str().to_owned()))
            .filter(services::remote_id.is_not_null())
            .filter(services::status.ne("terminated".to_owned()))
            .filter(services::id.gt(after.map(Id::uuid).unwrap_or_default()));
        let query = there.order(services::id).limit(limit).select(ServiceRow::as_select());
        self.load("services at a provider", query).await?.into_iter().map(Service::try_from).collect()
    }

    async fn save_service(&mut self, service: &Service) -> Result<(), StoreError> {
        let access = to_json("a service's access", &service.access)?;
        let changes = (
            StateColumns::from(&service.state),
            services::access.eq(access),
            services::updated_at.eq(diesel::dsl::now),
        );
        let update = diesel::update(services::table.find(service.id.uuid())).set(changes);
        self.execute_one("save a service", update).await
    }
}
