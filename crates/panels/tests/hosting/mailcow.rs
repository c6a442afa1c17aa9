//! mailcow.

use kernel::{Id, entity};
use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated, Line,
    mailcow::{MailcowProvider, MailcowSettings},
};
use provisioning::{
    DomainChoice, Provider, ProviderError, ServiceOrder, Target,
    testing::{Trouble, provider_conforms},
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::bed::{Bed, Panel};

pub(crate) struct Mailcow;

impl Panel for Mailcow {
    type Adapter = MailcowProvider;
    const NAME: &'static str = "mailcow";
    const WRITES: (&'static str, &'static str, &'static str) =
        ("POST", "/add/mailbox,/edit/mailbox,/delete/mailbox", "");
    // It has no word for being busy with something else.
    const NEVER: &'static [Trouble] = &[Trouble::Conflict];
    fn adapter(line: Line, base: &str) -> MailcowProvider {
        with_key(line, base, "SANDBO-XMAILC-OWKEY0-00000-000001")
    }
    fn product() -> (&'static str, Value) {
        ("email", json!({ "quota": 100 }))
    }
    fn larger() -> Option<Value> {
        Some(json!({ "quota": 200 }))
    }
    fn is(thing: &Value, service: Id<entity::Service>) -> bool {
        thing["tags"].as_array().unwrap().contains(&json!(service.to_string()))
    }
    fn measures(thing: &Value, order: &ServiceOrder) -> bool {
        thing["quota_mib"] == order.settings["quota"]
    }
    fn give_away(thing: &Value) -> Option<Value> {
        Some(json!({ "mailbox": thing["username"], "tags": ["somebody"] }))
    }
}

fn with_key(line: Line, base: &str, key: &str) -> MailcowProvider {
    let settings = MailcowSettings {
        url: base.parse().unwrap(),
        key: Some(SecretString::from(key)),
        mail_domain: "mail.example.com".parse().unwrap(),
    };
    MailcowProvider::new(line, settings)
}

fn order(number: u64) -> ServiceOrder {
    Bed::<Mailcow>::an_order(number)
}

fn with_domain(number: u64, domain: &str) -> ServiceOrder {
    let mut order = order(number);
    order.delivery.domain = Some(DomainChoice::Own(domain.parse().unwrap()));
    order
}

#[tokio::test]
async fn it_conforms() {
    provider_conforms(&Bed::<Mailcow>::start().await).await;
}

#[tokio::test]
async fn an_own_domain_comes_with_its_first_mailbox_and_goes_with_its_last() {
    let bed = Bed::<Mailcow>::start().await;
    let own = with_domain(1, "bob.org");
    let made = bed.provider.create(&own).await.unwrap();
    assert_eq!(made.reference.id, "info@bob.org");
    let domains = bed.control(reqwest::Method::GET, "hosting/mailcow", None).await["domains"].clone();
    assert_eq!(domains, json!(["bob.org", "mail.example.com"]));
    let strangers = bed.provider.create(&with_domain(2, "bob.org")).await;
    assert!(matches!(strangers, Err(ProviderError::Refused { .. })), "another customer: {strangers:?}");
    let target = Target { service: own.service, customer: own.owner.customer, reference: made.reference };
    bed.provider.terminate(&target).await.unwrap();
    let domains = bed.control(reqwest::Method::GET, "hosting/mailcow", None).await["domains"].clone();
    assert_eq!(domains, json!(["mail.example.com"]));
}

#[tokio::test]
async fn a_strangers_domain_and_address_are_left_alone() {
    let bed = Bed::<Mailcow>::start().await;
    bed.turn(json!({ "domain": "strangers.org", "tags": [] })).await;
    let refused = bed.provider.create(&with_domain(1, "strangers.org")).await;
    assert!(matches!(refused, Err(ProviderError::Refused { .. })), "{refused:?}");
    bed.turn(json!({ "mailbox": "bob@mail.example.com", "tags": ["another"] })).await;
    let mut wish = order(2);
    wish.delivery.domain = Some(DomainChoice::Subdomain("bob".to_owned()));
    let made = bed.provider.create(&wish).await.unwrap();
    assert!(made.reference.id.starts_with("bob-"), "{made:?}");
}

#[tokio::test]
async fn a_full_domain_has_no_capacity_and_a_weak_password_is_refused() {
    let bed = Bed::<Mailcow>::start().await;
    bed.turn(json!({ "domain": "mail.example.com", "left": 50 })).await;
    let full = bed.provider.create(&order(1)).await;
    assert!(matches!(full, Err(ProviderError::NoCapacity { .. })), "{full:?}");
    bed.turn(json!({ "domain": "mail.example.com", "left": 5000 })).await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    let target = Target { service: order(1).service, customer: order(1).owner.customer, reference: made.reference };
    let weak = bed.provider.set_password(&target, &SecretString::from("1234567")).await.unwrap_err();
    assert!(matches!(&weak, ProviderError::Refused { .. }) && !weak.to_string().contains("1234567"), "{weak}");
    bed.provider.set_password(&target, &SecretString::from("a good password")).await.unwrap();
}

#[tokio::test]
async fn a_wrong_key_is_named_and_proves_nothing() {
    let bed = Bed::<Mailcow>::start().await;
    let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
    let base = format!("{}/hosting/mailcow", bed.running.base_url());
    let stranger = Gated::unlimited(with_key(line, &base, "a-wrong-key-of-some-length"));
    for told in [stranger.find(&order(1)).await.err(), stranger.check().await.err()] {
        let told = told.unwrap();
        assert!(matches!(&told, ProviderError::Unavailable { detail, .. } if detail.contains("api_key")), "{told}");
    }
}
