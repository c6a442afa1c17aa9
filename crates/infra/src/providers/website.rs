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
use kernel::{Id, Page, entity};
use provisioning::{
    AccessField, BoxFuture, Capabilities, DomainChoice, DomainName, Listed, Lookup, Provider, ProviderError, Remote,
    RemoteRef, RemoteState, ServiceOrder, SettingsProblem,
};
use serde_json::Value;
use uuid::Uuid;

use super::settings::{Reader, listed};

/// Kinds of product that end in a website.
const KINDS: &[&str] = &["hosting", "wordpress"];
/// Versions of PHP that a product may promise.
const PHP_VERSIONS: [&str; 4] = ["8.1", "8.2", "8.3", "8.4"];
/// Names that people would take for the shop's own; nobody gets them for the asking.
const RESERVED: [&str; 18] = [
    "www",
    "mail",
    "smtp",
    "imap",
    "pop",
    "ftp",
    "api",
    "app",
    "admin",
    "panel",
    "billing",
    "support",
    "status",
    "ns1",
    "ns2",
    "autoconfig",
    "autodiscover",
    "webmail",
];

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

/// A product's settings: `{ php_version = "8.3", disk_mb = 10240 }`, and `subdomain_base` and `wordpress` where they
/// differ from the usual.
struct Plan {
    php_version: String,
    subdomain_base: Option<DomainName>,
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
     WHERE id > $1 ORDER BY id LIMIT 500";
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
        let Some(website) = self.select(BY_SERVICE, order.service.uuid()).await? else { return Ok(Lookup::Absent) };
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
            Ok(Listed { service: Some(Id::from_uuid(row.service_id)), reference, state })
        };
        Ok(Page { items: rows.into_iter().map(read).collect::<Result<_, ProviderError>>()?, next })
    }

    async fn make(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        let plan = Plan::read(&order.settings)
            .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))?;
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
        let website = self.select(BY_ID, id).await?;
        website.ok_or_else(|| refused(format!("there is no website {id} any more")))?.into_remote()
    }
}

impl Website {
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

impl Plan {
    fn read(settings: &Value) -> Result<Self, Vec<SettingsProblem>> {
        let mut reader = Reader::new(settings);
        let _ = reader.required("php_version");
        let is_version = |text: &str| PHP_VERSIONS.contains(&text);
        let expected = format!("expected a text, one of {}", PHP_VERSIONS.join(", "));
        let php_version = reader.text("php_version", is_version, &expected).unwrap_or_default();
        let is_domain = |text: &str| text.parse::<DomainName>().is_ok();
        let base = reader.text("subdomain_base", is_domain, "expected a domain such as sites.example.com");
        reader.number("disk_mb", 1..=i64::from(i32::MAX), Some(1));
        reader.flag("wordpress");
        reader.finish(Self { php_version, subdomain_base: base.and_then(|text| text.parse().ok()) })
    }
}

/// The names to try, best first. Every fallback is made of the service's id, so that trying again tries the same.
fn domains(
    choice: Option<&DomainChoice>,
    base: &DomainName,
    service: Id<entity::Service>,
) -> Result<Vec<String>, ProviderError> {
    let id = service.uuid().simple().to_string();
    // The end of the id is its random part.
    let tail = |count: usize| id.chars().skip(id.len().saturating_sub(count)).collect::<String>();
    let site = format!("site-{}.{base}", tail(8));
    let long = format!("site-{id}.{base}");
    Ok(match choice {
        Some(DomainChoice::Own(domain)) => {
            let beneath = domain.as_str().ends_with(&format!(".{base}"));
            if beneath || domain == base {
                return Err(refused(format!("{domain} is one of our own names and not a domain of the customer's")));
            }
            vec![domain.to_string()]
        }
        Some(DomainChoice::Subdomain(label)) if RESERVED.contains(&label.as_str()) => {
            vec![format!("{label}-{}.{base}", tail(6)), site, long]
        }
        Some(DomainChoice::Subdomain(label)) => {
            vec![format!("{label}.{base}"), format!("{label}-{}.{base}", tail(6)), site, long]
        }
        None => vec![site, long],
    })
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
        Capabilities { kinds: KINDS, installs: false, finds: true, lists: true, settle: SETTLE }
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        let mut problems = super::kind_problems(kind, KINDS);
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
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;
    use serde_json::json;

    fn places(settings: &Value) -> Vec<String> {
        let Err(problems) = Plan::read(settings) else { return Vec::new() };
        problems.into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn settings_are_checked_each_with_its_place() {
        assert!(places(&json!({ "php_version": "8.3", "disk_mb": 10240, "wordpress": true })).is_empty());
        assert!(places(&json!({ "php_version": "8.1", "subdomain_base": "sites.example.com" })).is_empty());
        assert_eq!(places(&json!({})), ["php_version"]);
        assert_eq!(places(&json!({ "php_version": 8.3 })), ["php_version"]);
        assert_eq!(places(&json!({ "php_version": "5.6", "disk_mb": 0 })), ["php_version", "disk_mb"]);
        assert_eq!(
            places(&json!({ "php_version": "8.3", "subdomain_base": "x", "php": 1 })),
            ["subdomain_base", "php"]
        );
    }

    fn tried(choice: Option<&DomainChoice>) -> Vec<String> {
        let service = "svc_0198c0ffee007000800000000abcdef1".parse().unwrap();
        domains(choice, &"sites.example.com".parse().unwrap(), service).unwrap()
    }

    #[test]
    fn a_wish_comes_first_and_fallbacks_are_made_of_the_services_id() {
        let wish = DomainChoice::subdomain("my-site").unwrap();
        let expected = [
            "my-site.sites.example.com",
            "my-site-bcdef1.sites.example.com",
            "site-0abcdef1.sites.example.com",
            "site-0198c0ffee007000800000000abcdef1.sites.example.com",
        ];
        assert_eq!(tried(Some(&wish)), expected);
        assert_eq!(tried(None), expected[2..]);
    }

    #[test]
    fn names_of_the_shops_own_are_not_given_away() {
        let wish = DomainChoice::subdomain("www").unwrap();
        assert_eq!(tried(Some(&wish))[0], "www-bcdef1.sites.example.com");
        let service = "svc_0198c0ffee007000800000000abcdef1".parse().unwrap();
        let base: DomainName = "sites.example.com".parse().unwrap();
        for own in ["sites.example.com", "victim.sites.example.com"] {
            let choice = DomainChoice::Own(own.parse().unwrap());
            assert!(matches!(domains(Some(&choice), &base, service), Err(ProviderError::Refused { .. })), "{own}");
        }
        let choice = DomainChoice::Own("example.org".parse().unwrap());
        assert_eq!(tried(Some(&choice)), ["example.org"]);
    }
}
