//! Websites: the provider writes the website's record, which is the delivery as far as it goes today.
//!
//! The record is written by one statement, so there is no moment at which half of it exists, and creating again finds
//! what is there.

use std::time::Duration;

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};
use kernel::{Id, Page};
use provisioning::{
    Ability, AccessField, BoxFuture, Capabilities, DomainName, Health, Listed, Lookup, Provider, ProviderError, Remote,
    RemoteRef, RemoteState, ServiceOrder, SettingsProblem, Step, Target,
};
use serde_json::Value;
use uuid::Uuid;

use panels::settings::listed;

pub(super) mod plan;

use panels::names::domains;
use plan::Plan;

/// Kinds of product that end in a website.
const KINDS: &[&str] = &["hosting", "wordpress"];
/// Where free subdomains are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebsiteSettings {
    /// The domain beneath which free subdomains are given, e.g. `sites.example.com`; a product may have another.
    pub subdomain_base: DomainName,
}

/// Delivers websites.
pub struct WebsiteProvider {
    pool: Pool<AsyncPgConnection>,
    settings: WebsiteSettings,
}

#[derive(QueryableByName)]
struct ListedWebsite {
    #[diesel(embed)]
    website: Website,
    #[diesel(sql_type = SqlUuid)]
    service_id: Uuid,
}

#[derive(QueryableByName)]
struct Website {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    customer_id: Uuid,
    #[diesel(sql_type = Text)]
    domain: String,
    #[diesel(sql_type = Text)]
    php_version: String,
    #[diesel(sql_type = Text)]
    status: String,
}

/// Any clash is left to what is read afterwards: a website of this service, or a domain that another one has.
const INSERT: &str = "INSERT INTO websites \
     (id, service_id, customer_id, domain, php_version, status, created_at, updated_at) \
     VALUES (gen_random_uuid(), $1, $2, $3, $4, 'active', now(), now()) ON CONFLICT DO NOTHING";
const BY_SERVICE: &str = "SELECT id, customer_id, domain, php_version, status FROM websites WHERE service_id = $1";
const BY_ID: &str = "SELECT id, customer_id, domain, php_version, status FROM websites WHERE id = $1";

const LIST: &str = "SELECT id, service_id, customer_id, domain, php_version, status FROM websites \
     WHERE id > $1 AND status <> 'terminated' ORDER BY id LIMIT 500";
/// Of this service only, and never back from its end.
const SUSPEND: &str = "UPDATE websites SET status = 'suspended', updated_at = now() \
     WHERE id = $1 AND service_id = $2 AND status <> 'terminated'";
const RESUME: &str = "UPDATE websites SET status = 'active', updated_at = now() \
     WHERE id = $1 AND service_id = $2 AND status <> 'terminated'";
/// The record stays, so that its key is never used again; its domain is free.
const TERMINATE: &str = "UPDATE websites SET status = 'terminated', domain = id::text || '.ended.invalid', \
     updated_at = now() WHERE id = $1 AND service_id = $2 AND status <> 'terminated'";
/// What is done with a record: all of it by one statement that may be repeated.
const DOES: &[Ability] = &[Ability::Suspend, Ability::Resume, Ability::Terminate];
/// How many websites a page of the list has.
const PAGE: usize = 500;
/// A statement whose answer was lost has run or never will, once its connection is gone.
const SETTLE: Duration = Duration::from_secs(10);

impl WebsiteProvider {
    /// The provider on this database.
    pub const fn new(pool: Pool<AsyncPgConnection>, settings: WebsiteSettings) -> Self {
        Self { pool, settings }
    }

    async fn select(&self, statement: &'static str, id: Uuid) -> Result<Option<Website>, ProviderError> {
        let mut connection = self.pool.get().await.map_err(|_| no_connection())?;
        let query = diesel::sql_query(statement).bind::<SqlUuid, _>(id);
        query.get_result(&mut connection).await.optional().map_err(|error| database(&error))
    }

    async fn insert(&self, order: &ServiceOrder, domain: &str, plan: &Plan) -> Result<(), ProviderError> {
        let mut connection = self.pool.get().await.map_err(|_| no_connection())?;
        let statement = diesel::sql_query(INSERT)
            .bind::<SqlUuid, _>(order.service.uuid())
            .bind::<SqlUuid, _>(order.owner.customer.uuid())
            .bind::<Text, _>(domain)
            .bind::<Text, _>(&plan.php_version);
        statement.execute(&mut connection).await.map(|_| ()).map_err(|error| database(&error))
    }

    async fn lookup(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        let found = self.select(BY_SERVICE, order.service.uuid()).await?;
        let Some(website) = found.filter(|website| !website.has_ended()) else { return Ok(Lookup::Absent) };
        if website.customer_id != order.owner.customer.uuid() {
            return Ok(Lookup::Foreign(format!("the website {} belongs to another customer", website.domain)));
        }
        website.into_remote().map(Lookup::Ours)
    }

    async fn list(&self, page: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        let after = page.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_default();
        let mut connection = self.pool.get().await.map_err(|_| no_connection())?;
        let query = diesel::sql_query(LIST).bind::<SqlUuid, _>(after);
        let rows: Vec<ListedWebsite> = query.get_results(&mut connection).await.map_err(|error| database(&error))?;
        let next = rows.last().filter(|_| rows.len() == PAGE).map(|row| row.website.id.to_string());
        let read = |row: ListedWebsite| {
            let Remote { reference, state, .. } = row.website.into_remote()?;
            Ok(Listed { service: Some(Id::from_uuid(row.service_id)), reference, state, access: None })
        };
        Ok(Page { items: rows.into_iter().map(read).collect::<Result<_, ProviderError>>()?, next })
    }

    async fn make(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        let plan = Plan::read(&order.settings)
            .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))?;
        if self.select(BY_SERVICE, order.service.uuid()).await?.is_some_and(|website| website.has_ended()) {
            return Err(refused("the website of this service has ended; it is not made a second time"));
        }
        let base = plan.subdomain_base.as_ref().unwrap_or(&self.settings.subdomain_base);
        for domain in domains(order.delivery.domain.as_ref(), base, order.service)? {
            self.insert(order, &domain, &plan).await?;
            match self.lookup(order).await? {
                Lookup::Ours(remote) => return Ok(remote),
                Lookup::Foreign(detail) => return Err(refused(detail)),
                Lookup::Absent => {}
            }
        }
        Err(refused("the domain is taken by another service; agree on another one with the customer"))
    }

    async fn read(&self, reference: &RemoteRef) -> Result<Remote, ProviderError> {
        let id = Uuid::try_parse(&reference.id).map_err(|_| refused("the website's id is no UUID"))?;
        let website = self.select(BY_ID, id).await?.filter(|website| !website.has_ended());
        website.ok_or_else(|| gone(id))?.into_remote()
    }

    async fn change(&self, target: &Target, statement: &'static str) -> Result<Step, ProviderError> {
        let id = Uuid::try_parse(&target.reference.id).map_err(|_| refused("the website's id is no UUID"))?;
        let mut connection = self.pool.get().await.map_err(|_| no_connection())?;
        let query = diesel::sql_query(statement).bind::<SqlUuid, _>(id).bind::<SqlUuid, _>(target.service.uuid());
        let changed = query.execute(&mut connection).await.map_err(|error| database(&error))?;
        drop(connection);
        if changed == 1 {
            return Ok(Step::Done);
        }
        match self.select(BY_ID, id).await?.filter(|website| !website.has_ended()) {
            Some(_) => Err(refused(format!("the website {id} is another service's"))),
            None => Err(gone(id)),
        }
    }

    async fn ask(&self) -> Result<Health, ProviderError> {
        self.select(BY_ID, Uuid::nil()).await?;
        Ok(Health { flavour: "website records".to_owned(), notes: Vec::new() })
    }
}

impl Website {
    fn has_ended(&self) -> bool {
        self.status == "terminated"
    }

    fn into_remote(self) -> Result<Remote, ProviderError> {
        let state = match self.status.as_str() {
            "active" => RemoteState::Ready,
            "suspended" => RemoteState::Suspended,
            other => return Err(unavailable(format!("the website has the status {other}, which is not known here"))),
        };
        let field = |label: &str, value: String| AccessField { label: label.to_owned(), value };
        let access = vec![field("Website", format!("http://{}", self.domain)), field("PHP version", self.php_version)];
        let reference = RemoteRef { id: self.id.to_string(), identifier: self.domain };
        Ok(Remote { reference, state, access })
    }
}

fn gone(id: Uuid) -> ProviderError {
    ProviderError::Gone { detail: format!("there is no website {id} any more") }
}

fn refused(detail: impl Into<String>) -> ProviderError {
    ProviderError::Refused { detail: detail.into() }
}

fn unavailable(detail: impl Into<String>) -> ProviderError {
    ProviderError::Unavailable { detail: detail.into(), retry_after: None }
}

fn no_connection() -> ProviderError {
    unavailable("no connection to the database")
}

/// The statement may have been executed although its answer was lost; since it is idempotent, trying again is right.
fn database(error: &diesel::result::Error) -> ProviderError {
    unavailable(format!("the website's record could not be read or written: {error}"))
}

impl Provider for WebsiteProvider {
    fn capabilities(&self) -> Capabilities {
        Capabilities { kinds: KINDS, installs: false, finds: true, lists: true, settle: SETTLE, does: DOES }
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        let mut problems = panels::kind_problems(kind, KINDS);
        problems.extend(Plan::read(settings).err().unwrap_or_default());
        problems
    }

    fn find<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Lookup, ProviderError>> {
        Box::pin(self.lookup(order))
    }

    fn create<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        Box::pin(self.make(order))
    }

    fn list_ours<'a>(&'a self, page: Option<&'a str>) -> BoxFuture<'a, Result<Page<Listed>, ProviderError>> {
        Box::pin(self.list(page))
    }

    fn observe<'a>(&'a self, remote: &'a RemoteRef) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        Box::pin(self.read(remote))
    }

    fn check(&self) -> BoxFuture<'_, Result<Health, ProviderError>> {
        Box::pin(self.ask())
    }

    fn suspend<'a>(&'a self, target: &'a Target, _why: &'a str) -> BoxFuture<'a, Result<Step, ProviderError>> {
        Box::pin(self.change(target, SUSPEND))
    }

    fn resume<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        Box::pin(self.change(target, RESUME))
    }

    fn terminate<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        Box::pin(self.change(target, TERMINATE))
    }
}
