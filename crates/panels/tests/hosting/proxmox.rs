//! Proxmox VE.

use kernel::{Id, entity};
use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated, Line,
    proxmox::{ProxmoxProvider, ProxmoxSettings},
};
use provisioning::{
    Lookup, Power, Provider, ProviderError, RemoteState, ServiceOrder, Step, Target, testing::provider_conforms,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::bed::{Bed, Panel};

pub(crate) struct Cluster;

impl Panel for Cluster {
    type Adapter = ProxmoxProvider;
    const NAME: &'static str = "proxmox";
    const WRITES: (&'static str, &'static str, &'static str) = ("POST,PUT,DELETE", "/qemu/", "");
    fn adapter(line: Line, base: &str) -> ProxmoxProvider {
        with_secret(line, base, "00000000-0000-4000-8000-000000000001")
    }
    fn product() -> (&'static str, Value) {
        ("vps", json!({ "node": "pve1", "template": 9000, "cores": 2, "memory": 2048, "disk": 20 }))
    }
    fn larger() -> Option<Value> {
        Some(json!({ "node": "pve1", "template": 9000, "cores": 4, "memory": 4096, "disk": 40 }))
    }
    fn is(thing: &Value, service: Id<entity::Service>) -> bool {
        thing["description"].as_str().unwrap().starts_with(&service.to_string())
    }
    fn measures(thing: &Value, order: &ServiceOrder) -> bool {
        let text = |key: &str| order.settings[key].to_string();
        thing["cores"] == text("cores") && thing["memory"] == text("memory") && thing["disk"] == order.settings["disk"]
    }
    fn give_away(thing: &Value) -> Option<Value> {
        Some(json!({ "vmid": thing["vmid"], "description": "a friend's machine" }))
    }
}

fn with_secret(line: Line, base: &str, secret: &str) -> ProxmoxProvider {
    let settings = ProxmoxSettings {
        url: base.parse().unwrap(),
        token_id: "hostwright@pve!shop".to_owned(),
        secret: Some(SecretString::from(secret)),
        vmids: 10_000..=19_999,
    };
    ProxmoxProvider::new(line, settings)
}

fn order(number: u64) -> ServiceOrder {
    Bed::<Cluster>::an_order(number)
}

fn target(order: &ServiceOrder, made: provisioning::Remote) -> Target {
    Target { service: order.service, customer: order.owner.customer, reference: made.reference }
}

#[tokio::test]
async fn it_conforms() {
    provider_conforms(&Bed::<Cluster>::start().await).await;
}

#[tokio::test]
async fn a_copy_becomes_what_was_promised_and_is_ready_when_it_runs() {
    let bed = Bed::<Cluster>::start().await;
    bed.turn(json!({ "slow": true })).await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    assert_eq!(made.state, RemoteState::Installing);
    assert_eq!(bed.provider.observe(&made.reference).await.unwrap().state, RemoteState::Installing, "being copied");
    let early = bed.provider.find(&order(1)).await;
    assert!(matches!(early, Err(ProviderError::Unavailable { .. })), "it does not say for whom: {early:?}");
    let early = bed.provider.create(&order(1)).await;
    assert!(matches!(early, Err(ProviderError::Unavailable { .. })), "and no second one is begun: {early:?}");
    bed.turn(json!({ "slow": false })).await;
    let mut looks = 0..10;
    while bed.provider.observe(&made.reference).await.unwrap().state != RemoteState::Ready {
        assert!(looks.next().is_some(), "{:?}", bed.things().await);
    }
    let things = bed.things().await;
    assert_eq!(things.len(), 1);
    let thing = &things[0];
    assert!(Cluster::measures(thing, &order(1)) && thing["running"] == json!(true), "{thing}");
    assert_eq!(thing["onboot"], json!("1"));
}

/// A set-up whose step is lost goes on with the next look.
#[tokio::test]
async fn a_lost_step_of_the_set_up_is_taken_again() {
    let bed = Bed::<Cluster>::start().await;
    for (number, path) in [(1, "/config"), (2, "/resize"), (3, "/status/start")] {
        let made = bed.provider.create(&order(number)).await.unwrap();
        bed.fault(json!({ "kind": "hang_after_effect", "ms": 10, "path_contains": path })).await;
        let mut lost = 0;
        let mut looks = 0..10;
        loop {
            match bed.provider.observe(&made.reference).await {
                Ok(seen) if seen.state == RemoteState::Ready => break,
                Ok(_) => {}
                Err(ProviderError::Unavailable { .. }) => lost += 1,
                Err(error) => panic!("{path}: {error}"),
            }
            assert!(looks.next().is_some(), "{path}");
        }
        assert_eq!(lost, 1, "{path}");
        assert_eq!(bed.things_of(order(number).service).await.len(), 1);
    }
}

#[tokio::test]
async fn a_strangers_machine_in_our_range_is_passed_over() {
    let bed = Bed::<Cluster>::start().await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    let first: u64 = made.reference.id.parse().unwrap();
    bed.provider.observe(&made.reference).await.unwrap();
    bed.turn(json!({ "vmid": first, "description": "a friend's machine" })).await;
    assert_eq!(bed.provider.find(&order(1)).await, Ok(Lookup::Absent));
    let second = bed.provider.create(&order(1)).await.unwrap();
    assert_eq!(second.reference.id, (first + 1).to_string());
    bed.turn(json!({ "full": true })).await;
    let full = bed.provider.create(&order(2)).await;
    assert!(matches!(full, Err(ProviderError::NoCapacity { .. })), "{full:?}");
}

#[tokio::test]
async fn a_disk_is_never_made_smaller_and_what_is_suspended_stays_off() {
    let bed = Bed::<Cluster>::start().await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    while bed.provider.observe(&made.reference).await.unwrap().state != RemoteState::Ready {}
    let target = target(&order(1), made);
    let mut smaller = order(1);
    smaller.settings["disk"] = json!(10);
    let refused = bed.provider.change(&target, &smaller).await;
    assert!(matches!(&refused, Err(ProviderError::Refused { detail }) if detail.contains("smaller")), "{refused:?}");
    let mut step = bed.provider.suspend(&target, "why").await.unwrap();
    while let Step::Pending { token, .. } = step {
        step = bed.provider.poll(&token).await.unwrap();
    }
    let refused = bed.provider.power(&target, Power::Start).await;
    assert!(matches!(refused, Err(ProviderError::Refused { .. })), "{refused:?}");
    assert_eq!(bed.things().await[0]["running"], json!(false));
    assert_eq!(bed.things().await[0]["onboot"], json!("0"));
}

#[tokio::test]
async fn a_token_without_rights_is_told_nothing_and_that_is_said() {
    let bed = Bed::<Cluster>::start().await;
    assert!(bed.provider.check().await.unwrap().flavour.starts_with("Proxmox VE 8"));
    bed.turn(json!({ "separated": true })).await;
    let told = bed.provider.check().await.unwrap_err();
    assert!(told.to_string().contains("separated"), "{told}");
    let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
    let base = format!("{}/hosting/proxmox", bed.running.base_url());
    let stranger = Gated::unlimited(with_secret(line, &base, "a wrong secret"));
    let told = stranger.find(&order(1)).await.unwrap_err();
    assert!(matches!(&told, ProviderError::Unavailable { detail, .. } if detail.contains("token_id")), "{told}");
}
