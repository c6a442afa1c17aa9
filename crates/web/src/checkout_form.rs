//! The checkout form: what was entered, and what of it can be ordered.

use catalog::{Product, ProductKind, QuoteError};
use checkout::{CheckoutError, CheckoutRequest, ClientKey};
use kernel::{EmailAddress, UnknownCycle};
use orders::Buyer;
use provisioning::{DeliveryRequest, DomainChoice, ServerName};

use crate::{
    assets::digest,
    say::{Say, say},
    visitor::{Parameters, Visitor, value},
};

/// What was entered, as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) own_domain: bool,
    pub(crate) subdomain: String,
    pub(crate) domain: String,
    pub(crate) server_name: String,
    pub(crate) region: String,
    pub(crate) coupon: String,
    pub(crate) trial: bool,
    pub(crate) cycle: String,
    /// The form's own random key: sending it twice orders once.
    pub(crate) key: String,
    /// The costs that were shown.
    pub(crate) seen: String,
    /// The button that was pressed.
    pub(crate) action: Action,
}

/// What a press of a button asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Action {
    /// To order.
    #[default]
    Order,
    /// To see the price again, with the coupon, trial or period now chosen.
    Show,
}

/// What is wrong, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Errors {
    pub(crate) name: Option<Say>,
    pub(crate) email: Option<Say>,
    pub(crate) subdomain: Option<Say>,
    pub(crate) domain: Option<Say>,
    pub(crate) server_name: Option<Say>,
    pub(crate) region: Option<Say>,
    pub(crate) coupon: Option<Say>,
    pub(crate) trial: Option<Say>,
    /// Of no field.
    pub(crate) form: Option<Say>,
}

impl Errors {
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }

    /// With what `others` know of the fields that are right so far.
    pub(crate) fn and(self, others: Self) -> Self {
        Self {
            name: self.name.or(others.name),
            email: self.email.or(others.email),
            subdomain: self.subdomain.or(others.subdomain),
            domain: self.domain.or(others.domain),
            server_name: self.server_name.or(others.server_name),
            region: self.region.or(others.region),
            coupon: self.coupon.or(others.coupon),
            trial: self.trial.or(others.trial),
            form: self.form.or(others.form),
        }
    }

    /// Puts a refusal beside the field it is about. `false` when it is about nothing that was entered.
    pub(crate) fn place_refusal(&mut self, error: &CheckoutError) -> bool {
        match error {
            CheckoutError::Quote(quote) => self.place(quote),
            CheckoutError::UnknownRegion { asked, available } => {
                let text = say("checkout-region-unknown").with("asked", asked.as_str());
                self.region = Some(text.with("available", available.join(", ")));
                true
            }
            CheckoutError::NoRoom { plan, region: Some(region) } => {
                let text = say("checkout-no-room").with("plan", plan.as_str());
                self.region = Some(text.with("region", region.as_str()));
                true
            }
            CheckoutError::SoldOut { plan } | CheckoutError::NoRoom { plan, region: None } => {
                self.form = Some(say("checkout-sold-out").with("plan", plan.as_str()));
                true
            }
            CheckoutError::KeyReused
            | CheckoutError::OrderClosed(_)
            | CheckoutError::Order(_)
            | CheckoutError::Store(_) => false,
        }
    }

    /// The same for what keeps a price from being worked out.
    pub(crate) fn place(&mut self, error: &QuoteError) -> bool {
        let (field, text) = match error {
            QuoteError::NoActivePrice { plan, cycle } => {
                let text = say("checkout-no-price").with("plan", plan.as_str()).with("cycle", cycle.as_str());
                (&mut self.form, text)
            }
            QuoteError::UnknownCycle(UnknownCycle(word)) => {
                (&mut self.form, say("checkout-unknown-cycle").with("cycle", word.as_str()))
            }
            QuoteError::UnknownCoupon(code) => {
                (&mut self.coupon, say("checkout-coupon-unknown").with("code", code.as_str()))
            }
            QuoteError::CouponExpired { code, since } => {
                let since = since.format("%Y-%m-%d %H:%M UTC").to_string();
                (&mut self.coupon, say("checkout-coupon-expired").with("code", code.to_string()).with("since", since))
            }
            QuoteError::CouponNotYetValid => (&mut self.coupon, say("checkout-coupon-early")),
            QuoteError::CouponNotForPlan => (&mut self.coupon, say("checkout-coupon-plan")),
            QuoteError::CouponCurrency => (&mut self.coupon, say("checkout-coupon-currency")),
            QuoteError::NoTrial => (&mut self.trial, say("checkout-no-trial")),
            QuoteError::Store(_) => return false,
        };
        *field = Some(text);
        true
    }
}

impl Entries {
    /// What a browser sent.
    pub(crate) fn read(form: &Parameters) -> Self {
        let pressed = value(form, "action");
        let (action, cycle) = match pressed.strip_prefix("cycle:") {
            Some(cycle) => (Action::Show, cycle.to_owned()),
            None if pressed == "show" => (Action::Show, value(form, "cycle")),
            None => (Action::Order, value(form, "cycle")),
        };
        Self {
            name: value(form, "name"),
            email: value(form, "email"),
            own_domain: value(form, "domain_mode") == "own",
            subdomain: value(form, "subdomain"),
            domain: value(form, "domain"),
            server_name: value(form, "server_name"),
            region: value(form, "region"),
            coupon: value(form, "coupon"),
            trial: form.contains_key("trial"),
            key: Some(value(form, "key")).filter(|key| is_key(key)).unwrap_or_default(),
            seen: value(form, "seen"),
            cycle,
            action,
        }
    }
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What can be ordered of it.
///
/// # Errors
/// What is wrong with each field.
pub(crate) fn request(product: &Product, visitor: &Visitor, entries: &Entries) -> Result<CheckoutRequest, Box<Errors>> {
    let mut errors = Errors::default();
    let buyer = buyer(visitor, entries, &mut errors);
    let delivery = delivery(product, entries, &mut errors);
    let Some(buyer) = buyer.filter(|_| !errors.any()) else { return Err(Box::new(errors)) };
    let mut request = CheckoutRequest {
        plan: product.code.to_string(),
        cycle: entries.cycle.clone(),
        coupon: Some(entries.coupon.to_ascii_uppercase()).filter(|coupon| !coupon.is_empty()),
        trial: entries.trial,
        buyer,
        delivery,
        client_key: None,
    };
    request.client_key = client_key(visitor, entries, &request);
    Ok(request)
}

fn buyer(visitor: &Visitor, entries: &Entries, errors: &mut Errors) -> Option<Buyer> {
    if let Some(who) = &visitor.0 {
        let customer = &who.customer;
        return Some(Buyer {
            email: customer.email.clone(),
            name: customer.name.clone(),
            customer: Some(customer.id),
            guest: false,
        });
    }
    let name = person_name(&entries.name).map_err(|problem| errors.name = Some(problem)).ok();
    let email = email(&entries.email).map_err(|problem| errors.email = Some(problem)).ok();
    Some(Buyer { email: email?, name: name?, customer: None, guest: true })
}

/// A name as people write it: 1 to 100 characters on one line.
pub(crate) fn person_name(text: &str) -> Result<String, Say> {
    let name = text.trim();
    if name.is_empty() {
        Err(say("name-missing"))
    } else if name.chars().count() > 100 || name.chars().any(char::is_control) {
        Err(say("name-wrong"))
    } else {
        Ok(name.to_owned())
    }
}

/// An address that can be written to.
pub(crate) fn email(text: &str) -> Result<EmailAddress, Say> {
    text.parse().map_err(|_| say("email-wrong"))
}

fn delivery(product: &Product, entries: &Entries, errors: &mut Errors) -> DeliveryRequest {
    let mut delivery = DeliveryRequest::default();
    if product.kind == ProductKind::Game && !entries.server_name.is_empty() {
        delivery.server_name = ServerName::parse(&entries.server_name);
        if delivery.server_name.is_none() {
            errors.server_name = Some(say("checkout-server-name-wrong"));
        }
    }
    if !product.regions.is_empty() && !entries.region.is_empty() {
        let offered = product.regions.iter().find(|region| region.code.as_str() == entries.region);
        delivery.region = offered.map(|region| region.code.clone());
        if offered.is_none() {
            errors.region = Some(say("checkout-region-wrong"));
        }
    }
    delivery.domain = domain(product.kind, entries, errors);
    delivery
}

fn domain(kind: ProductKind, entries: &Entries, errors: &mut Errors) -> Option<DomainChoice> {
    let own = match kind {
        ProductKind::Hosting | ProductKind::Wordpress => entries.own_domain,
        ProductKind::Email => true,
        ProductKind::Game | ProductKind::Vps | ProductKind::Cloud | ProductKind::Storage => return None,
    };
    let optional = kind == ProductKind::Email;
    match own {
        true if entries.domain.is_empty() && optional => None,
        true => {
            let domain = entries.domain.parse();
            domain.map_err(|_| errors.domain = Some(say("checkout-domain-wrong"))).ok().map(DomainChoice::Own)
        }
        false if entries.subdomain.is_empty() => None,
        false => {
            let wrong = |_| errors.subdomain = Some(say("checkout-subdomain-wrong"));
            DomainChoice::subdomain(&entries.subdomain).map_err(wrong).ok()
        }
    }
}

/// The form's key together with what was entered: the same form sent twice orders once, a changed one orders anew.
fn client_key(visitor: &Visitor, entries: &Entries, request: &CheckoutRequest) -> Option<ClientKey> {
    if entries.key.is_empty() {
        return None;
    }
    // Debug output of an address is redacted, hence the address itself.
    let text = format!(
        "{}|{}|{:?}|{}|{}|{:?}|{:?}",
        request.plan,
        request.cycle,
        request.coupon,
        request.trial,
        request.buyer.email,
        request.buyer.name,
        request.delivery
    );
    let fingerprint = digest(text.as_bytes(), 32);
    let scope = visitor.0.as_ref().map_or_else(|| "guest".to_owned(), |who| who.user.id.to_string());
    let short: String = fingerprint.chars().take(16).collect();
    Some(ClientKey { scope, key: format!("page-{}-{short}", entries.key), fingerprint })
}

#[cfg(test)]
mod tests {
    use kernel::{BillingCycle, Timestamp};

    use super::*;
    use crate::languages::spoken_in_english;

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_api_as_a_sentence() {
        let sentence = |text: String| format!("{}{}.", text[..1].to_uppercase(), &text[1..]);
        let available = vec!["eu-west".to_owned(), "us-central".to_owned()];
        let region = CheckoutError::UnknownRegion { asked: "mars".to_owned(), available };
        let mut errors = Errors::default();
        assert!(errors.place_refusal(&region));
        assert_eq!(spoken_in_english(&errors.region), sentence(region.to_string()));
        let code = "SPRING24".parse().unwrap();
        for error in [
            QuoteError::NoActivePrice { plan: "starter".to_owned(), cycle: BillingCycle::OneTime },
            QuoteError::UnknownCycle(UnknownCycle("often".to_owned())),
            QuoteError::UnknownCoupon("NOPE".to_owned()),
            QuoteError::CouponExpired { code, since: Timestamp::UNIX_EPOCH },
            QuoteError::CouponNotYetValid,
            QuoteError::CouponNotForPlan,
            QuoteError::CouponCurrency,
            QuoteError::NoTrial,
        ] {
            let mut errors = Errors::default();
            assert!(errors.place(&error), "{error}");
            let told = errors.coupon.or(errors.trial).or(errors.form).unwrap();
            assert_eq!(spoken_in_english(&told), sentence(error.to_string()));
        }
    }
}
