//! Both shapes of the request, read into one.

use actix_web::http::StatusCode;
use checkout::CheckoutRequest;
use flows::SignedIn;
use kernel::{EmailAddress, Slug};
use orders::Buyer;
use provisioning::{DeliveryRequest, DomainChoice, ServerName};
use utoipa::ToSchema;

use crate::{body::Fields, problem::Problem};

/// What is asked for. Other members are ignored: older clients send more.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CheckoutBody {
    /// The plan; `plan_id` is taken as well.
    #[schema(example = "starter")]
    plan_id: String,
    /// monthly, quarterly, semiannual, yearly, biennial, triennial or one_time; `term` is taken as well.
    #[schema(example = "monthly")]
    billing_cycle: String,
    /// Begin with the plan's free trial; absent is false.
    trial_active: bool,
    /// A coupon.
    #[schema(example = "WELCOME10")]
    coupon_code: Option<String>,
    /// Who orders; needed from guests, ignored from those who are signed in.
    customer: Option<CustomerBody>,
    /// Under which name a website is reached.
    #[schema(value_type = Option<DomainBody>)]
    domain: Option<DomainChoice>,
    /// Where it shall run: one of the plan's regions.
    #[schema(example = "us-central", value_type = Option<String>)]
    region: Option<Slug>,
    /// What a game server is called; `server_name` is taken as well.
    #[schema(example = "My server", value_type = Option<String>)]
    server_name: Option<ServerName>,
}

/// Who orders.
#[derive(Debug, ToSchema)]
pub(crate) struct CustomerBody {
    /// 1 to 200 characters.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// Where mails go.
    #[schema(example = "ada@example.com", value_type = String)]
    email: EmailAddress,
}

/// Under which name a website is reached.
#[derive(Debug, ToSchema)]
pub(crate) struct DomainBody {
    /// `subdomain`, `free` or `temporary` for a free name of ours; `own`, `existing`, `custom`, `transfer` or `byod` for a
    /// domain that the customer has.
    #[schema(example = "subdomain")]
    mode: Option<String>,
    /// The wished name, or the domain.
    #[schema(example = "mysite")]
    value: Option<String>,
}

const PLAN: &[&str] = &["planId", "plan_id"];
const CYCLE: &[&str] = &["billingCycle", "term", "billing_cycle"];
const TRIAL: &[&str] = &["trialActive", "trial_active"];
const COUPON: &[&str] = &["couponCode", "coupon_code"];
const SERVER_NAME: &[&str] = &["serverName", "server_name"];
/// Members that only the game shop's client sends, which has its customers sign in.
const OF_GAME_SHOP: &[&str] = &["item_type", "plan_id", "server_name", "term"];

impl CheckoutBody {
    /// Takes it from the body.
    pub(super) fn take(fields: &mut Fields, guest: bool) -> Result<Self, Problem> {
        if guest && !fields.has(&["customer"]) && fields.has(OF_GAME_SHOP) {
            return Err(Problem::unauthenticated("Sign in to order this, or send a customer with name and email."));
        }
        let plan_id = fields.required(PLAN, "\"starter\"");
        let billing_cycle = fields.required(CYCLE, "\"monthly\"");
        // Its word says nothing that the plan does not say, but it has to be a text.
        fields.text(&["item_type", "itemType"], "\"game\"");
        let body = Self {
            plan_id: plan_id.unwrap_or_default(),
            billing_cycle: billing_cycle.unwrap_or_default(),
            trial_active: fields.flag(TRIAL),
            coupon_code: fields.text(COUPON, "\"WELCOME10\""),
            customer: if guest { customer(fields) } else { None },
            domain: domain(fields)?,
            region: fields.parsed(&["region"], "\"us-central\"", str::parse),
            server_name: fields.parsed(SERVER_NAME, "\"My server\"", server_name),
        };
        fields.finish()?;
        Ok(body)
    }

    /// In checkout's own words.
    pub(super) fn into_checkout(self, who: Option<&SignedIn>) -> Result<CheckoutRequest, Problem> {
        let buyer = match (who, self.customer) {
            (Some(SignedIn { customer, .. }), _) => Buyer {
                email: customer.email.clone(),
                name: customer.name.clone(),
                customer: Some(customer.id),
                guest: false,
            },
            (None, Some(CustomerBody { name, email })) => Buyer { email, name, customer: None, guest: true },
            (None, None) => return Err(Problem::unauthenticated("Sign in, or send a customer with name and email.")),
        };
        Ok(CheckoutRequest {
            plan: self.plan_id,
            cycle: self.billing_cycle,
            coupon: self.coupon_code,
            trial: self.trial_active,
            buyer,
            delivery: DeliveryRequest { region: self.region, server_name: self.server_name, domain: self.domain },
            client_key: None,
        })
    }
}

fn customer(fields: &mut Fields) -> Option<CustomerBody> {
    let example = "{\"name\": \"Ada Lovelace\", \"email\": \"ada@example.com\"}";
    if !fields.has(&["customer"]) {
        fields.missing("customer", &format!("an object such as {example}"));
        return None;
    }
    let mut inner = fields.open("customer", example)?;
    let name = inner.required_parsed(&["name"], "\"Ada Lovelace\"", super::super::person_name);
    let email = inner.required_parsed(&["email"], "\"ada@example.com\"", str::parse);
    fields.close(inner);
    Some(CustomerBody { name: name?, email: email? })
}

fn server_name(text: &str) -> Result<ServerName, &'static str> {
    ServerName::parse(text).ok_or("expected 1 to 60 characters, none of them a control character")
}

fn domain(fields: &mut Fields) -> Result<Option<DomainChoice>, Problem> {
    let Some(mut inner) = fields.open("domain", "{\"mode\": \"subdomain\", \"value\": \"mysite\"}") else {
        return Ok(None);
    };
    let mode = inner.text(&["mode"], "\"subdomain\"").map(|mode| mode.trim().to_ascii_lowercase());
    let body = DomainBody { mode, value: inner.text(&["value"], "\"mysite\"") };
    let choice = match (body.mode.as_deref(), body.value) {
        (Some("register" | "new"), _) => return Err(registration()),
        (Some("subdomain" | "free" | "temporary"), Some(wish)) => {
            inner.understood(&["value"], DomainChoice::subdomain(&wish))
        }
        (Some("own" | "existing" | "custom" | "transfer" | "byod"), Some(name)) => {
            inner.understood(&["value"], name.parse().map(DomainChoice::Own))
        }
        (Some("own" | "existing" | "custom" | "transfer" | "byod"), None) => {
            inner.understood(&["value"], Err("missing; expected a domain such as \"example.com\""))
        }
        // No wish: the shop gives a name.
        (Some("subdomain" | "free" | "temporary") | None, None) => None,
        (None, Some(_)) => inner.understood(&["mode"], Err("missing; expected \"subdomain\" or \"own\"")),
        (Some(_), _) => inner.understood(&["mode"], Err("unknown; expected \"subdomain\" or \"own\"")),
    };
    fields.close(inner);
    Ok(choice)
}

fn registration() -> Problem {
    let text = "domain.mode: registering a new domain is not offered yet; choose a free subdomain (\"subdomain\") or a domain \
                you have (\"own\").";
    Problem::new(StatusCode::BAD_REQUEST, "domain-registration-not-offered", text)
}
