//! cPanel's WHM.

use kernel::{Id, entity};
use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated, Line,
    accounts::AccountProvider,
    names::account,
    whm::{self, Whm, WhmSettings},
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
    type Adapter = AccountProvider<Whm>;
    const NAME: &'static str = "whm";
    const WRITES: (&'static str, &'static str, &'static str) =
        ("POST", "/createacct,/suspendacct,/unsuspendacct,/removeacct,/changepackage", "");
    // It has no word for being busy with something else.
    const NEVER: &'static [Trouble] = &[Trouble::Conflict];
    fn adapter(line: Line, base: &str) -> AccountProvider<Whm> {
        with_token(line, base, "SANDBOXWHMTOKEN0000000000000001")
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
        thing["plan"] == order.settings["package"]
    }
    fn give_away(thing: &Value) -> Option<Value> {
        Some(json!({ "user": thing["user"], "domain": "stranger.org", "email": "stranger@x.com" }))
    }
}

fn with_token(line: Line, base: &str, token: &str) -> AccountProvider<Whm> {
    let settings = WhmSettings {
        url: base.parse().unwrap(),
        user: "root".to_owned(),
        token: Some(SecretString::from(token)),
        subdomain_base: "sites.example.com".parse().unwrap(),
    };
    whm::provider(line, settings)
}

fn order(number: u64) -> ServiceOrder {
    Bed::<Server>::an_order(number)
}

#[tokio::test]
async fn it_conforms() {
    provider_conforms(&Bed::<Server>::start().await).await;
}

#[tokio::test]
async fn a_domain_that_somebody_has_is_passed_over_and_an_own_one_is_refused() {
    let bed = Bed::<Server>::start().await;
    bed.turn(json!({ "user": "other", "domain": "mine.sites.example.com", "email": "o@x.com" })).await;
    bed.turn(json!({ "user": "another", "domain": "taken.org", "email": "o@x.com" })).await;
    let mut wish = order(1);
    wish.delivery.domain = Some(DomainChoice::Subdomain("mine".to_owned()));
    let made = bed.provider.create(&wish).await.unwrap();
    assert!(made.reference.identifier.starts_with("mine-"), "{made:?}");
    let mut own = order(2);
    own.delivery.domain = Some(DomainChoice::Own("taken.org".parse().unwrap()));
    let refused = bed.provider.create(&own).await.unwrap_err();
    assert!(matches!(&refused, ProviderError::Refused { detail } if detail.contains("taken.org")), "{refused}");
    assert_eq!(bed.provider.find(&own).await, Ok(Lookup::Absent));
}

#[tokio::test]
async fn a_half_made_account_and_an_unknown_package_are_for_a_person() {
    let bed = Bed::<Server>::start().await;
    bed.turn(json!({ "group": account(order(1).service) })).await;
    let refused = bed.provider.create(&order(1)).await.unwrap_err();
    assert!(matches!(&refused, ProviderError::Refused { detail } if detail.contains("group")), "{refused}");
    let mut unknown = order(2);
    unknown.settings = json!({ "package": "golden" });
    let refused = bed.provider.create(&unknown).await.unwrap_err();
    assert!(matches!(&refused, ProviderError::Refused { detail } if detail.contains("golden")), "{refused}");
}

#[tokio::test]
async fn an_account_under_our_name_with_another_owner_is_foreign() {
    let bed = Bed::<Server>::start().await;
    let login = account(order(1).service);
    bed.turn(json!({ "user": login, "domain": "stranger.org", "email": "stranger@x.com" })).await;
    assert!(matches!(bed.provider.find(&order(1)).await, Ok(Lookup::Foreign(_))));
    let refused = bed.provider.create(&order(1)).await;
    assert!(matches!(refused, Err(ProviderError::Refused { .. })), "{refused:?}");
}

#[tokio::test]
async fn refused_credentials_come_with_200_and_prove_nothing() {
    let bed = Bed::<Server>::start().await;
    let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
    let base = format!("{}/hosting/whm", bed.running.base_url());
    let stranger = Gated::unlimited(with_token(line, &base, "a-wrong-token-of-some-length"));
    let create = stranger.create(&order(1)).await.err();
    for told in [stranger.find(&order(1)).await.err(), create, stranger.check().await.err()] {
        let told = told.unwrap();
        assert!(matches!(&told, ProviderError::Unavailable { detail, .. } if detail.contains("token")), "{told}");
        assert!(!told.to_string().contains("wrong-token"), "{told}");
    }
}

#[tokio::test]
async fn its_owner_is_signed_in_and_the_reason_of_a_suspension_is_told() {
    let bed = Bed::<Server>::start().await;
    let made = bed.provider.create(&order(1)).await.unwrap();
    let target = Target { service: order(1).service, customer: order(1).owner.customer, reference: made.reference };
    let link = bed.provider.console(&target).await.unwrap();
    assert!(link.signs_in && link.url.contains("cpsess"), "{link:?}");
    bed.provider.suspend(&target, "the invoice is open").await.unwrap();
    assert_eq!(bed.things().await[0]["suspended"], json!("the invoice is open"));
}
