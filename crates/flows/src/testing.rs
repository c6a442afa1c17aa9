//! A whole shop in memory: the memory stores behind `Transact`, with the domain crates' fakes around them.

use std::sync::{Arc, Mutex, PoisonError};

use accounts::{
    AnswerRequest, KnownWords, StaffFactor, WelcomeMail,
    testing::{FakePasskeys, FakePasswords, FakeSealer},
};
use audit::{ChainKey, PseudonymKey};
use checkout::{EventInbox, IncomingEvent, Taken, testing::FakeGateway};
use kernel::{
    Clock, Env, Job as _, JobContext, JobFailure, JobQueue, Recorded, RetryClass, StoreError, Timestamp, Transact,
};
use limits::{Charge, LimitKey, LimitStore, Limits, Refusal, testing::MemoryLimits};
use notify::{Brand, Renderer, SendMail, testing::FakeMailer};
use orders::{
    LinkKey, Links, ProcessEvent, SendRefund,
    testing::{Fate, MemoryEvent, MemoryJob, MemoryStore},
};
use provisioning::{
    jobs::{Deliver, Operate, Resume, Suspend, Terminate},
    testing::FakeProviders,
};

mod repeat;
pub use repeat::{fails_at_each_call, runs_twice};

use crate::{
    Hosting, Shop, Workshop, answer_request, deliver, delivery_is_dead, event_is_dead, mail_is_dead, operation_is_dead,
    process_event, refund_is_dead, request_is_dead, resume_service, send_mail, send_refund, suspend_service,
    terminate_service,
};

/// A database in memory: a transaction works on a copy that replaces the original when it commits. Transactions never
/// overlap, because nothing in the memory stores waits.
#[derive(Debug, Clone, Default)]
pub struct MemoryDb(Arc<Mutex<MemoryStore>>, MemoryLimits);

impl MemoryDb {
    /// Begins with this content.
    pub fn new(store: MemoryStore) -> Self {
        Self(Arc::new(Mutex::new(store)), MemoryLimits::default())
    }

    /// Looks at or changes the content outside any transaction.
    pub fn with<T>(&self, act: impl FnOnce(&mut MemoryStore) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transact for MemoryDb {
    type Tx = MemoryStore;

    async fn transaction<T, E>(&self, work: impl AsyncFnOnce(&mut MemoryStore) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut copy = self.with(|store| store.clone());
        let result = work(&mut copy).await?;
        self.with(|store| *store = copy);
        Ok(result)
    }
}

impl EventInbox for MemoryDb {
    async fn take(&self, event: &IncomingEvent) -> Result<Taken, StoreError> {
        self.transaction(async |tx| {
            if tx.events.contains_key(&event.id) {
                return Ok(Taken::Duplicate);
            }
            tx.events.insert(
                event.id.clone(),
                MemoryEvent { raw: event.raw.clone().into(), received_at: event.received_at, outcome: None },
            );
            tx.enqueue(&ProcessEvent { event: event.id.clone() }).await?;
            Ok(Taken::New)
        })
        .await
    }
}

impl LimitStore for MemoryDb {
    async fn take(&self, charges: &[Charge], now: Option<Timestamp>) -> Result<Vec<Refusal>, StoreError> {
        let now = now.unwrap_or_else(|| self.with(|store| store.jobs.now));
        Ok(self.1.take_at(charges, now))
    }
}

struct SetClock(Mutex<Timestamp>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A shop in memory, with the sample catalogue and its time.
pub struct MemoryShop {
    /// The stores.
    pub db: MemoryDb,
    /// The gateway.
    pub gateway: FakeGateway,
    /// The one provider that answers to every key.
    pub providers: FakeProviders,
    /// The mail server.
    pub mailer: FakeMailer,
    /// Whether staff must have a second factor.
    pub staff_factor: StaffFactor,
    /// What a guest's welcome mail hands over.
    pub welcome: WelcomeMail,
    known_words: KnownWords,
    pseudonyms: PseudonymKey,
    chain_key: ChainKey,
    limits: Limits,
    links: Links,
    brand: Brand,
    renderer: Renderer,
    clock: Arc<SetClock>,
    seed: Mutex<u64>,
}

impl Default for MemoryShop {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryShop {
    /// A new shop.
    ///
    /// # Panics
    /// When a mail template is broken.
    #[allow(clippy::expect_used, reason = "for tests, which fail by panicking")]
    pub fn new() -> Self {
        let site = "https://shop.example".to_owned();
        let mut store = orders::testing::shop();
        store.jobs.now = catalog::testing::now();
        Self {
            db: MemoryDb::new(store),
            gateway: FakeGateway::default(),
            providers: FakeProviders::default(),
            mailer: FakeMailer::default(),
            staff_factor: StaffFactor::Optional,
            welcome: WelcomeMail::Password,
            known_words: KnownWords::of(["Test Shop"]),
            pseudonyms: PseudonymKey::new([1; 32]),
            chain_key: ChainKey::new("fake", [2; 32]),
            limits: Limits::on(LimitKey::new([3; 32])),
            links: Links::new(site.clone()).signed_with([LinkKey::new([4; 32])]),
            brand: Brand {
                shop_name: "Test Shop".to_owned(),
                site_url: site,
                support_email: "help@shop.example".to_owned(),
                colours: notify::Colours::default(),
            },
            renderer: Renderer::new().expect("the templates are right"),
            clock: Arc::new(SetClock(Mutex::new(catalog::testing::now()))),
            seed: Mutex::new(0),
        }
    }

    /// Lets time pass, for the shop and for its database.
    pub fn advance(&self, by: chrono::Duration) {
        self.db.with(|store| store.jobs.now += by);
        *self.clock.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Runs jobs until none is left, delayed ones too, as the worker does; at most `limit` tries. Returns the tries.
    ///
    /// # Panics
    /// When a job that died could not be made visible.
    #[allow(clippy::expect_used, reason = "for tests, which fail by panicking")]
    pub async fn work(&self, limit: usize) -> usize {
        for done in 0..limit {
            let Some((context, job)) = self.db.with(|store| store.jobs.claim()) else { return done };
            if let Err(failure) = self.run(&job, context).await {
                let fate = self.db.with(|store| store.jobs.fail(context, &failure));
                if fate == Fate::Dead {
                    self.bury(&job, &failure.source.to_string()).await.expect("a dead job is made visible");
                }
            }
        }
        limit
    }

    /// Runs one try of a job.
    ///
    /// # Errors
    /// What its flow returned.
    pub async fn run(&self, job: &MemoryJob, context: JobContext) -> Result<Recorded, JobFailure> {
        let bad = |error: serde_json::Error| JobFailure::new(RetryClass::Permanent, "undecodable", error);
        let payload = job.payload.clone();
        match job.kind {
            "payments.process_event" => {
                process_event(self, serde_json::from_value(payload).map_err(bad)?, context).await
            }
            "service.deliver" => deliver(self, serde_json::from_value(payload).map_err(bad)?, context).await,
            SendRefund::KIND => send_refund(self, serde_json::from_value(payload).map_err(bad)?, context).await,
            AnswerRequest::KIND => answer_request(self, serde_json::from_value(payload).map_err(bad)?, context).await,
            Suspend::KIND => suspend_service(self, serde_json::from_value(payload).map_err(bad)?, context).await,
            Resume::KIND => resume_service(self, serde_json::from_value(payload).map_err(bad)?, context).await,
            Terminate::KIND => terminate_service(self, serde_json::from_value(payload).map_err(bad)?, context).await,
            _ => send_mail(self, serde_json::from_value(payload).map_err(bad)?, context).await,
        }
    }

    async fn bury(&self, job: &MemoryJob, reason: &str) -> Result<(), StoreError> {
        let bad = |error: serde_json::Error| StoreError::bug(error.to_string());
        let payload = job.payload.clone();
        match job.kind {
            "payments.process_event" => {
                event_is_dead(self, serde_json::from_value::<ProcessEvent>(payload).map_err(bad)?, reason).await
            }
            "service.deliver" => {
                delivery_is_dead(self, serde_json::from_value::<Deliver>(payload).map_err(bad)?, reason).await
            }
            SendRefund::KIND => {
                refund_is_dead(self, serde_json::from_value::<SendRefund>(payload).map_err(bad)?, reason).await
            }
            AnswerRequest::KIND => {
                request_is_dead(self, serde_json::from_value::<AnswerRequest>(payload).map_err(bad)?, reason).await
            }
            Suspend::KIND | Resume::KIND | Terminate::KIND => {
                operation_is_dead(self, serde_json::from_value::<Operate>(payload).map_err(bad)?, reason).await
            }
            _ => mail_is_dead(self, serde_json::from_value::<SendMail>(payload).map_err(bad)?, reason).await,
        }
    }
}

impl Shop for MemoryShop {
    type Tx = MemoryStore;
    type Db = MemoryDb;
    type Gateway = FakeGateway;
    type Passwords = FakePasswords;
    type Sealer = FakeSealer;
    type Passkeys = FakePasskeys;

    fn db(&self) -> &MemoryDb {
        &self.db
    }
    fn gateway(&self) -> &FakeGateway {
        &self.gateway
    }
    fn passwords(&self) -> &FakePasswords {
        &FakePasswords
    }
    fn sealer(&self) -> &FakeSealer {
        &FakeSealer
    }
    fn passkeys(&self) -> &FakePasskeys {
        &FakePasskeys
    }
    fn staff_factor(&self) -> StaffFactor {
        self.staff_factor
    }
    fn welcome(&self) -> WelcomeMail {
        self.welcome
    }
    fn known_words(&self) -> &KnownWords {
        &self.known_words
    }
    fn pseudonyms(&self) -> &PseudonymKey {
        &self.pseudonyms
    }
    fn limits(&self) -> &Limits {
        &self.limits
    }
    fn links(&self) -> &Links {
        &self.links
    }
    fn env(&self) -> Env {
        let mut seed = self.seed.lock().unwrap_or_else(PoisonError::into_inner);
        *seed += 1;
        Env::with(self.clock.clone(), *seed)
    }
}

impl Hosting for MemoryShop {
    type Providers = FakeProviders;

    fn providers(&self) -> &FakeProviders {
        &self.providers
    }
}

impl Workshop for MemoryShop {
    type Mailer = FakeMailer;

    fn mailer(&self) -> &FakeMailer {
        &self.mailer
    }
    fn chain_key(&self) -> &ChainKey {
        &self.chain_key
    }
    fn renderer(&self) -> &Renderer {
        &self.renderer
    }
    fn brand(&self) -> &Brand {
        &self.brand
    }
}
