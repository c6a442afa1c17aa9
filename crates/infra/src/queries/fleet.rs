//! The shop's services in a list, and one with what was done to it.

use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, Transact, entity};
use provisioning::{Operation, OperationStore, Service, ServiceStore};
use uuid::Uuid;

use crate::{db::Db, schema::services as table};

/// How many operations a service's page has.
const OPERATIONS: i64 = 50;

/// A service in the shop's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLine {
    /// Its id.
    pub id: Id<entity::Service>,
    /// The state's word.
    pub status: String,
    /// Who delivers it.
    pub provider: String,
    /// What it is called there.
    pub remote: Option<String>,
    /// The plan's code.
    pub plan: String,
    /// What it is called.
    pub label: String,
    /// Whose it is.
    pub email: String,
    /// When it was promised.
    pub created_at: Timestamp,
}

/// Which services.
#[derive(Debug, Clone, Default)]
pub struct ServiceFilter {
    /// Of this state's word only.
    pub status: Option<String>,
    /// Of this provider only.
    pub provider: Option<String>,
    /// Older than this one: the last of the page before.
    pub before: Option<Id<entity::Service>>,
}

/// A service and what was done to it.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePage {
    /// It.
    pub service: Service,
    /// What was done to it, the newest first.
    pub operations: Vec<Operation>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    status: String,
    provider: String,
    remote_identifier: Option<String>,
    plan_code: String,
    label: String,
    owner_email: String,
    created_at: Timestamp,
}

impl From<Row> for ServiceLine {
    fn from(row: Row) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            status: row.status,
            provider: row.provider,
            remote: row.remote_identifier,
            plan: row.plan_code,
            label: row.label,
            email: row.owner_email,
            created_at: row.created_at,
        }
    }
}

/// The newest services that fit.
///
/// # Errors
/// The store's.
pub async fn services_list(db: &Db, filter: &ServiceFilter, limit: i64) -> Result<Vec<ServiceLine>, StoreError> {
    let mut query = table::table.select(Row::as_select()).into_boxed();
    if let Some(status) = &filter.status {
        query = query.filter(table::status.eq(status.clone()));
    }
    if let Some(provider) = &filter.provider {
        query = query.filter(table::provider.eq(provider.clone()));
    }
    if let Some(before) = filter.before {
        query = query.filter(table::id.lt(before.uuid()));
    }
    let query = query.order(table::id.desc()).limit(limit);
    let rows: Vec<Row> = db.transaction(async |tx| tx.load("services in a list", query).await).await?;
    Ok(rows.into_iter().map(ServiceLine::from).collect())
}

/// One service's page, as of one moment.
///
/// # Errors
/// The store's.
pub async fn service_page(db: &Db, id: Id<entity::Service>) -> Result<Option<ServicePage>, StoreError> {
    db.transaction(async |tx| {
        let Some(service) = tx.service(id).await? else { return Ok(None) };
        let operations = tx.operations_of(id, OPERATIONS).await?;
        Ok(Some(ServicePage { service, operations }))
    })
    .await
}
