//! The checkout form and the price beside it.

use catalog::{Product, ProductKind, Quote};
use kernel::{BillingCycle, Money};
use orders::OrderLine;
use serde::Serialize;

use super::plans::{PriceView, few_left, price_view};
use crate::{
    checkout_form::{Entries, Errors},
    field::{Field, Problem},
    say::{Fill, Say, say},
    visitor::Visitor,
    words::{every, period},
};

/// What is paid, when, and what comes off.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SummaryView {
    plan_name: String,
    period: Say,
    list: Fill,
    coupon: Option<String>,
    /// Below zero.
    discount: Option<Fill>,
    due_label: Say,
    due: Fill,
    after: Say,
}

struct Costs<'a> {
    plan_name: &'a str,
    cycle: BillingCycle,
    list: Money,
    discount: Option<(String, Money)>,
    total: Money,
    due_now: Money,
    renewal: Option<Money>,
    trial_days: u16,
}

/// From a quote.
pub(crate) fn summary_of_quote(quote: &Quote) -> SummaryView {
    summary(&Costs {
        plan_name: &quote.plan_name,
        cycle: quote.cycle,
        list: quote.list,
        discount: quote.coupon.as_ref().map(|coupon| (coupon.code.to_string(), quote.discount)),
        total: quote.total,
        due_now: quote.due_now,
        renewal: quote.renewal,
        trial_days: quote.trial_days,
    })
}

/// From what an order froze.
pub(crate) fn summary_of_line(line: &OrderLine) -> SummaryView {
    let view = summary(&Costs {
        plan_name: &line.plan_name,
        cycle: line.cycle,
        list: line.list,
        discount: line.discount.as_ref().map(|discount| (discount.code.to_string(), discount.amount)),
        total: line.total,
        due_now: line.due_now,
        renewal: line.renewal,
        trial_days: line.trial_days,
    });
    // Whether it was paid is said elsewhere on the page, where it is kept up to date.
    SummaryView { due_label: say("summary-first"), ..view }
}

fn summary(costs: &Costs<'_>) -> SummaryView {
    let (coupon, discount) = costs.discount.clone().unzip();
    SummaryView {
        plan_name: costs.plan_name.to_owned(),
        period: period(costs.cycle),
        list: costs.list.into(),
        coupon,
        discount: discount.map(|off| Money::new(off.minor().saturating_neg(), off.currency()).into()),
        due_label: say("summary-due"),
        due: costs.due_now.into(),
        after: afterwards(costs),
    }
}

/// What is charged later, in a sentence.
fn afterwards(costs: &Costs<'_>) -> Say {
    let Some(renewal) = costs.renewal else { return say("summary-once") };
    let sentence = match (costs.trial_days, renewal == costs.total) {
        (0, true) => say("summary-renews"),
        (0, false) => say("summary-discount-once"),
        (days, true) => say("summary-trial").with("days", days),
        (days, false) => say("summary-trial-discount").with("days", days).with("total", costs.total),
    };
    sentence.with("renewal", renewal).with("every", every(costs.cycle))
}

/// The checkout page.
#[derive(Debug, Serialize)]
pub(crate) struct CheckoutView {
    code: String,
    name: String,
    description: String,
    cycle: &'static str,
    /// Only where there is more than one.
    cycles: Vec<CycleChoice>,
    problems: Vec<Problem>,
    form_error: Option<Say>,
    /// Who is signed in.
    account: Option<String>,
    sign_in_url: String,
    name_field: Field,
    email_field: Field,
    domain: Option<DomainView>,
    server_name_field: Option<Field>,
    regions: Vec<RegionChoice>,
    region_error: Option<Say>,
    coupon_field: Field,
    trial: Option<TrialView>,
    key: String,
    seen: String,
    summary: SummaryView,
    button: Say,
    /// None is left, and nothing can be ordered.
    sold_out: bool,
    few: Option<Say>,
}

#[derive(Debug, Serialize)]
struct CycleChoice {
    price: PriceView,
    current: bool,
}

#[derive(Debug, Serialize)]
struct RegionChoice {
    code: String,
    name: String,
    current: bool,
}

#[derive(Debug, Serialize)]
struct DomainView {
    own: bool,
    /// There is no free address to choose instead.
    only_own: bool,
    subdomain_field: Field,
    domain_field: Field,
}

#[derive(Debug, Serialize)]
struct TrialView {
    days: u16,
    chosen: bool,
    error: Option<Say>,
}

/// The page, with what was entered and what is wrong with it.
pub(crate) fn checkout(
    (product, quote, left): (&Product, &Quote, Option<u32>),
    visitor: &Visitor,
    (entries, errors): (&Entries, &Errors),
) -> CheckoutView {
    let fields = Fields::new(product, entries, errors);
    let many = product.prices.len() > 1;
    let offered = product.prices.iter().filter(|_| many);
    let days = product.price(quote.cycle).map_or(0, |price| price.trial_days);
    let choose = |price| CycleChoice { price: price_view(product, price), current: price.cycle == quote.cycle };
    let sold_out = left == Some(0);
    let gone = || say("checkout-sold-out").with("plan", product.name.as_str());
    let next = format!("/order/{}?cycle={}", product.code, quote.cycle);
    CheckoutView {
        code: product.code.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        cycle: quote.cycle.as_str(),
        cycles: offered.map(choose).collect(),
        problems: fields.problems(errors),
        form_error: errors.form.clone().or_else(|| sold_out.then(gone)),
        account: visitor.0.as_ref().map(|who| who.customer.email.to_string()),
        sign_in_url: format!("/login?next={}", crate::answer::encoded(&next)),
        name_field: fields.name,
        email_field: fields.email,
        domain: fields.domain,
        server_name_field: fields.server_name,
        regions: regions(product, entries),
        region_error: errors.region.clone(),
        coupon_field: fields.coupon,
        trial: (days > 0).then(|| TrialView { days, chosen: entries.trial, error: errors.trial.clone() }),
        key: entries.key.clone(),
        seen: seen(quote),
        summary: summary_of_quote(quote),
        button: if quote.trial_days > 0 {
            say("checkout-start-trial")
        } else if quote.due_now.is_zero() {
            say("checkout-order-free")
        } else {
            say("checkout-to-payment")
        },
        sold_out,
        few: few_left(left),
    }
}

struct Fields {
    name: Field,
    email: Field,
    domain: Option<DomainView>,
    server_name: Option<Field>,
    coupon: Field,
}

impl Fields {
    fn new(product: &Product, entries: &Entries, errors: &Errors) -> Self {
        let only_own = product.kind == ProductKind::Email;
        let has_domain = only_own || matches!(product.kind, ProductKind::Hosting | ProductKind::Wordpress);
        let domain = has_domain.then(|| domain(only_own, entries, errors));
        let server_name = (product.kind == ProductKind::Game).then(|| {
            Field::text("server_name", say("checkout-server-name"), &entries.server_name)
                .optional()
                .kept()
                .max(60)
                .hint(say("checkout-server-name-hint"))
                .error(errors.server_name.as_ref())
        });
        Self {
            name: Field::text("name", say("field-your-name"), &entries.name)
                .autocomplete("name")
                .error(errors.name.as_ref()),
            email: Field::email(&entries.email, "email").hint(say("checkout-email-hint")).error(errors.email.as_ref()),
            domain,
            server_name,
            coupon: Field::text("coupon", say("checkout-coupon"), &entries.coupon)
                .optional()
                .kept()
                .max(40)
                .error(errors.coupon.as_ref()),
        }
    }

    fn problems(&self, errors: &Errors) -> Vec<Problem> {
        let domain = self.domain.as_ref().map(|domain| [&domain.subdomain_field, &domain.domain_field]);
        let fields = [&self.name, &self.email].into_iter().chain(domain.into_iter().flatten());
        let mut problems: Vec<Problem> =
            fields.chain(self.server_name.as_ref()).chain([&self.coupon]).filter_map(Field::problem).collect();
        let others = [("region", &errors.region), ("trial", &errors.trial)];
        problems.extend(others.into_iter().filter_map(|(name, text)| Some(Problem { name, text: text.clone()? })));
        problems
    }
}

fn domain(only_own: bool, entries: &Entries, errors: &Errors) -> DomainView {
    let subdomain = Field::text("subdomain", say("checkout-subdomain"), &entries.subdomain)
        .optional()
        .kept()
        .max(40)
        .hint(say("checkout-subdomain-hint"));
    let own = Field::text("domain", say("checkout-domain"), &entries.domain)
        .kept()
        .max(253)
        .hint(say("checkout-domain-hint"));
    let own = if only_own { own.optional() } else { own.depends() };
    DomainView {
        own: only_own || entries.own_domain,
        only_own,
        subdomain_field: subdomain.error(errors.subdomain.as_ref()),
        domain_field: own.error(errors.domain.as_ref()),
    }
}

fn regions(product: &Product, entries: &Entries) -> Vec<RegionChoice> {
    let known = product.regions.iter().any(|region| region.code.as_str() == entries.region);
    let choice = |(index, region): (usize, &catalog::Region)| RegionChoice {
        code: region.code.to_string(),
        name: region.name.clone(),
        current: if known { region.code.as_str() == entries.region } else { index == 0 },
    };
    product.regions.iter().enumerate().map(choice).collect()
}

/// The costs that the customer sees, to be sent back with the form.
pub(crate) fn seen(quote: &Quote) -> String {
    let renewal = quote.renewal.map_or(0, Money::minor);
    format!("{}:{}:{}:{renewal}", quote.list.currency(), quote.due_now.minor(), quote.total.minor())
}

/// Whether anything became dearer since the customer saw `before`: then it is shown again before it is ordered.
pub(crate) fn became_dearer(before: &str, quote: &Quote) -> bool {
    let (then, now) = (before.split(':'), seen(quote));
    let dearer = |(then, now): (&str, &str)| match (then.parse::<i64>(), now.parse::<i64>()) {
        (Ok(then), Ok(now)) => now > then,
        _ => then != now,
    };
    !before.is_empty() && then.zip(now.split(':')).any(dearer)
}
