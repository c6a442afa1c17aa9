//! What a plan costs, today, by this cycle, with this coupon: the one place where a price is worked out.
//!
//! What the customer is shown, what the order keeps and what the gateway is asked for all come from one [`Quote`].

use kernel::{
    BillingCycle, Failure, FailureKind, Id, Money, MoneyError, Slug, StoreError, Timestamp, UnknownCycle, entity,
};

use crate::{
    coupon::{Coupon, CouponCode, CouponDuration, Discount},
    product::{Product, ProductKind, ProductStatus},
    store::CatalogStore,
    text::printable,
};

/// How much of a client's own text is repeated in a message.
const ECHOED: usize = 64;

/// What a client asks for, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteRequest {
    /// The plan's code.
    pub plan: String,
    /// The billing cycle, in any word that [`BillingCycle`] reads.
    pub cycle: String,
    /// The coupon's code; empty counts as none.
    pub coupon: Option<String>,
    /// Whether to begin with the free trial.
    pub trial: bool,
}

/// What it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// The product.
    pub product: Id<entity::Product>,
    /// The price it rests on.
    pub price: Id<entity::Price>,
    /// The product's code.
    pub plan: Slug,
    /// The product's name.
    pub plan_name: String,
    /// The product's kind.
    pub kind: ProductKind,
    /// The period that `list` and `total` cover.
    pub cycle: BillingCycle,
    /// The price without any coupon.
    pub list: Money,
    /// What the coupon takes off; never more than `list`.
    pub discount: Money,
    /// `list` less `discount`: the first period's price.
    pub total: Money,
    /// What is charged at once: nothing while a trial runs, else `total`.
    pub due_now: Money,
    /// What every period after the first costs; `None` when nothing renews.
    pub renewal: Option<Money>,
    /// Days of the trial that was granted; 0 for none.
    pub trial_days: u16,
    /// The coupon that was taken into account.
    pub coupon: Option<AppliedCoupon>,
}

/// The coupon behind a discount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedCoupon {
    /// Its code.
    pub code: CouponCode,
    /// On which payments it counts.
    pub duration: CouponDuration,
}

/// Why there is no price.
#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// The plan is unknown, no longer sold, or not sold by this cycle. Clients of the older systems know this text.
    #[error("No active price for plan {plan} ({cycle})")]
    NoActivePrice {
        /// The plan as the client sent it, made printable and shortened.
        plan: String,
        /// The cycle that was understood.
        cycle: BillingCycle,
    },
    /// The word for the cycle is not known.
    #[error(transparent)]
    UnknownCycle(#[from] UnknownCycle),
    /// There is no such coupon, or it was withdrawn.
    #[error("unknown coupon '{0}'")]
    UnknownCoupon(String),
    /// The coupon's time is over.
    #[error("coupon {code} expired on {}", since.format("%Y-%m-%d %H:%M UTC"))]
    CouponExpired {
        /// The coupon.
        code: CouponCode,
        /// The first instant at which it no longer counted.
        since: Timestamp,
    },
    /// The coupon's time has not come.
    #[error("this coupon is not valid yet")]
    CouponNotYetValid,
    /// The coupon is for other plans.
    #[error("this coupon is not valid for this plan")]
    CouponNotForPlan,
    /// The coupon's amount is in another currency than the price.
    #[error("this coupon is in another currency than the plan's price")]
    CouponCurrency,
    /// A trial was asked for where there is none.
    #[error("this plan has no free trial for this billing cycle")]
    NoTrial,
    /// The catalogue could not be read.
    #[error("the catalogue could not be read")]
    Store(#[from] StoreError),
}

impl Failure for QuoteError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NoActivePrice { .. }
            | Self::UnknownCycle(_)
            | Self::UnknownCoupon(_)
            | Self::CouponExpired { .. }
            | Self::CouponNotYetValid
            | Self::CouponNotForPlan
            | Self::CouponCurrency
            | Self::NoTrial => FailureKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoActivePrice { .. } => "no-active-price",
            Self::UnknownCycle(_) => "unknown-billing-cycle",
            Self::UnknownCoupon(_) => "unknown-coupon",
            Self::CouponExpired { .. } => "coupon-expired",
            Self::CouponNotYetValid => "coupon-not-yet-valid",
            Self::CouponNotForPlan => "coupon-not-for-plan",
            Self::CouponCurrency => "coupon-currency",
            Self::NoTrial => "no-trial",
            Self::Store(error) => error.code(),
        }
    }
}

/// Reads the plan and the coupon and works out the price as of `now`.
pub async fn quote(
    store: &mut impl CatalogStore,
    request: &QuoteRequest,
    now: Timestamp,
) -> Result<(Product, Quote), QuoteError> {
    let cycle: BillingCycle = printable(request.cycle.trim(), ECHOED).parse()?;
    let product = find_product(store, &request.plan, cycle).await?;
    let coupon = find_coupon(store, request.coupon.as_deref()).await?;
    let quote = price_it(&product, cycle, coupon.as_ref(), request.trial, now)?;
    Ok((product, quote))
}

async fn find_product(store: &mut impl CatalogStore, plan: &str, cycle: BillingCycle) -> Result<Product, QuoteError> {
    let missing = || no_active_price(plan, cycle);
    // What can be no code is not asked for: a database may refuse a text (a NUL character) that merely names nothing.
    let code: Slug = plan.parse().map_err(|_| missing())?;
    store.active_product(code.as_str()).await?.ok_or_else(missing)
}

async fn find_coupon(store: &mut impl CatalogStore, text: Option<&str>) -> Result<Option<Coupon>, QuoteError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let unknown = || QuoteError::UnknownCoupon(printable(text, ECHOED));
    let code: CouponCode = text.parse().map_err(|_| unknown())?;
    store.coupon(&code).await?.ok_or_else(unknown).map(Some)
}

fn no_active_price(plan: &str, cycle: BillingCycle) -> QuoteError {
    QuoteError::NoActivePrice { plan: printable(plan, ECHOED), cycle }
}

/// Works out the price; reads nothing.
pub fn price_it(
    product: &Product,
    cycle: BillingCycle,
    coupon: Option<&Coupon>,
    trial: bool,
    now: Timestamp,
) -> Result<Quote, QuoteError> {
    let on_sale = product.status == ProductStatus::Active;
    let price = product.price(cycle).filter(|_| on_sale);
    let price = price.ok_or_else(|| no_active_price(product.code.as_str(), cycle))?;
    let list = price.amount;
    let discount = match coupon {
        Some(coupon) => discount(coupon, product, list, now)?,
        None => Money::zero(list.currency()),
    };
    let total = list.checked_sub(discount).map_err(impossible)?;
    let trial_days = granted_trial(price.trial_days, cycle, trial)?;
    let coupon = coupon.map(|coupon| AppliedCoupon { code: coupon.code.clone(), duration: coupon.duration });
    Ok(Quote {
        product: product.id,
        price: price.id,
        plan: product.code.clone(),
        plan_name: product.name.clone(),
        kind: product.kind,
        cycle,
        list,
        discount,
        total,
        due_now: if trial_days > 0 { Money::zero(list.currency()) } else { total },
        renewal: renewal(cycle, list, total, coupon.as_ref()),
        trial_days,
        coupon,
    })
}

/// What this coupon takes off this product's list price now.
fn discount(coupon: &Coupon, product: &Product, list: Money, now: Timestamp) -> Result<Money, QuoteError> {
    if !coupon.active {
        return Err(QuoteError::UnknownCoupon(coupon.code.to_string()));
    }
    if let Some(since) = coupon.valid_until.filter(|until| *until <= now) {
        return Err(QuoteError::CouponExpired { code: coupon.code.clone(), since });
    }
    if coupon.valid_from.is_some_and(|from| now < from) {
        return Err(QuoteError::CouponNotYetValid);
    }
    if !coupon.products.is_empty() && !coupon.products.contains(&product.code) {
        return Err(QuoteError::CouponNotForPlan);
    }
    taken_off(coupon.discount, list)
}

/// What a discount takes off a list price: at most all of it.
pub(crate) fn taken_off(discount: Discount, list: Money) -> Result<Money, QuoteError> {
    let off = match discount {
        Discount::Percent(percent) => percent.of(list).map_err(impossible)?,
        Discount::Amount(amount) => amount,
    };
    off.min(list).map_err(|error| match error {
        MoneyError::CurrencyMismatch(..) => QuoteError::CouponCurrency,
        other @ (MoneyError::UnknownCurrency(_) | MoneyError::Overflow | MoneyError::InvalidPercent(_)) => {
            impossible(other)
        }
    })
}

fn granted_trial(days: u16, cycle: BillingCycle, asked: bool) -> Result<u16, QuoteError> {
    match (asked, cycle) {
        (false, _) => Ok(0),
        (true, BillingCycle::OneTime) => Err(QuoteError::NoTrial),
        (true, _) if days == 0 => Err(QuoteError::NoTrial),
        (true, _) => Ok(days),
    }
}

fn renewal(cycle: BillingCycle, list: Money, total: Money, coupon: Option<&AppliedCoupon>) -> Option<Money> {
    cycle.months()?;
    match coupon.map(|coupon| coupon.duration) {
        Some(CouponDuration::Forever) => Some(total),
        Some(CouponDuration::Once) | None => Some(list),
    }
}

/// A share of an amount is never larger than the amount, so this says that a stored price or coupon makes no sense.
fn impossible(error: MoneyError) -> QuoteError {
    QuoteError::Store(StoreError::Bug {
        context: "a price or coupon of the catalogue".into(),
        source: Some(Box::new(error)),
    })
}

#[cfg(test)]
mod tests;
