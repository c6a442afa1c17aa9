//! The order and what it froze of the catalogue.

use catalog::{AppliedCoupon, CouponCode, CouponDuration, Product, ProductKind, Quote};
use kernel::{BillingCycle, EmailAddress, Id, Money, Slug, Timestamp, entity};
use provisioning::{DeliveryRequest, RemoteRef};

use crate::OrderState;

/// Who orders. A guest gets an account when the order is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// Where mails go.
    pub email: EmailAddress,
    /// As given.
    pub name: String,
    /// The account, once there is one.
    pub customer: Option<Id<entity::Customer>>,
    /// Ordered without signing in.
    pub guest: bool,
}

/// The coupon of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedDiscount {
    /// Its code.
    pub code: CouponCode,
    /// On which payments it counts.
    pub duration: CouponDuration,
    /// What it takes off the first period.
    pub amount: Money,
}

/// What was ordered, at which price: the quote, frozen.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderLine {
    /// The product.
    pub product: Id<entity::Product>,
    /// The price.
    pub price: Id<entity::Price>,
    /// The plan's code.
    pub plan: Slug,
    /// The plan's name.
    pub plan_name: String,
    /// Its kind.
    pub kind: ProductKind,
    /// The period.
    pub cycle: BillingCycle,
    /// Before any discount.
    pub list: Money,
    /// The coupon.
    pub discount: Option<AppliedDiscount>,
    /// The first period's price.
    pub total: Money,
    /// What is charged at once.
    pub due_now: Money,
    /// What later periods cost; `None` when nothing renews.
    pub renewal: Option<Money>,
    /// Days of trial; 0 for none.
    pub trial_days: u16,
    /// Who delivers it.
    pub provider: Slug,
    /// With which settings.
    pub settings: serde_json::Value,
}

impl OrderLine {
    /// Freezes a quote and the product's provisioning settings.
    pub fn new(product: &Product, quote: Quote) -> Self {
        let amount = quote.discount;
        let discount = quote.coupon.map(|AppliedCoupon { code, duration }| AppliedDiscount { code, duration, amount });
        Self {
            product: quote.product,
            price: quote.price,
            plan: quote.plan,
            plan_name: quote.plan_name,
            kind: quote.kind,
            cycle: quote.cycle,
            list: quote.list,
            discount,
            total: quote.total,
            due_now: quote.due_now,
            renewal: quote.renewal,
            trial_days: quote.trial_days,
            provider: product.provider.clone(),
            settings: product.settings.clone(),
        }
    }

    /// Nothing is charged now and no trial begins: no gateway is needed.
    pub fn is_free(&self) -> bool {
        self.due_now.is_zero() && self.trial_days == 0
    }
}

/// What the provider made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The service.
    pub service: Id<entity::Service>,
    /// Its name at the provider.
    pub remote: RemoteRef,
}

/// What a customer asked for and is asked to pay.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Its id.
    pub id: Id<entity::Order>,
    /// Who.
    pub buyer: Buyer,
    /// What, at which price.
    pub line: OrderLine,
    /// The buyer's choices.
    pub delivery: DeliveryRequest,
    /// Where it stands.
    pub state: OrderState,
    /// A charge of it is disputed.
    pub disputed: bool,
    /// What came of it.
    pub delivered: Option<Delivered>,
    /// When it was placed.
    pub created_at: Timestamp,
}
