//! The provider against the sandbox's panel, which was written from the contract alone.

use std::time::Duration;

use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated,
    pterodactyl::{PterodactylProvider, PterodactylSettings},
};

use crate::gated;
use kernel::{Id, entity};
use provisioning::{
    Ability, BoxFuture, Lookup, Power, Provider, ProviderError, RemoteState, RoomFor, ServiceOrder, Target,
    testing::{Stage, Trouble, provider_conforms, provider_waits},
};
use reqwest::Method;
use sandbox::{Options, Running, Sandbox};
use secrecy::SecretString;
use serde_json::{Value, json};

pub(crate) async fn start() -> (Running, Gated<PterodactylProvider>) {
    start_with(|options| options.panel_key.clone()).await
}

pub(crate) async fn start_with(key: impl Fn(&Options) -> String) -> (Running, Gated<PterodactylProvider>) {
    start_as(Options::default(), key).await
}

pub(crate) async fn start_as(
    options: Options,
    key: impl Fn(&Options) -> String,
) -> (Running, Gated<PterodactylProvider>) {
    let options = Options { install: Duration::ZERO, panel_rate_limit: 0, ..options };
    let key = key(&options);
    let running = Sandbox::start(options).await.unwrap();
    let settings = PterodactylSettings {
        url: format!("{}/panel", running.base_url()),
        api_key: SecretString::from(key),
        panel_url: None,
        key_prefix: "hw".to_owned(),
        calls_per_minute: 0,
    };
    let provider = gated(&settings);
    (running, provider)
}

/// An order as the shipped catalogue would make it.
pub(crate) fn order(seed: u64) -> ServiceOrder {
    let mut order = crate::order(seed);
    order.settings["egg"] = json!(1);
    order
}

/// Calls the sandbox's own knobs.
pub(crate) async fn control(running: &Running, method: Method, path: &str, body: Option<Value>) -> Value {
    let http = HttpClient::new(Timeouts::default()).unwrap();
    let url = format!("{}/control/{path}", running.base_url()).parse().unwrap();
    let mut request = http.request(method, url);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = http.send(request).await.unwrap();
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

async fn fault(running: &Running, rule: Value) {
    control(running, Method::POST, "faults", Some(rule)).await;
}

/// One server, one user of the buyer's, whatever was tried.
async fn assert_one_of_each(running: &Running) {
    let truth = control(running, Method::GET, "truth", None).await;
    assert_eq!(truth["panel"]["servers"].as_array().unwrap().len(), 1);
    let users = truth["panel"]["users"].as_array().unwrap();
    assert_eq!(users.iter().filter(|user| user["email"] == "bob@x.com").count(), 1, "{users:?}");
}

/// As another program with an administrator's key would.
pub(crate) async fn call(running: &Running, method: Method, path: &str, body: Option<&Value>) -> Value {
    let http = HttpClient::new(Timeouts::default()).unwrap();
    let url = format!("{}/panel/api/application{path}", running.base_url()).parse().unwrap();
    let mut request = http.request(method, url).header("accept", "application/json");
    request = request.bearer_auth(Options::default().panel_key);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = http.send(request).await.unwrap();
    let said = String::from_utf8_lossy(&answer.body);
    assert!(answer.status.is_success(), "{path}: {} {said}", answer.status);
    serde_json::from_str(&said).unwrap_or(Value::Null)
}

/// The sandbox's panel, which can be told to go wrong.
pub(crate) struct Bed {
    pub(crate) running: Running,
    pub(crate) provider: Gated<PterodactylProvider>,
    /// What an order looks like there.
    pub(crate) order: fn(u64) -> ServiceOrder,
}

impl Bed {
    async fn server(&self, service: Id<entity::Service>) -> Option<Value> {
        let truth = control(&self.running, Method::GET, "truth", None).await;
        let servers = truth["panel"]["servers"].as_array().unwrap();
        servers.iter().find(|server| server["external_id"] == service.to_string()).cloned()
    }
}

impl Stage for Bed {
    fn provider(&self) -> &dyn Provider {
        &self.provider
    }
    fn order(&self, number: u64) -> ServiceOrder {
        let mut order = (self.order)(number);
        // Everybody has an address of their own, and the sandbox's nodes have room for many small servers.
        order.owner.email = format!("bob{number}@x.com").parse().unwrap();
        (order.settings["memory"], order.settings["disk"]) = (json!(64), json!(64));
        order
    }
    fn trouble(&self, trouble: Trouble) -> BoxFuture<'_, bool> {
        let how = match trouble {
            Trouble::CutBefore => json!({ "kind": "drop" }),
            Trouble::CutAfter => json!({ "kind": "hang_after_effect", "ms": 10 }),
            Trouble::GatewayBefore => json!({ "kind": "fail", "voice": "daemon", "status": 504 }),
            Trouble::GatewayAfter => json!({ "kind": "fail_after_effect", "voice": "daemon", "status": 504 }),
            Trouble::PageBefore => json!({ "kind": "fail", "voice": "html", "status": 502 }),
            Trouble::PageAfter => json!({ "kind": "fail_after_effect", "voice": "html", "status": 502 }),
            Trouble::TooMany => json!({ "kind": "fail", "status": 429, "ms": 7000 }),
            Trouble::Conflict => json!({ "kind": "fail", "status": 409 }),
            Trouble::Redirect => json!({ "kind": "fail", "voice": "redirect" }),
            Trouble::OtherVersion => json!({ "kind": "fail_after_effect", "voice": "other_version" }),
        };
        Box::pin(async move {
            let mut rule = json!({
                "target": "panel", "method": "POST,PATCH,DELETE", "path_contains": "/application/servers", "times": 1,
            });
            rule.as_object_mut().unwrap().extend(how.as_object().unwrap().clone());
            fault(&self.running, rule).await;
            true
        })
    }
    fn slow(&self, wait: Duration) -> BoxFuture<'_, bool> {
        let milliseconds = u64::try_from(wait.as_millis()).unwrap();
        let rule = json!({
            "target": "panel", "method": "POST", "path_contains": "/application/servers", "times": 1, "kind": "delay",
            "ms": milliseconds,
        });
        Box::pin(async move {
            fault(&self.running, rule).await;
            true
        })
    }
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize> {
        Box::pin(async move {
            let truth = control(&self.running, Method::GET, "truth", None).await;
            assert_eq!(truth["panel"]["duplicates"], json!([]));
            usize::from(self.server(service).await.is_some())
        })
    }
    fn larger(&self, order: &ServiceOrder) -> Option<ServiceOrder> {
        let mut larger = order.clone();
        (larger.settings["memory"], larger.settings["disk"]) = (json!(96), json!(128));
        larger.settings["backups"] = json!(7);
        Some(larger)
    }
    fn measures(&self, order: &ServiceOrder) -> BoxFuture<'_, bool> {
        let order = order.clone();
        Box::pin(async move {
            let Some(server) = self.server(order.service).await else { return false };
            let path = format!("/servers/{}", server["id"]);
            let server = call(&self.running, Method::GET, &path, None).await["attributes"].clone();
            let limits = &server["limits"];
            let backups = order.settings.get("backups").cloned().unwrap_or_else(|| json!(0));
            limits["memory"] == order.settings["memory"]
                && limits["disk"] == order.settings["disk"]
                && server["feature_limits"]["backups"] == backups
        })
    }
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let server = self.server(service).await.unwrap();
            let details = json!({ "external_id": "whmcs-17", "name": server["name"], "user": server["user"] });
            let path = format!("/servers/{}/details", server["id"]);
            call(&self.running, Method::PATCH, &path, Some(&details)).await;
            true
        })
    }
}

#[tokio::test]
async fn it_conforms_with_either_kind_of_key() {
    for key in [|options: &Options| options.panel_key.clone(), |options: &Options| options.panel_account_key.clone()] {
        let (running, provider) = start_with(key).await;
        let bed = Bed { running, provider, order };
        provider_conforms(&bed).await;
        bed.running.stop().await;
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let (running, provider) = start().await;
    let bed = Bed { running, provider, order };
    provider_waits(&bed).await;
    bed.running.stop().await;
}

#[tokio::test]
async fn a_server_is_started_and_stopped_with_an_account_key_and_by_hand_without() {
    let (running, provider) = start_with(|options| options.panel_account_key.clone()).await;
    let order = order(1);
    let made = provider.create(&order).await.unwrap();
    let target = Target { service: order.service, customer: order.owner.customer, reference: made.reference };
    provider.power(&target, Power::Start).await.unwrap();
    let usage = provider.usage(&target).await.unwrap();
    assert_eq!((usage.activity.as_str(), usage.cpu_millis), ("running", 125));
    provider.power(&target, Power::Kill).await.unwrap();
    assert_eq!(provider.usage(&target).await.unwrap().activity, "offline");
    provider.suspend(&target, "").await.unwrap();
    let refused = provider.power(&target, Power::Start).await;
    assert!(matches!(refused, Err(ProviderError::Unavailable { .. })), "what is suspended stays so: {refused:?}");
    assert_eq!(provider.check().await.unwrap().notes, Vec::<String>::new());
    running.stop().await;

    let (running, provider) = start().await;
    let refused = provider.power(&target, Power::Start).await;
    assert_eq!(refused, Err(ProviderError::Unsupported { ability: Ability::Power }));
    let health = provider.check().await.unwrap();
    assert!(health.flavour == "Pterodactyl" && health.notes[0].contains("ptlc_"), "{health:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_location_that_is_full_leads_to_the_next_one() {
    let (running, provider) = start().await;
    let mut order = order(2);
    order.settings["locations"] = json!({ "eu-west": [999, 2, 1] });
    let made = provider.create(&order).await.unwrap();
    assert_eq!(provider.observe(&made.reference).await.unwrap().state, RemoteState::Ready);
    let truth = control(&running, Method::GET, "truth", None).await;
    assert_eq!(truth["panel"]["servers"][0]["node"], json!(2), "the second location's node, not the third's");
    order = crate::against_sandbox::order(3);
    order.owner.email = "eve@x.com".parse().unwrap();
    order.settings["locations"] = json!({ "eu-west": [999] });
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::NoCapacity { .. }), "{error}");
    running.stop().await;
}

#[tokio::test]
async fn a_new_server_is_ready_with_its_address() {
    let (running, provider) = start().await;
    let order = order(1);
    provider.create(&order).await.unwrap();
    let Lookup::Ours(found) = provider.find(&order).await.unwrap() else { panic!("it was created") };
    assert_eq!(found.state, RemoteState::Ready);
    let labels: Vec<&str> = found.access.iter().map(|field| field.label.as_str()).collect();
    assert_eq!(labels, ["Address", "Panel"]);
    running.stop().await;
}

#[tokio::test]
async fn a_create_that_took_effect_and_answered_500_is_adopted() {
    let (running, provider) = start().await;
    let order = order(2);
    let rule = json!({
        "target": "panel", "method": "POST", "path_contains": "/servers", "kind": "fail_after_effect", "status": 502,
        "times": 1,
    });
    fault(&running, rule).await;
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
    assert!(matches!(provider.find(&order).await.unwrap(), Lookup::Ours(_)));
    provider.create(&order).await.unwrap();
    assert_one_of_each(&running).await;
    running.stop().await;
}

#[tokio::test]
async fn a_create_whose_connection_closed_is_adopted() {
    let (running, provider) = start().await;
    let order = order(3);
    let rule = json!({
        "target": "panel", "method": "POST", "path_contains": "/servers", "kind": "hang_after_effect", "ms": 10,
        "times": 1,
    });
    fault(&running, rule).await;
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
    let made = provider.create(&order).await.unwrap();
    let Lookup::Ours(found) = provider.find(&order).await.unwrap() else { panic!("it was created") };
    assert_eq!(made.reference, found.reference);
    assert_one_of_each(&running).await;
    running.stop().await;
}

#[tokio::test]
async fn a_product_too_large_for_every_node_has_no_capacity() {
    let (running, provider) = start().await;
    let mut order = order(4);
    order.settings["memory"] = json!(1_000_000_000);
    let error = provider.create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::NoCapacity { .. }), "{error}");
    assert_eq!(provider.find(&order).await, Ok(Lookup::Absent));
    running.stop().await;
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_named() {
    let (running, _) = start().await;
    let settings = PterodactylSettings {
        url: format!("{}/panel", running.base_url()),
        api_key: SecretString::from("ptla_wrong"),
        panel_url: None,
        key_prefix: "hw".to_owned(),
        calls_per_minute: 0,
    };
    let provider = gated(&settings);
    let error = provider.find(&order(5)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("PTERODACTYL_API_KEY") && !error.to_string().contains("ptla_wrong"), "{error}");
    running.stop().await;
}

/// What one more of the order's product needs, beside so many that are promised.
fn room_for(order: &ServiceOrder, promised: u32) -> RoomFor {
    let (kind, settings, delivery) = (order.kind.clone(), order.settings.clone(), order.delivery.clone());
    RoomFor { kind, settings, delivery, promised }
}

#[tokio::test]
async fn room_is_counted_by_size_and_ports_on_the_nodes_of_the_region() {
    let (running, provider) = start().await;
    let mut order = order(1);
    order.settings["locations"] = json!({ "eu-west": [1] });
    order.settings["memory"] = json!(1024);
    provider.room(&room_for(&order, 0)).await.unwrap();
    let mut most = 0;
    while provider.room(&room_for(&order, most)).await.is_ok() {
        most += 1;
        assert!(most < 10_000, "a node has an end");
    }
    // So many are made, as the count said, and not one more.
    for number in 0..most {
        let mut one = crate::against_sandbox::order(u64::from(number) + 10);
        (one.settings["locations"], one.settings["memory"]) =
            (order.settings["locations"].clone(), order.settings["memory"].clone());
        one.owner.email = format!("b{number}@x.com").parse().unwrap();
        provider.create(&one).await.unwrap_or_else(|error| panic!("{number} of {most}: {error}"));
    }
    let full = provider.room(&room_for(&order, 0)).await;
    assert!(matches!(full, Err(ProviderError::NoCapacity { .. })), "{full:?}");
    let made = provider.create(&order).await;
    assert!(matches!(made, Err(ProviderError::NoCapacity { .. })), "{made:?}");
    order.settings["locations"] = json!({ "eu-west": [1, 2] });
    provider.room(&room_for(&order, 0)).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_server_grows_as_far_as_its_node_has_room_and_its_disk_never_shrinks() {
    let (running, provider) = start().await;
    let mut order = order(1);
    // What the plan says counts; the image it leaves to the egg, and to its owner.
    order.settings.as_object_mut().unwrap().remove("docker_image");
    let made = provider.create(&order).await.unwrap();
    let target = Target { service: order.service, customer: order.owner.customer, reference: made.reference };
    let plan = |key: &str, value: Value| {
        let mut plan = order.clone();
        plan.settings[key] = value;
        plan
    };
    let large = provider.change(&target, &plan("memory", json!(1_000_000_000))).await;
    assert!(matches!(large, Err(ProviderError::NoCapacity { .. })), "{large:?}");
    let small = provider.change(&target, &plan("disk", json!(1))).await;
    assert!(matches!(small, Err(ProviderError::Refused { .. })), "{small:?}");
    let other = provider.change(&target, &plan("egg", json!(2))).await;
    assert!(matches!(other, Err(ProviderError::Refused { .. })), "{other:?}");
    // Its owner chose a version and an image of their own, and an administrator bound it to cores.
    let path = format!("/servers/{}", target.reference.id);
    let before = call(&running, Method::GET, &path, None).await["attributes"].clone();
    let mut environment = before["container"]["environment"].clone();
    for own in ["STARTUP", "P_SERVER_LOCATION", "P_SERVER_UUID", "P_SERVER_ALLOCATION_LIMIT"] {
        environment.as_object_mut().unwrap().remove(own);
    }
    let planned = order.settings["environment"].as_object().cloned().unwrap_or_default();
    let free = |key: &&String| !planned.contains_key(*key) && environment[key.as_str()].is_string();
    let chosen = environment.as_object().unwrap().keys().find(free).unwrap().clone();
    environment[&chosen] = json!("owners.jar");
    let own = json!({
        "startup": before["container"]["startup_command"], "environment": environment, "egg": before["egg"],
        "image": "ghcr.io/owners/choice:1", "skip_scripts": false,
    });
    call(&running, Method::PATCH, &format!("{path}/startup"), Some(&own)).await;
    let mut limits = before["limits"].clone();
    limits["threads"] = json!("0-1");
    let build =
        json!({ "allocation": before["allocation"], "limits": limits, "feature_limits": before["feature_limits"] });
    call(&running, Method::PATCH, &format!("{path}/build"), Some(&build)).await;
    provider.change(&target, &plan("backups", json!(9))).await.unwrap();
    let after = call(&running, Method::GET, &path, None).await["attributes"].clone();
    assert_eq!(after["feature_limits"]["backups"], json!(9));
    assert_eq!(after["container"]["environment"][&chosen], json!("owners.jar"), "what its owner chose stays");
    assert_eq!(after["container"]["image"], json!("ghcr.io/owners/choice:1"));
    assert_eq!(after["limits"]["threads"], json!("0-1"));
    let startup = "java -Xmx{{SERVER_MEMORY}}M -jar other.jar";
    provider.change(&target, &plan("startup", json!(startup))).await.unwrap();
    let server = call(&running, Method::GET, &path, None).await["attributes"].clone();
    assert_eq!(server["container"]["startup_command"], json!(startup));
    assert_eq!(server["external_id"], json!(order.service.to_string()), "what finds it again stays");
    running.stop().await;
}
