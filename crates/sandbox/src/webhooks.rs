//! Delivery of events: signed, retried, and spoilt as the fault rules say.

use crate::clock::Clock;
use crate::dice::Dice;
use crate::faults::{Faults, Kind, Rule};
use crate::options::{Options, RetrySpacing};
use crate::stripe::Event;
use crate::world::{World, lock};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

const AT_ONCE: usize = 64;
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Between the events of one piece of work: they usually arrive in order, but nothing guarantees it.
const BATCH_GAP: Duration = Duration::from_millis(5);
/// Between events that were held back, so that their new order is the order of arrival.
const SHUFFLED_GAP: Duration = Duration::from_millis(60);

/// The webhook sender's state.
#[derive(Debug)]
pub(crate) struct Webhooks {
    endpoint: Mutex<Endpoint>,
    queue: Mutex<Queue>,
    wake: Notify,
}

/// Where events go.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Endpoint {
    pub(crate) url: Option<String>,
    pub(crate) secrets: Vec<String>,
    pub(crate) paused: bool,
    #[serde(skip)]
    pub(crate) retry: RetrySpacing,
}

#[derive(Debug, Default)]
struct Queue {
    /// By due time, then by number.
    waiting: BTreeMap<(Instant, u64), Delivery>,
    last_number: u64,
    /// Taken and not answered yet.
    under_way: usize,
    held: Vec<Held>,
    log: HashMap<String, Record>,
    // Tells deliveries of before a reset from those after it.
    generation: u64,
}

#[derive(Debug, Clone)]
struct Delivery {
    event: Arc<Event>,
    attempt: u32,
    generation: u64,
}

#[derive(Debug)]
struct Held {
    event: Arc<Event>,
    until: Instant,
    wanted: usize,
}

/// What became of one event's deliveries.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Record {
    /// Whether the receiver has answered 2xx.
    pub(crate) delivered: bool,
    /// Why it is not going to be sent (any more), if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) given_up: Option<&'static str>,
    /// One entry per try: the status, or what went wrong.
    pub(crate) attempts: Vec<String>,
}

impl Webhooks {
    /// A sender as the options want it.
    pub(crate) fn new(options: &Options) -> Self {
        Self { endpoint: Mutex::new(Endpoint::new(options)), queue: Mutex::default(), wake: Notify::new() }
    }

    /// Forgets everything queued and takes the options' address again.
    pub(crate) fn reset(&self, options: &Options) {
        *lock(&self.endpoint) = Endpoint::new(options);
        let mut queue = lock(&self.queue);
        *queue = Queue { generation: queue.generation + 1, ..Queue::default() };
    }

    /// The address, as it is set now.
    pub(crate) fn endpoint(&self) -> Endpoint {
        lock(&self.endpoint).clone()
    }

    /// Changes the address, the secrets or the pause.
    pub(crate) fn configure(&self, change: impl FnOnce(&mut Endpoint)) {
        change(&mut lock(&self.endpoint));
        self.wake.notify_one();
    }

    /// What became of an event.
    pub(crate) fn record(&self, event: &str) -> Record {
        lock(&self.queue).log.get(event).cloned().unwrap_or_default()
    }

    /// How many deliveries are still to be made, or are being made.
    pub(crate) fn pending(&self) -> usize {
        let queue = lock(&self.queue);
        queue.waiting.len() + queue.held.len() + queue.under_way
    }

    /// Sends an event once more, past all faults.
    pub(crate) fn resend(&self, event: Arc<Event>) {
        lock(&self.queue).push(event, Duration::ZERO);
        self.wake.notify_one();
    }

    /// Queues new events as the fault rules for webhooks say.
    pub(crate) fn schedule(&self, faults: &Faults, dice: &Dice, events: Vec<Arc<Event>>) {
        if lock(&self.endpoint).url.is_none() {
            let mut queue = lock(&self.queue);
            for event in events {
                queue.log.entry(event.id.clone()).or_default().given_up = Some("no webhook address is set");
            }
            return;
        }
        let mut queue = lock(&self.queue);
        for (event, place) in events.into_iter().zip(0..) {
            let rule = faults.take_webhook(&event.kind, false);
            queue.admit(event, rule.as_ref(), BATCH_GAP * place);
        }
        queue.release(dice);
        drop(queue);
        self.wake.notify_one();
    }
}

impl Endpoint {
    fn new(options: &Options) -> Self {
        Self {
            url: options.webhook_url.clone(),
            secrets: options.webhook_secrets.clone(),
            paused: false,
            retry: options.retry,
        }
    }
}

impl Queue {
    /// A delivery is not under way any more; whether it is of this generation.
    fn done(&mut self, delivery: &Delivery) -> bool {
        let ours = self.generation == delivery.generation;
        if ours {
            self.under_way = self.under_way.saturating_sub(1);
        }
        ours
    }

    fn push(&mut self, event: Arc<Event>, after: Duration) {
        self.log.entry(event.id.clone()).or_default();
        let delivery = Delivery { event, attempt: 0, generation: self.generation };
        self.wait(delivery, after);
    }

    fn wait(&mut self, delivery: Delivery, after: Duration) {
        self.last_number += 1;
        self.waiting.insert((Instant::now() + after, self.last_number), delivery);
    }

    fn admit(&mut self, event: Arc<Event>, rule: Option<&Rule>, after: Duration) {
        match rule.map(|rule| (rule.kind, rule)) {
            Some((Kind::Drop, _)) => {
                self.log.entry(event.id.clone()).or_default().given_up = Some("dropped by a fault rule");
            }
            Some((Kind::Delay, rule)) => self.push(event, after + rule.wait(1000)),
            Some((Kind::Duplicate, rule)) => {
                for _ in 0..=rule.count.unwrap_or(1) {
                    self.push(Arc::clone(&event), after);
                }
            }
            Some((Kind::Reorder, rule)) => {
                let wanted = usize::try_from(rule.count.unwrap_or(3)).unwrap_or(3);
                self.held.push(Held { event, until: Instant::now() + rule.wait(2000), wanted });
            }
            Some((Kind::Fail | Kind::FailAfterEffect | Kind::HangAfterEffect, _)) | None => self.push(event, after),
        }
    }

    /// Lets held events go, in another order, when enough have gathered or the oldest has waited long enough.
    fn release(&mut self, dice: &Dice) {
        let enough =
            self.held.first().is_some_and(|first| self.held.len() >= first.wanted || first.until <= Instant::now());
        if !enough {
            return;
        }
        let mut events: Vec<Arc<Event>> = self.held.drain(..).map(|held| held.event).collect();
        let original: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        for at in (1..events.len()).rev() {
            events.swap(at, dice.below(at + 1));
        }
        if events.iter().map(|event| &event.id).eq(original.iter()) {
            events.reverse();
        }
        let mut after = Duration::ZERO;
        for event in events {
            self.push(event, after);
            after += SHUFFLED_GAP;
        }
    }

    /// Takes what is due, oldest first, and tells when the next is.
    fn due(&mut self, now: Instant) -> (Vec<Delivery>, Option<Instant>) {
        let later = self.waiting.split_off(&(now, u64::MAX));
        let due: Vec<Delivery> = std::mem::replace(&mut self.waiting, later).into_values().collect();
        self.under_way += due.len();
        let held = self.held.first().map(|held| held.until);
        let next = self.waiting.keys().next().map(|(at, _)| *at).into_iter().chain(held).min();
        (due, next)
    }
}

/// Sends until the runtime stops.
pub(crate) async fn run(world: Arc<World>) {
    let client =
        match reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(ANSWER_WITHIN).build() {
            Ok(client) => client,
            Err(error) => {
                tracing::error!(%error, "the webhook sender cannot work");
                return;
            }
        };
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut under_way = JoinSet::new();
    loop {
        let paused = lock(&world.webhooks.endpoint).paused;
        let (due, next) = if paused { (Vec::new(), None) } else { take_due(&world) };
        for delivery in due {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            let (world, client) = (Arc::clone(&world), client.clone());
            under_way.spawn(async move {
                deliver(&world, &client, delivery).await;
                drop(slot);
            });
        }
        let next = next.unwrap_or_else(|| Instant::now() + Duration::from_hours(1));
        tokio::select! {
            () = world.webhooks.wake.notified() => {}
            () = sleep_until(next) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
}

fn take_due(world: &World) -> (Vec<Delivery>, Option<Instant>) {
    let mut queue = lock(&world.webhooks.queue);
    queue.release(&world.dice);
    queue.due(Instant::now())
}

async fn deliver(world: &World, client: &reqwest::Client, mut delivery: Delivery) {
    let endpoint = world.webhooks.endpoint();
    let Some(url) = endpoint.url.as_deref() else {
        lock(&world.webhooks.queue).done(&delivery);
        return;
    };
    let result = match world.faults.take_webhook(&delivery.event.kind, true) {
        Some(_) => Err("failed by a fault rule".to_owned()),
        None => post(client, url, &endpoint.secrets, &delivery.event).await,
    };
    let mut queue = lock(&world.webhooks.queue);
    if !queue.done(&delivery) {
        return;
    }
    let record = queue.log.entry(delivery.event.id.clone()).or_default();
    match result {
        Ok(status) => {
            record.attempts.push(status.to_string());
            record.delivered = true;
        }
        Err(problem) => {
            let (event, attempt) = (&delivery.event, delivery.attempt + 1);
            tracing::info!(event.id = %event.id, event.kind = %event.kind, attempt, %problem, "webhook not accepted");
            record.attempts.push(problem);
            match wait_before(endpoint.retry, delivery.attempt) {
                Some(wait) => {
                    delivery.attempt += 1;
                    queue.wait(delivery, wait);
                }
                None => record.given_up = Some("out of tries"),
            }
        }
    }
    drop(queue);
    world.webhooks.wake.notify_one();
}

/// How long to wait after the try number `attempt` (from 0) failed; `None` when it was the last.
fn wait_before(retry: RetrySpacing, attempt: u32) -> Option<Duration> {
    const REAL_MINUTES: &[u64] = &[1, 5, 30, 120, 300, 600, 720, 720, 720, 720, 720];
    match retry {
        RetrySpacing::Fast if attempt >= 39 => None,
        RetrySpacing::Fast => Some(Duration::from_millis(500 << attempt.min(6)).min(Duration::from_secs(30))),
        RetrySpacing::Real => {
            REAL_MINUTES.get(usize::try_from(attempt).ok()?).map(|minutes| Duration::from_mins(*minutes))
        }
    }
}

async fn post(client: &reqwest::Client, url: &str, secrets: &[String], event: &Event) -> Result<u16, String> {
    let response = client
        .post(url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", signature(secrets, &event.body, Clock::real_now().timestamp()))
        .body(event.body.clone())
        .send()
        .await
        .map_err(|error| format!("no answer: {}", chain(&error)))?;
    let status = response.status().as_u16();
    if response.status().is_success() { Ok(status) } else { Err(format!("answered {status}")) }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

/// `t=…,v1=…` with one `v1` for every secret.
fn signature(secrets: &[String], body: &str, at: i64) -> String {
    let mut header = format!("t={at}");
    for secret in secrets {
        // HMAC takes keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { continue };
        mac.update(format!("{at}.{body}").as_bytes());
        header.push_str(",v1=");
        for byte in mac.finalize().into_bytes() {
            // Writing into a String cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
    }
    header
}
