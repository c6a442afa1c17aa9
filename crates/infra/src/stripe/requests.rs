//! What we ask of Stripe. Every body is made of the order alone, so that a repeated call is the same to the byte.

mod money_back;

use std::collections::HashMap;

use catalog::CouponDuration;
use checkout::{SessionRequest, Window};
use kernel::{Currency, Interval};
use serde::Serialize;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionCustomerCreation, CreateCheckoutSessionDiscounts,
    CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionLineItemsPriceDataRecurring, CreateCheckoutSessionLineItemsPriceDataRecurringInterval,
    CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionSubscriptionData,
    CreateCheckoutSessionSubscriptionDataBillingMode, CreateCheckoutSessionSubscriptionDataBillingModeType,
    ProductData, RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_product::coupon::CreateCoupon;

pub(super) use self::money_back::{
    charges_of, close_session, end_subscription, payments_of_invoice, portal, refund, refunds_of,
};

/// The longest name of a coupon (docs.stripe.com/api/coupons/create).
const COUPON_NAME: usize = 40;

/// `POST /v1/checkout/sessions`. No payment method types: Stripe offers what the account's dashboard allows.
pub(super) fn session(request: &SessionRequest) -> CreateCheckoutSession {
    let order = request.order.to_string();
    let session = CreateCheckoutSession::new()
        .client_reference_id(order.clone())
        .metadata(metadata(&order))
        .line_items(vec![line(request)])
        .success_url(request.success_url.clone())
        .cancel_url(request.cancel_url.clone());
    let session = match &request.gateway_customer {
        Some(customer) => session.customer(customer.clone()),
        None => session.customer_email(request.email.as_str()),
    };
    let session = match request.discount {
        Some(_) => session.discounts(vec![CreateCheckoutSessionDiscounts {
            coupon: Some(coupon_id(request)),
            ..CreateCheckoutSessionDiscounts::new()
        }]),
        None => session,
    };
    if request.cycle.interval().is_some() {
        recurring(session, request, &order)
    } else {
        once(session, request, &order)
    }
}

/// The subscription carries the order's id too, because a session's metadata stays with the session. The billing mode is
/// said so that no later default changes how plan changes are prorated: `flexible` credits what was really paid, where
/// `classic` credits the list price of a plan that was bought with a coupon.
fn recurring(session: CreateCheckoutSession, request: &SessionRequest, order: &str) -> CreateCheckoutSession {
    let mode = CreateCheckoutSessionSubscriptionDataBillingModeType::Flexible;
    let trial = u32::from(request.trial_days);
    let data = CreateCheckoutSessionSubscriptionData {
        billing_mode: Some(CreateCheckoutSessionSubscriptionDataBillingMode::new(mode)),
        metadata: Some(metadata(order)),
        trial_period_days: (trial > 0).then_some(trial),
        ..CreateCheckoutSessionSubscriptionData::new()
    };
    session.mode(stripe_shared::CheckoutSessionMode::Subscription).subscription_data(data)
}

/// A single payment makes a customer only when told to; a subscription always does.
fn once(session: CreateCheckoutSession, request: &SessionRequest, order: &str) -> CreateCheckoutSession {
    let data = CreateCheckoutSessionPaymentIntentData {
        metadata: Some(metadata(order)),
        ..CreateCheckoutSessionPaymentIntentData::new()
    };
    let session = session.mode(stripe_shared::CheckoutSessionMode::Payment).payment_intent_data(data);
    if request.gateway_customer.is_some() {
        session
    } else {
        session.customer_creation(CreateCheckoutSessionCustomerCreation::Always)
    }
}

fn line(request: &SessionRequest) -> CreateCheckoutSessionLineItems {
    let product = ProductData {
        // An empty text is refused.
        description: request.description.clone().filter(|text| !text.is_empty()),
        ..ProductData::new(request.name.clone())
    };
    let price = CreateCheckoutSessionLineItemsPriceData {
        product_data: Some(product),
        unit_amount: Some(request.list.minor()),
        recurring: request.cycle.interval().map(|(unit, count)| CreateCheckoutSessionLineItemsPriceDataRecurring {
            interval: match unit {
                Interval::Month => CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Month,
                Interval::Year => CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Year,
            },
            interval_count: Some(u64::from(count)),
        }),
        ..CreateCheckoutSessionLineItemsPriceData::new(currency(request.list.currency()))
    };
    CreateCheckoutSessionLineItems {
        price_data: Some(price),
        quantity: Some(1),
        ..CreateCheckoutSessionLineItems::new()
    }
}

/// `POST /v1/coupons`, when there is a discount: exactly the amount that we quoted, for this order only.
pub(super) fn coupon(request: &SessionRequest) -> Option<CreateCoupon> {
    let discount = request.discount.as_ref()?;
    let duration = match discount.duration {
        CouponDuration::Once => stripe_shared::CouponDuration::Once,
        CouponDuration::Forever => stripe_shared::CouponDuration::Forever,
    };
    let coupon = CreateCoupon::new()
        .id(coupon_id(request))
        .amount_off(discount.amount_off.minor())
        .currency(currency(discount.amount_off.currency()))
        .duration(duration)
        .max_redemptions(1)
        .name(discount.code.chars().take(COUPON_NAME).collect::<String>());
    Some(coupon)
}

/// Not of the attempt: what comes off does not change between attempts, and the coupon works once.
fn coupon_id(request: &SessionRequest) -> String {
    format!("order-{}", request.order)
}

/// One entry only: the crate's map has no fixed order, so a second one would make repeated bodies differ.
fn metadata(order: &str) -> HashMap<String, String> {
    HashMap::from([("order_id".to_owned(), order.to_owned())])
}

fn currency(currency: Currency) -> stripe_types::Currency {
    // Reading never fails: a currency that the crate does not know is sent as it is written.
    currency.code().to_ascii_lowercase().parse().unwrap_or_default()
}

/// `GET /v1/checkout/sessions/{id}`
pub(super) fn read_session(id: &str) -> RequestBuilder {
    RetrieveCheckoutSession::new(id).build()
}

/// `GET /v1/subscriptions/{id}`. Written by hand: the crate that types it is large and its one parameter is the path.
pub(super) fn read_subscription(id: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Get, format!("/subscriptions/{id}"))
}

#[derive(Serialize)]
struct InvoicePayments<'a> {
    payment: PaymentFilter<'a>,
}

#[derive(Serialize)]
struct PaymentFilter<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    payment_intent: &'a str,
}

/// `GET /v1/invoice_payments` of a payment intent: since 2025-03-31.basil the intent does not name its invoice.
pub(super) fn invoice_payments(intent: &str) -> RequestBuilder {
    let payment = PaymentFilter { kind: "payment_intent", payment_intent: intent };
    RequestBuilder::new(StripeMethod::Get, "/invoice_payments").query(&InvoicePayments { payment })
}

/// Objects on a page of a list; Stripe gives at most this many.
const PAGE: u8 = 100;

/// The events that we act on (`orders::GatewayFact`), as [`super::decode`] reads them.
pub(super) const EVENT_TYPES: [&str; 14] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.paid",
    "invoice.payment_failed",
    "charge.refunded",
    "refund.failed",
    "refund.updated",
    "charge.dispute.created",
    "charge.dispute.closed",
];

#[derive(Serialize)]
struct Created {
    gte: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lte: Option<i64>,
}

#[derive(Serialize)]
struct Listing<'a> {
    created: Created,
    limit: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    types: &'a [&'static str],
}

/// A page of a list. Written by hand: three lists with the same parameters, of which the crates type each for itself.
fn listing(path: &'static str, made: Window, after: Option<&str>, types: &[&'static str]) -> RequestBuilder {
    let created = Created { gte: made.from.timestamp(), lte: made.until.map(|until| until.timestamp()) };
    RequestBuilder::new(StripeMethod::Get, path).query(&Listing { created, limit: PAGE, starting_after: after, types })
}

/// `GET /v1/events`
pub(super) fn events(made: Window, after: Option<&str>) -> RequestBuilder {
    listing("/events", made, after, &EVENT_TYPES)
}

/// `GET /v1/checkout/sessions`
pub(super) fn sessions(made: Window, after: Option<&str>) -> RequestBuilder {
    listing("/checkout/sessions", made, after, &[])
}

/// `GET /v1/charges`
pub(super) fn charges(made: Window, after: Option<&str>) -> RequestBuilder {
    listing("/charges", made, after, &[])
}
