//! A panel of the sandbox that can be told to go wrong, as a stage for the suite of all providers.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use kernel::{Clock, Env, Id, Timestamp, entity};
use outgoing::http::{HttpClient, Timeouts};
use panels::{Adapter, Gated, Line};
use provisioning::{
    BoxFuture, Provider, ServiceOrder,
    testing::{Stage, Trouble, sample_order},
};
use reqwest::Method;
use sandbox::{Options, Running, Sandbox};
use serde_json::{Value, json};

/// What one panel needs to be put through the suite.
pub(crate) trait Panel: Send + Sync + 'static {
    /// Its adapter.
    type Adapter: Adapter + 'static;
    /// Its name in the sandbox.
    const NAME: &'static str;
    /// Which calls change a service: methods, parts of paths, parts of bodies, each with commas between them, empty for any.
    const WRITES: (&'static str, &'static str, &'static str);
    /// The troubles that such a panel cannot have.
    const NEVER: &'static [Trouble] = &[];
    /// The adapter for the panel at this address, with the sandbox's credentials.
    fn adapter(line: Line, base: &str) -> Self::Adapter;
    /// An order for it: product kind and settings.
    fn product() -> (&'static str, Value);
    /// What differs between orders: another domain, another address.
    fn vary(order: &mut ServiceOrder, number: u64) {
        let _ = (order, number);
    }
    /// The settings of a larger plan.
    fn larger() -> Option<Value> {
        None
    }
    /// Whether this thing of the sandbox's truth stands under the service's key.
    fn is(thing: &Value, service: Id<entity::Service>) -> bool;
    /// Whether it has the limits that the order's settings say.
    fn measures(thing: &Value, order: &ServiceOrder) -> bool {
        let _ = (thing, order);
        true
    }
    /// The knob that makes the thing somebody else's; `None` where that cannot be.
    fn give_away(thing: &Value) -> Option<Value> {
        let _ = thing;
        None
    }
}

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }
}

/// A sandbox with one panel under test.
pub(crate) struct Bed<P: Panel> {
    pub(crate) running: Running,
    pub(crate) provider: Gated<P::Adapter>,
    panel: PhantomData<fn() -> P>,
}

impl<P: Panel> Bed<P> {
    pub(crate) async fn start() -> Self {
        let running = Sandbox::start(Options::default()).await.unwrap();
        let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
        let base = format!("{}/hosting/{}", running.base_url(), P::NAME);
        let provider = Gated::unlimited(P::adapter(line, &base));
        Self { running, provider, panel: PhantomData }
    }

    /// An order of this number.
    pub(crate) fn an_order(number: u64) -> ServiceOrder {
        let (kind, settings) = P::product();
        let mut order = sample_order(&mut Env::with(Arc::new(Fixed), number), kind, settings);
        order.owner.email = format!("bob{number}@x.com").parse().unwrap();
        P::vary(&mut order, number);
        order
    }

    /// Calls the sandbox's own knobs.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let http = HttpClient::new(Timeouts::default()).unwrap();
        let url = format!("{}/control/{path}", self.running.base_url()).parse().unwrap();
        let mut request = http.request(method, url);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = http.send(request).await.unwrap();
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    /// The panel's own knob.
    pub(crate) async fn turn(&self, wish: Value) -> Value {
        self.control(Method::POST, &format!("hosting/{}", P::NAME), Some(wish)).await
    }

    /// The next call that changes something goes wrong like this.
    pub(crate) async fn fault(&self, how: Value) {
        let (methods, paths, bodies) = P::WRITES;
        let mut rule = json!({ "target": "hosting", "times": 1 });
        let table = rule.as_object_mut().unwrap();
        let paths = if paths.is_empty() { P::NAME } else { paths };
        for (name, text) in [("method", methods), ("path_contains", paths), ("body_contains", bodies)] {
            if !text.is_empty() {
                table.insert(name.to_owned(), json!(text));
            }
        }
        table.extend(how.as_object().unwrap().clone());
        self.control(Method::POST, "faults", Some(rule)).await;
    }

    /// Everything that stands there.
    pub(crate) async fn things(&self) -> Vec<Value> {
        let truth = self.control(Method::GET, &format!("hosting/{}", P::NAME), None).await;
        truth["things"].as_array().unwrap().clone()
    }

    /// What stands there under this service's key.
    pub(crate) async fn things_of(&self, service: Id<entity::Service>) -> Vec<Value> {
        self.things().await.into_iter().filter(|thing| P::is(thing, service)).collect()
    }
}

impl<P: Panel> Stage for Bed<P> {
    fn provider(&self) -> &dyn Provider {
        &self.provider
    }
    fn order(&self, number: u64) -> ServiceOrder {
        Self::an_order(number)
    }
    fn trouble(&self, trouble: Trouble) -> BoxFuture<'_, bool> {
        let how = match trouble {
            Trouble::CutBefore => json!({ "kind": "drop" }),
            Trouble::CutAfter => json!({ "kind": "hang_after_effect", "ms": 10 }),
            Trouble::GatewayBefore => json!({ "kind": "fail", "status": 504 }),
            Trouble::GatewayAfter => json!({ "kind": "fail_after_effect", "status": 504 }),
            Trouble::PageBefore => json!({ "kind": "fail", "voice": "html", "status": 502 }),
            Trouble::PageAfter => json!({ "kind": "fail_after_effect", "voice": "html", "status": 502 }),
            Trouble::TooMany => json!({ "kind": "fail", "status": 429, "ms": 7000 }),
            Trouble::Conflict => json!({ "kind": "fail", "status": 409 }),
            Trouble::Redirect => json!({ "kind": "fail", "voice": "redirect" }),
            Trouble::OtherVersion => json!({ "kind": "fail_after_effect", "voice": "other_version" }),
        };
        Box::pin(async move {
            if P::NEVER.contains(&trouble) {
                return false;
            }
            self.fault(how).await;
            true
        })
    }
    fn slow(&self, wait: Duration) -> BoxFuture<'_, bool> {
        let milliseconds = u64::try_from(wait.as_millis()).unwrap();
        Box::pin(async move {
            self.fault(json!({ "kind": "delay", "ms": milliseconds })).await;
            true
        })
    }
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize> {
        Box::pin(async move { self.things_of(service).await.len() })
    }
    fn larger(&self, order: &ServiceOrder) -> Option<ServiceOrder> {
        P::larger().map(|settings| ServiceOrder { settings, ..order.clone() })
    }
    fn measures(&self, order: &ServiceOrder) -> BoxFuture<'_, bool> {
        let order = order.clone();
        Box::pin(async move {
            let things = self.things_of(order.service).await;
            !things.is_empty() && things.iter().all(|thing| P::measures(thing, &order))
        })
    }
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let Some(thing) = self.things_of(service).await.pop() else { return false };
            let Some(knob) = P::give_away(&thing) else { return false };
            self.turn(knob).await;
            true
        })
    }
}
