//! An API with its database and its sandbox, and what tests ask them.

use std::{collections::BTreeMap, net::SocketAddr};

use actix_web::rt::task::JoinHandle;
use api::{Config, Stopper};
use catalog::testing::checked;
use clap::Parser as _;
use infra::{
    db::Db,
    secrets::{PepperError, SecretBox, keep_pepper_in},
};
use kernel::{Env, StoreError, Transact};
use reqwest::{Method, Url, header};
use sandbox::{Options, Running, Sandbox};
use secrecy::SecretString;
use serde_json::{Value, json};
use testkit::TestDb;

use crate::cable::Cable;

pub(crate) const SECRET: &str = "whsec_of_the_environment";
pub(crate) const KEY: &str = "a key of the tests that is long enough";
const CATALOG: &str = include_str!("../../../../catalog.toml");
/// A coupon whose time is over, and a plan that costs nothing once its coupon counts.
const MORE: &str = "
[coupons.OVER]
percent_off = 10
valid_until = 2020-01-01T00:00:00Z

[coupons.GIFT]
percent_off = 100
";

/// A running shop.
pub(crate) struct Shop {
    pub(crate) base: String,
    pub(crate) address: SocketAddr,
    pub(crate) webhook_address: Option<SocketAddr>,
    pub(crate) sandbox: Running,
    pub(crate) database: TestDb,
    pub(crate) db: Db,
    pub(crate) http: reqwest::Client,
    stopper: Stopper,
    serving: JoinHandle<()>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_else(|| panic!("no error in {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What may differ between shops.
#[derive(Default)]
pub(crate) struct Settings {
    /// Another place than the sandbox to look for Stripe.
    pub(crate) stripe: Option<String>,
    /// A place of the database other than its own.
    pub(crate) database_url: Option<String>,
    /// Accounts are opened by mail, as they are unless a shop is told otherwise.
    pub(crate) confirmed: bool,
    /// Another cost of hashes than the lowest there is.
    pub(crate) bcrypt_cost: Option<u32>,
    /// Staff need a second factor, as they do unless a shop is told otherwise.
    pub(crate) staff_factor: bool,
    /// More of the program's arguments.
    pub(crate) arguments: Vec<String>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(Settings::default()).await
    }

    pub(crate) async fn open_with(settings: Settings) -> Self {
        Self::open_on(TestDb::new().await, settings).await
    }

    /// A shop whose database can be cut off.
    pub(crate) async fn open_on_a_cable() -> (Self, Cable) {
        let database = TestDb::new().await;
        let mut url: Url = database.url().parse().unwrap();
        let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let cable = Cable::to(target).await;
        url.set_host(Some(&cable.address.ip().to_string())).unwrap();
        url.set_port(Some(cable.address.port())).unwrap();
        let settings = Settings { database_url: Some(url.to_string()), ..Settings::default() };
        (Self::open_on(database, settings).await, cable)
    }

    pub(crate) async fn open_on(database: TestDb, settings: Settings) -> Self {
        let sandbox = Sandbox::start(Options { workers: 1, ..Options::default() }).await.unwrap();
        // What the API may not do, no test of it may need.
        let own = database.url().to_owned();
        let db = database.connect().await;
        apply_catalog(&db).await;
        keep_pepper(&db).await;
        let stripe = settings.stripe.unwrap_or_else(|| format!("{}/stripe", sandbox.base_url()));
        let url = settings.database_url.unwrap_or(own);
        let fixed = [
            "hostwright-api",
            "--api-listen=127.0.0.1:0",
            "--api-workers=1",
            "--log=off",
            "--public-site-url=https://shop.test",
            "--stripe-secret-key=sk_test_sandbox",
            "--database-pool-size=4",
        ];
        let named = [
            format!("--database-url={url}"),
            format!("--stripe-api-base={stripe}"),
            format!("--bcrypt-cost={}", settings.bcrypt_cost.unwrap_or(4)),
            format!("--secrets-key={KEY}"),
            format!("--jwt-secret={KEY}"),
            format!("--stripe-webhook-secret={SECRET}"),
            format!("--registration={}", if settings.confirmed { "confirmed" } else { "direct" }),
            format!("--staff-second-factor={}", if settings.staff_factor { "required" } else { "optional" }),
        ];
        let arguments = fixed.map(str::to_owned).into_iter().chain(named).chain(settings.arguments);
        let api = api::build(Config::try_parse_from(arguments).unwrap().check().unwrap()).await.unwrap();
        let (address, webhook_address, stopper) = (api.address(), api.webhook_address(), api.stopper());
        let base = format!("http://{address}");
        let serving = actix_web::rt::spawn(async move { api.serve().await.unwrap() });
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { base, address, webhook_address, sandbox, database, db, http, stopper, serving }
    }

    /// Stops everything; the database goes with it.
    pub(crate) async fn close(self) {
        self.stopper.stop().await;
        self.serving.await.unwrap();
        self.sandbox.stop().await;
        drop(self.db);
        drop(self.database);
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(Method::GET, path, &[("authorization", &format!("Bearer {token}"))], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    pub(crate) async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let all = [&[("content-type", "application/json")], headers].concat();
        self.send(Method::POST, path, &all, body.to_string().into_bytes()).await
    }

    pub(crate) async fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[("authorization", &format!("Bearer {token}"))], body).await
    }

    /// Registers somebody; their token.
    pub(crate) async fn register(&self, email: &str) -> String {
        let who = json!({ "email": email, "password": "correct horse", "name": "Ada Lovelace" });
        let answer = self.post("/api/auth/register", &who).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// The cookie of somebody who registered and signs in with a browser.
    pub(crate) async fn cookie(&self, email: &str) -> String {
        let answer = self.post("/api/auth/login", &json!({ "email": email, "password": "correct horse" })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// A guest's order for hosting.
    pub(crate) async fn order(&self) -> Value {
        let answer = self.post("/api/checkout/create-session", &guest_order()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Turns one of the sandbox's knobs.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/control{path}", self.sandbox.base_url());
        let answer = self.http.post(url).body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// What the sandbox knows of its Checkout Sessions.
    pub(crate) async fn stripe_sessions(&self) -> Vec<Value> {
        let url = format!("{}/control/truth", self.sandbox.base_url());
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        let truth: Value = serde_json::from_str(&text).unwrap();
        truth["sessions"].as_array().unwrap().clone()
    }

    /// The one value that a statement gives.
    pub(crate) async fn sql<T: for<'a> tokio_postgres::types::FromSql<'a>>(&self, statement: &str) -> T {
        self.database.sql().await.query_one(statement, &[]).await.unwrap().get(0)
    }

    /// Waits until a statement's count is no longer 0; a watchdog ends what would never come.
    pub(crate) async fn until(&self, statement: &str) {
        let client = self.database.sql().await;
        let wait = async {
            while client.query_one(statement, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                actix_web::rt::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect(statement);
    }

    /// How many rows there are.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.sql(&format!("SELECT count(*) FROM {table}")).await
    }

    /// Delivers an event as Stripe does.
    pub(crate) async fn deliver(&self, path: &str, body: &str, secret: &str) -> Answer {
        let header = signature(body, secret, now());
        self.send(Method::POST, path, &[("stripe-signature", &header)], body.as_bytes().to_vec()).await
    }
}

async fn apply_catalog(db: &Db) {
    let wanted = checked(&format!("{CATALOG}\n{MORE}"));
    let mut env = Env::system();
    let work = async |tx: &mut infra::db::PgTx| {
        let changes = catalog::plan(tx, &wanted, &mut env).await?;
        catalog::apply(tx, &changes).await
    };
    db.transaction::<_, StoreError>(work).await.unwrap();
}

/// As `hostwright migrate` does: the API's role could not.
async fn keep_pepper(db: &Db) {
    let sealer = SecretBox::new(&SecretString::from(KEY)).unwrap();
    let by = audit::Actor::operator("migrate");
    let work = async |tx: &mut infra::db::PgTx| keep_pepper_in(tx, &sealer, &mut Env::system(), &by).await;
    db.transaction::<_, PepperError>(work).await.unwrap();
}

pub(crate) fn now() -> i64 {
    Env::system().now().timestamp()
}

/// The header that Stripe would send.
pub(crate) fn signature(body: &str, secret: &str, at: i64) -> String {
    testkit::wire::stripe_signature(body, secret, at)
}

/// What the web-hosting shop's page sends.
pub(crate) fn guest_order() -> Value {
    json!({
        "planId": "starter", "billingCycle": "monthly", "trialActive": false, "couponCode": "WELCOME10",
        "customer": { "name": "Grace Hopper", "email": "grace@example.com" },
        "domain": { "mode": "subdomain", "value": "grace" },
    })
}

/// What the game shop's page sends.
pub(crate) fn game_order() -> Value {
    json!({
        "plan_id": "paper-4gb", "item_type": "game", "term": "monthly", "region": "us-central", "server_name": "My world",
    })
}
