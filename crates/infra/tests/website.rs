//! The website provider on PostgreSQL. Wants `TEST_DATABASE_URL`, as `scripts/test` sets it; each test has a schema of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and are told of the database by the environment"
)]

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use infra::providers::website::{WebsiteProvider, WebsiteSettings};
use kernel::{Clock, Env, Id, Timestamp, entity};
use provisioning::{
    AccessField, BoxFuture, DomainChoice, Lookup, Provider, ProviderError, RemoteState, ServiceOrder, Target,
    testing::{Stage, provider_conforms, sample_order},
};
use serde_json::json;

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().expect("an instant")
    }
}

const TABLE: &str = "CREATE TABLE websites (id uuid PRIMARY KEY, service_id uuid NOT NULL UNIQUE, \
     customer_id uuid NOT NULL, domain text NOT NULL UNIQUE, php_version text NOT NULL, status text NOT NULL, \
     created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL)";

/// Runs a test on an empty table of its own.
async fn with_table<F: Future<Output = ()>>(test: impl FnOnce(Pool<AsyncPgConnection>) -> F) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let given = std::env::var("TEST_DATABASE_URL").or_else(|_| std::env::var("DATABASE_URL"));
    let url = given.expect("TEST_DATABASE_URL names a database; scripts/test sets it");
    let schema = format!("website_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = AsyncPgConnection::establish(&url).await.unwrap();
    admin.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
    let join = if url.contains('?') { '&' } else { '?' };
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(format!(
        "{url}{join}options=-c%20search_path%3D{schema}"
    ));
    let pool = Pool::builder(manager).max_size(4).build().unwrap();
    pool.get().await.unwrap().batch_execute(TABLE).await.unwrap();
    test(pool).await;
    admin.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
}

fn provider(pool: &Pool<AsyncPgConnection>) -> WebsiteProvider {
    WebsiteProvider::new(pool.clone(), WebsiteSettings { subdomain_base: "sites.example.com".parse().unwrap() })
}

fn order(seed: u64, domain: Option<DomainChoice>) -> ServiceOrder {
    let mut order = sample_order(&mut Env::with(Arc::new(Fixed), seed), "hosting", json!({ "php_version": "8.3" }));
    order.delivery.domain = domain;
    order
}

fn wish(label: &str) -> Option<DomainChoice> {
    DomainChoice::subdomain(label).ok()
}

/// Records, past the provider. A statement happens or does not, so that nothing can be told to go wrong half-way.
struct Records {
    pool: Pool<AsyncPgConnection>,
    provider: WebsiteProvider,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

impl Stage for Records {
    fn provider(&self) -> &dyn Provider {
        &self.provider
    }
    fn order(&self, number: u64) -> ServiceOrder {
        order(number, wish("my-site"))
    }
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize> {
        Box::pin(async move {
            let count = "SELECT count(*) FROM websites WHERE service_id = $1 AND status <> 'terminated'";
            let query = diesel::sql_query(count).bind::<diesel::sql_types::Uuid, _>(service.uuid());
            let found: Count = query.get_result(&mut self.pool.get().await.unwrap()).await.unwrap();
            usize::try_from(found.count).unwrap()
        })
    }
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let given = "UPDATE websites SET service_id = gen_random_uuid() WHERE service_id = $1";
            let query = diesel::sql_query(given).bind::<diesel::sql_types::Uuid, _>(service.uuid());
            query.execute(&mut self.pool.get().await.unwrap()).await.unwrap() == 1
        })
    }
}

#[tokio::test]
async fn it_conforms() {
    with_table(async |pool| {
        let records = Records { provider: provider(&pool), pool };
        provider_conforms(&records).await;
    })
    .await;
}

#[tokio::test]
async fn an_ended_website_is_not_made_again_and_its_domain_is_free() {
    with_table(async |pool| {
        let provider = provider(&pool);
        let own = Some(DomainChoice::Own("example.org".parse().unwrap()));
        let (first, second) = (order(1, own.clone()), order(2, own));
        let made = provider.create(&first).await.unwrap();
        let target = Target { service: first.service, customer: first.owner.customer, reference: made.reference };
        provider.terminate(&target).await.unwrap();
        assert!(matches!(provider.resume(&target).await, Err(ProviderError::Gone { .. })), "an end is an end");
        let again = provider.create(&first).await;
        assert!(matches!(&again, Err(ProviderError::Refused { detail }) if detail.contains("ended")), "{again:?}");
        let made = provider.create(&second).await.unwrap();
        assert_eq!(made.reference.identifier, "example.org");
    })
    .await;
}

#[tokio::test]
async fn a_website_has_its_domain_and_php_version() {
    with_table(async |pool| {
        let made = provider(&pool).create(&order(2, wish("my-site"))).await.unwrap();
        assert_eq!(made.state, RemoteState::Ready);
        assert_eq!(made.reference.identifier, "my-site.sites.example.com");
        let field = |label: &str, value: &str| AccessField { label: label.to_owned(), value: value.to_owned() };
        assert_eq!(made.access, [field("Website", "http://my-site.sites.example.com"), field("PHP version", "8.3")]);
    })
    .await;
}

#[tokio::test]
async fn a_free_name_that_is_taken_gets_a_tail_and_the_first_keeps_it() {
    with_table(async |pool| {
        let provider = provider(&pool);
        let (first, second) = (order(3, wish("shop")), order(4, wish("shop")));
        let made = provider.create(&first).await.unwrap();
        let other = provider.create(&second).await.unwrap();
        let id = second.service.uuid().simple().to_string();
        let tail: String = id.chars().skip(26).collect();
        assert_eq!(other.reference.identifier, format!("shop-{tail}.sites.example.com"));
        assert_eq!(provider.create(&first).await.unwrap(), made);
        assert_eq!(provider.create(&second).await.unwrap(), other);
    })
    .await;
}

#[tokio::test]
async fn a_domain_of_another_service_is_refused() {
    with_table(async |pool| {
        let provider = provider(&pool);
        let own = Some(DomainChoice::Own("example.org".parse().unwrap()));
        provider.create(&order(5, own.clone())).await.unwrap();
        let error = provider.create(&order(6, own.clone())).await.unwrap_err();
        assert!(matches!(&error, ProviderError::Refused { detail } if detail.contains("taken")), "{error}");
        assert_eq!(provider.find(&order(6, own)).await, Ok(Lookup::Absent));
    })
    .await;
}

#[tokio::test]
async fn many_creates_at_once_make_one_website() {
    with_table(async |pool| {
        let (provider, order) = (provider(&pool), order(7, wish("busy")));
        let made = tokio::join!(provider.create(&order), provider.create(&order), provider.create(&order));
        let first = made.0.unwrap();
        assert_eq!((made.1.unwrap(), made.2.unwrap()), (first.clone(), first));
    })
    .await;
}

#[tokio::test]
async fn a_website_of_another_customer_is_foreign_and_a_suspended_one_says_so() {
    with_table(async |pool| {
        let (provider, mut order) = (provider(&pool), order(8, None));
        let made = provider.create(&order).await.unwrap();
        let mut connection = pool.get().await.unwrap();
        diesel::sql_query("UPDATE websites SET status = 'suspended'").execute(&mut connection).await.unwrap();
        assert_eq!(provider.observe(&made.reference).await.unwrap().state, RemoteState::Suspended);
        order.owner.customer = Env::with(Arc::new(Fixed), 99).id();
        assert!(matches!(provider.find(&order).await.unwrap(), Lookup::Foreign(_)));
        diesel::sql_query("DELETE FROM websites").execute(&mut connection).await.unwrap();
        assert!(matches!(provider.observe(&made.reference).await, Err(ProviderError::Gone { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_database_that_fails_is_unavailable() {
    with_table(async |pool| {
        pool.get().await.unwrap().batch_execute("DROP TABLE websites").await.unwrap();
        let error = provider(&pool).create(&order(9, None)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unavailable { .. }), "{error}");
    })
    .await;
}
