//! DirectAdmin.

use kernel::{Id, entity};
use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated, Line,
    accounts::AccountProvider,
    directadmin::{self, DirectAdmin, DirectAdminSettings},
    names::account,
};
use provisioning::{
    DomainChoice, Lookup, Provider, ProviderError, ServiceOrder, Target,
    testing::{Trouble, provider_conforms},
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::bed::{Bed, Panel};

pub(crate) struct Server;

impl Panel for Server {
    type Adapter = AccountProvider<DirectAdmin>;
    const NAME: &'static str = "directadmin";
    const WRITES: (&'static str, &'static str, &'static str) =
        ("POST", "/CMD_API_ACCOUNT_USER,/CMD_API_SELECT_USERS,/CMD_API_MODIFY_USER", "");
    // It has no word for being busy with something else.
    const NEVER: &'static [Trouble] = &[Trouble::Conflict];
    fn adapter(line: Line, base: &str) -> AccountProvider<DirectAdmin> {
        with_key(line, base, "SandboxDirectAdminLoginKey")
    }
    fn product() -> (&'static str, Value) {
        ("hosting", json!({ "package": "small", "ip": "192.0.2.10" }))
    }
    fn larger() -> Option<Value> {
        Some(json!({ "package": "large", "ip": "192.0.2.10" }))
    }
    fn is(thing: &Value, service: Id<entity::Service>) -> bool {
        thing["user"] == account(service)
    }
    fn measures(thing: &Value, order: &ServiceOrder) -> bool {
        thing["package"] == order.settings["package"]
    }
    fn give_away(thing: &Value) -> Option<Value> {
        Some(json!({ "user": thing["user"], "domain": "stranger.org", "email": "stranger@x.com" }))
    }
}

fn with_key(line: Line, base: &str, key: &str) -> AccountProvider<DirectAdmin> {
    let settings = DirectAdminSettings {
        url: base.parse().unwrap(),
        user: "admin".to_owned(),
        login_key: Some(SecretString::from(key)),
        subdomain_base: "sites.example.com".parse().unwrap(),
    };
    directadmin::provider(line, settings)
}

fn order(number: u64) -> ServiceOrder {
    Bed::<Server>::an_order(number)
}

fn target(order: &ServiceOrder, made: provisioning::Remote) -> Target {
    Target { service: order.service, customer: order.owner.customer, reference: made.reference }
}

#[tokio::test]
async fn it_conforms() {
    provider_conforms(&Bed::<Server>::start().await).await;
}

#[tokio::test]
async fn the_switch_is_pressed_only_where_it_must_turn() {
    let bed = Bed::<Server>::start().await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    let target = target(&order(1), made);
    for _ in 0..3 {
        bed.provider.suspend(&target, "why").await.unwrap();
        assert_eq!(bed.things().await[0]["suspended"], json!(true));
    }
    for _ in 0..3 {
        bed.provider.resume(&target).await.unwrap();
        assert_eq!(bed.things().await[0]["suspended"], json!(false));
    }
}

#[tokio::test]
async fn that_a_domain_exists_already_is_no_success() {
    let bed = Bed::<Server>::start().await;
    bed.turn(json!({ "user": "other", "domain": "taken.org", "email": "o@x.com" })).await;
    let mut own = order(1);
    own.delivery.domain = Some(DomainChoice::Own("taken.org".parse().unwrap()));
    let refused = bed.provider.create(&own).await.unwrap_err();
    assert!(matches!(&refused, ProviderError::Refused { detail } if detail.contains("already exists")), "{refused}");
    assert_eq!(bed.provider.find(&own).await, Ok(Lookup::Absent));
    assert_eq!(bed.things().await.len(), 1);
}

#[tokio::test]
async fn the_page_for_signing_in_is_no_answer_and_proves_nothing() {
    let bed = Bed::<Server>::start().await;
    let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
    let base = format!("{}/hosting/directadmin", bed.running.base_url());
    let stranger = Gated::unlimited(with_key(line, &base, "a wrong key"));
    let create = stranger.create(&order(1)).await.err();
    for told in [stranger.find(&order(1)).await.err(), create, stranger.check().await.err()] {
        let told = told.unwrap();
        assert!(matches!(&told, ProviderError::Unavailable { detail, .. } if detail.contains("login_key")), "{told}");
        assert!(!told.to_string().contains("a wrong key"), "{told}");
    }
}

#[tokio::test]
async fn what_it_complains_of_is_readable_and_its_owner_is_signed_in() {
    let bed = Bed::<Server>::start().await;
    let mut unknown = order(1);
    unknown.settings["package"] = json!("golden");
    let refused = bed.provider.create(&unknown).await.unwrap_err();
    assert!(refused.to_string().contains("The package 'golden' is not yours"), "{refused}");
    let made = bed.provider.create(&order(2)).await.unwrap();
    let link = bed.provider.console(&target(&order(2), made)).await.unwrap();
    assert!(link.signs_in && link.url.starts_with("https://"), "{link:?}");
}
