//! HestiaCP.

use kernel::{Id, entity};
use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated, Line,
    hestia::{HestiaProvider, HestiaSettings},
    names::account,
};
use provisioning::{
    DomainChoice, Lookup, Provider, ProviderError, RemoteState, ServiceOrder, Target,
    testing::{Trouble, provider_conforms},
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::bed::{Bed, Panel};

pub(crate) struct Hestia;

impl Panel for Hestia {
    type Adapter = HestiaProvider;
    const NAME: &'static str = "hestia";
    const WRITES: (&'static str, &'static str, &'static str) =
        ("POST", "", "v-add-web-domain,v-suspend-user,v-unsuspend-user,v-delete-user,v-change-user-package");
    // It has no word for being busy with something else.
    const NEVER: &'static [Trouble] = &[Trouble::Conflict];
    fn adapter(line: Line, base: &str) -> HestiaProvider {
        with_secret(line, base, "sandbox-hestia-secret-key")
    }
    fn product() -> (&'static str, Value) {
        ("hosting", json!({ "package": "small" }))
    }
    fn larger() -> Option<Value> {
        Some(json!({ "package": "large" }))
    }
    fn is(thing: &Value, service: Id<entity::Service>) -> bool {
        thing["user"] == account(service)
    }
    fn measures(thing: &Value, order: &ServiceOrder) -> bool {
        thing["package"] == order.settings["package"]
    }
    fn give_away(thing: &Value) -> Option<Value> {
        Some(json!({ "user": thing["user"], "name": "somebody", "contact": "stranger@x.com" }))
    }
}

fn with_secret(line: Line, base: &str, secret: &str) -> HestiaProvider {
    let settings = HestiaSettings {
        url: base.parse().unwrap(),
        access_key: "SandboxAccessKey0001".to_owned(),
        secret: Some(SecretString::from(secret)),
        subdomain_base: "sites.example.com".parse().unwrap(),
    };
    HestiaProvider::new(line, settings)
}

fn order(number: u64) -> ServiceOrder {
    Bed::<Hestia>::an_order(number)
}

#[tokio::test]
async fn it_conforms() {
    provider_conforms(&Bed::<Hestia>::start().await).await;
}

#[tokio::test]
async fn a_user_whose_answer_was_lost_gets_its_website_by_the_next_try() {
    let bed = Bed::<Hestia>::start().await;
    for (number, mut how) in [(1, json!({ "kind": "hang_after_effect", "ms": 10 })), (2, json!({ "kind": "drop" }))] {
        how["body_contains"] = json!("v-add-user");
        bed.fault(how).await;
        let lost = bed.provider.create(&order(number)).await;
        assert!(matches!(lost, Err(ProviderError::Unavailable { .. })), "no website can stand: {lost:?}");
        assert_eq!(bed.provider.find(&order(number)).await, Ok(Lookup::Absent));
        bed.provider.create(&order(number)).await.unwrap();
        assert_eq!(bed.things_of(order(number).service).await.len(), 1);
    }
}

#[tokio::test]
async fn a_domain_is_the_first_that_nobody_has_and_a_strangers_is_not_taken() {
    let bed = Bed::<Hestia>::start().await;
    bed.turn(json!({ "user": "stranger", "domain": "mine.sites.example.com" })).await;
    let mut wish = order(1);
    wish.delivery.domain = Some(DomainChoice::Subdomain("mine".to_owned()));
    let made = bed.provider.create(&wish).await.unwrap();
    assert!(made.access[0].value.starts_with("http://mine-"), "{:?}", made.access);
    bed.turn(json!({ "user": "stranger2", "domain": "taken.org" })).await;
    let mut own = order(2);
    own.delivery.domain = Some(DomainChoice::Own("taken.org".parse().unwrap()));
    let refused = bed.provider.create(&own).await;
    assert!(matches!(refused, Err(ProviderError::Refused { .. })), "{refused:?}");
    assert_eq!(bed.things_of(own.service).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_suspended_already_is_no_missing_right_and_a_wrong_key_is() {
    let bed = Bed::<Hestia>::start().await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    let target =
        Target { service: order(1).service, customer: order(1).owner.customer, reference: made.reference.clone() };
    bed.provider.suspend(&target, "why").await.unwrap();
    bed.provider.suspend(&target, "why").await.unwrap();
    assert_eq!(bed.provider.observe(&made.reference).await.unwrap().state, RemoteState::Suspended);
    let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
    let base = format!("{}/hosting/hestia", bed.running.base_url());
    let stranger = Gated::unlimited(with_secret(line, &base, "a wrong secret of some length"));
    for told in [stranger.find(&order(1)).await.err(), stranger.create(&order(2)).await.err()] {
        let told = told.unwrap();
        assert!(matches!(&told, ProviderError::Unavailable { detail, .. } if detail.contains("access_key")), "{told}");
        assert!(!told.to_string().contains("wrong secret"), "{told}");
    }
}

#[tokio::test]
async fn a_full_panel_has_no_capacity_and_an_unknown_package_is_refused() {
    let bed = Bed::<Hestia>::start().await;
    bed.turn(json!({ "full": true })).await;
    let full = bed.provider.create(&order(1)).await;
    assert!(matches!(full, Err(ProviderError::NoCapacity { .. })), "{full:?}");
    bed.turn(json!({ "full": false })).await;
    let mut unknown = order(2);
    unknown.settings = json!({ "package": "golden" });
    let refused = bed.provider.create(&unknown).await;
    assert!(matches!(refused, Err(ProviderError::Refused { .. })), "{refused:?}");
    assert_eq!(bed.things().await, Vec::<Value>::new());
}

#[tokio::test]
async fn no_password_is_an_argument_and_none_stays_behind() {
    let bed = Bed::<Hestia>::start().await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    let target = Target { service: order(1).service, customer: order(1).owner.customer, reference: made.reference };
    bed.provider.set_password(&target, &SecretString::from("a good password")).await.unwrap();
    let short = bed.provider.set_password(&target, &SecretString::from("short")).await;
    assert!(matches!(short, Err(ProviderError::Refused { .. })), "{short:?}");
    let truth = bed.control(reqwest::Method::GET, "hosting/hestia", None).await;
    assert_eq!(truth["files"], json!(0));
}
