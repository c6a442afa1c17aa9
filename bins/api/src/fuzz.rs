//! What is read of requests before anything is done, fuzzed (docs/CONTRIBUTING.md).

use actix_web::{
    FromRequest as _, HttpRequest, ResponseError as _,
    http::header::{self, HeaderValue},
    test::TestRequest,
    web::Payload,
};
use checkout::CheckoutRequest;
use proptest::{prop_assert, prop_assert_eq};
use provisioning::DomainChoice;
use serde_json::{Value, json};
use testkit::fuzz::fuzz;

use crate::{auth::bearer, body::Fields, cors::Origins, endpoints::read_checkout, problem::Problem};

/// Whatever a problem of a field may be about.
const FIELDS: &[&str] = &[
    "planId",
    "plan_id",
    "billingCycle",
    "term",
    "billing_cycle",
    "trialActive",
    "trial_active",
    "couponCode",
    "coupon_code",
    "customer",
    "customer.name",
    "customer.email",
    "domain",
    "domain.mode",
    "domain.value",
    "region",
    "serverName",
    "server_name",
    "item_type",
    "itemType",
];

/// Reads a guest's checkout as the endpoint does.
fn read(body: &[u8]) -> Result<CheckoutRequest, Problem> {
    let request = TestRequest::post().insert_header((header::CONTENT_TYPE, "application/json"));
    let (request, mut payload) = request.set_payload(body.to_vec()).to_http_parts();
    futures_util::FutureExt::now_or_never(async {
        let payload = Payload::from_request(&request, &mut payload).await.map_err(|_| Problem::bug("no payload"))?;
        read_checkout(&mut Fields::read(&request, payload).await?)
    })
    .unwrap_or_else(|| Err(Problem::bug("a body in memory makes nobody wait")))
}

/// The same order in the words of the newer clients.
fn written(checkout: &CheckoutRequest) -> Value {
    let domain = checkout.delivery.domain.as_ref().map(|domain| match domain {
        DomainChoice::Subdomain(label) => json!({ "mode": "subdomain", "value": label }),
        DomainChoice::Own(name) => json!({ "mode": "own", "value": name.to_string() }),
    });
    json!({
        "planId": checkout.plan, "billingCycle": checkout.cycle, "trialActive": checkout.trial,
        "couponCode": checkout.coupon, "domain": domain,
        "customer": { "name": checkout.buyer.name, "email": checkout.buyer.email.as_str() },
        "region": checkout.delivery.region.as_ref().map(ToString::to_string),
        "serverName": checkout.delivery.server_name.as_ref().map(provisioning::ServerName::as_str),
    })
}

#[test]
fn whatever_checkout_is_read_means_the_same_when_written_again() {
    fuzz("checkout_body", Vec::new(), |body| {
        match read(body) {
            Ok(checkout) => {
                let again = read(written(&checkout).to_string().as_bytes());
                prop_assert_eq!(again.map_err(|problem| problem.to_string()), Ok(checkout));
            }
            Err(problem) => {
                let (status, text) = (problem.status_code().as_u16(), problem.to_string());
                prop_assert!(matches!(status, 400 | 401 | 413) && !text.is_empty(), "{status} {text}");
                if problem.code() == "invalid-request" {
                    let field = text.split(": ").next().unwrap_or_default();
                    prop_assert!(FIELDS.contains(&field), "no field is named: {text}");
                }
            }
        }
        Ok(())
    });
}

#[test]
fn whatever_authorization_holds_is_a_token_or_refused() {
    fuzz("authorization", Vec::new(), |input| {
        let Ok(value) = HeaderValue::from_bytes(input) else { return Ok(()) };
        let request: HttpRequest =
            TestRequest::default().insert_header((header::AUTHORIZATION, value)).to_http_request();
        match bearer(&request) {
            Ok(token) => {
                let text = std::str::from_utf8(input).unwrap_or_default().trim();
                let (scheme, rest) = text.split_once(' ').unwrap_or_default();
                prop_assert!(scheme.eq_ignore_ascii_case("bearer"), "{text:?}");
                prop_assert_eq!(token, Some(rest.trim()));
            }
            Err(problem) => prop_assert_eq!(problem.status_code().as_u16(), 401),
        }
        Ok(())
    });
}

#[test]
fn whatever_origins_are_configured_only_they_are_allowed() {
    fuzz("cors_origins", Vec::new(), |input| {
        let texts: Vec<String> = String::from_utf8_lossy(input).split(',').map(str::to_owned).collect();
        let Ok(origins) = Origins::parse(&texts) else { return Ok(()) };
        for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            let bare = text.strip_suffix('/').unwrap_or(text);
            prop_assert!(origins.allow(bare), "{bare} is configured");
            for other in [format!("{bare}.evil.example"), format!("{bare}:1"), format!("x{bare}"), format!("{bare}/")] {
                let configured =
                    texts.iter().any(|text| text.trim().trim_end_matches('/').eq_ignore_ascii_case(&other));
                prop_assert!(configured || !origins.allow(&other), "{other} is none of {texts:?}");
            }
        }
        for stranger in ["null", "*", "", "https://evil.example"] {
            prop_assert!(
                !origins.allow(stranger) || texts.iter().any(|text| text.contains("evil.example")),
                "{stranger}"
            );
        }
        Ok(())
    });
}
