//! From the catalogue on record to the one that is wanted: what has to change, in words and in steps.
//!
//! Nothing is ever deleted. Products and prices are retired, coupons become inactive, because orders point at them.

use std::fmt;

use kernel::{Env, Id, Slug, StoreError, entity};

use crate::{
    coupon::Coupon,
    file::{Checked, WantedPrice, WantedProduct},
    product::{Price, Product, ProductStatus},
    store::CatalogStore,
};

mod words;

/// One write.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Insert or overwrite a product, without its prices.
    SaveProduct(Box<Product>),
    /// Take a price off sale.
    RetirePrice(Id<entity::Price>),
    /// Insert or overwrite a product's price.
    SavePrice(Id<entity::Product>, Price),
    /// Take a product off sale.
    RetireProduct(Id<entity::Product>),
    /// Insert or overwrite a coupon.
    SaveCoupon(Coupon),
}

/// What has to change; prints as one line per change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangeSet {
    lines: Vec<String>,
    steps: Vec<Step>,
}

impl ChangeSet {
    /// Whether the catalogue is already as wanted.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// One line per change for people; a single `= nothing to change` when there is none.
    pub fn lines(&self) -> Vec<&str> {
        if self.is_empty() { vec!["= nothing to change"] } else { self.lines.iter().map(String::as_str).collect() }
    }

    /// The writes, in the order in which they must be done.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn add(&mut self, line: String, step: Step) {
        self.lines.push(line);
        self.steps.push(step);
    }
}

impl fmt::Display for ChangeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

/// Compares what is on record (all products and coupons, retired and inactive ones too) with what is wanted.
/// Products are matched by code, prices by cycle, coupons by code; only what is new gets a new id from `env`.
pub fn changes(current: (Vec<Product>, Vec<Coupon>), wanted: &Checked, env: &mut Env) -> ChangeSet {
    let (products, coupons) = current;
    let mut set = ChangeSet::default();
    for want in &wanted.products {
        match products.iter().find(|product| product.code == want.code) {
            Some(have) => change_product(have, want, env, &mut set),
            None => add_product(want, env, &mut set),
        }
    }
    for have in products.iter().filter(|product| product.status == ProductStatus::Active) {
        if !wanted.products.iter().any(|want| want.code == have.code) {
            let line = format!("- product {} (retired; nothing is deleted)", have.code);
            set.add(line, Step::RetireProduct(have.id));
        }
    }
    change_coupons(&coupons, &wanted.coupons, &mut set);
    set
}

fn add_product(want: &WantedProduct, env: &mut Env, set: &mut ChangeSet) {
    let product = want.to_product(env.id());
    let id = product.id;
    let line = format!("+ product {} ({}, {}, delivered by {})", want.code, want.name, want.kind, want.provider);
    set.add(line, Step::SaveProduct(Box::new(product)));
    for price in &want.prices {
        add_price((id, &want.code), price, env, set);
    }
}

fn add_price((product, code): (Id<entity::Product>, &Slug), price: &WantedPrice, env: &mut Env, set: &mut ChangeSet) {
    let line = format!("+ price {code} {} {}{}", price.cycle, price.amount, words::with_trial(price.trial_days));
    set.add(line, Step::SavePrice(product, price.to_price(env.id())));
}

fn change_product(have: &Product, want: &WantedProduct, env: &mut Env, set: &mut ChangeSet) {
    let changed = words::changed_fields(have, want);
    if have.status == ProductStatus::Retired {
        let line = format!("+ product {} (on sale again)", want.code);
        set.add(line, Step::SaveProduct(Box::new(want.to_product(have.id))));
    } else if !changed.is_empty() {
        let line = format!("~ product {}: {}", want.code, changed.join(", "));
        set.add(line, Step::SaveProduct(Box::new(want.to_product(have.id))));
    }
    change_prices(have, &want.prices, env, set);
}

fn change_prices(have: &Product, wanted: &[WantedPrice], env: &mut Env, set: &mut ChangeSet) {
    for price in &have.prices {
        if !wanted.iter().any(|wanted| wanted.cycle == price.cycle) {
            let line = format!("- price {} {} {} (retired; nothing is deleted)", have.code, price.cycle, price.amount);
            set.add(line, Step::RetirePrice(price.id));
        }
    }
    for price in wanted {
        match have.price(price.cycle) {
            Some(old) => change_price(have, old, price, env, set),
            None => add_price((have.id, &have.code), price, env, set),
        }
    }
}

/// An amount never changes under an id: the old price is retired and a new one takes its place.
fn change_price(product: &Product, have: &Price, want: &WantedPrice, env: &mut Env, set: &mut ChangeSet) {
    let what = format!("~ price {} {}", product.code, want.cycle);
    let trial = format!("trial {} → {} days", have.trial_days, want.trial_days);
    let same_trial = have.trial_days == want.trial_days;
    if have.amount != want.amount {
        let trial = if same_trial { String::new() } else { format!(", {trial}") };
        set.add(format!("{what} {} → {}{trial}", have.amount, want.amount), Step::RetirePrice(have.id));
        set.steps.push(Step::SavePrice(product.id, want.to_price(env.id())));
    } else if !same_trial {
        set.add(format!("{what} {trial}"), Step::SavePrice(product.id, want.to_price(have.id)));
    }
}

fn change_coupon(have: Option<&Coupon>, want: &Coupon, set: &mut ChangeSet) {
    match have {
        Some(old) if old == want => {}
        Some(old) => {
            let line = format!("~ coupon {}: {} → {}", want.code, words::coupon(old), words::coupon(want));
            set.add(line, Step::SaveCoupon(want.clone()));
        }
        None => {
            let line = format!("+ coupon {}: {}", want.code, words::coupon(want));
            set.add(line, Step::SaveCoupon(want.clone()));
        }
    }
}

fn change_coupons(have: &[Coupon], wanted: &[Coupon], set: &mut ChangeSet) {
    for want in wanted {
        change_coupon(have.iter().find(|coupon| coupon.code == want.code), want, set);
    }
    for old in have.iter().filter(|coupon| coupon.active) {
        if !wanted.iter().any(|want| want.code == old.code) {
            let line = format!("- coupon {} (inactive; nothing is deleted)", old.code);
            set.add(line, Step::SaveCoupon(Coupon { active: false, ..old.clone() }));
        }
    }
}

/// What makes the product on record into `want`, with these prices on sale; the prices in `want` are not looked at. Without one
/// on record it is new.
pub fn product_changes(have: Option<&Product>, want: &Product, prices: &[WantedPrice], env: &mut Env) -> ChangeSet {
    let mut set = ChangeSet::default();
    let Some(have) = have else {
        let line = format!("+ product {} ({}, {}, delivered by {})", want.code, want.name, want.kind, want.provider);
        set.add(line, Step::SaveProduct(Box::new(want.clone())));
        for price in prices {
            add_price((want.id, &want.code), price, env, &mut set);
        }
        return set;
    };
    let mut lines = words::differences(have, want);
    match (have.status, want.status) {
        (ProductStatus::Active, ProductStatus::Retired) => {
            lines.push(format!("- product {} (retired; nothing is deleted)", want.code));
        }
        (ProductStatus::Retired, ProductStatus::Active) => {
            lines.push(format!("+ product {} (on sale again)", want.code));
        }
        (ProductStatus::Active, ProductStatus::Active) | (ProductStatus::Retired, ProductStatus::Retired) => {}
    }
    if !lines.is_empty() {
        set.lines = lines;
        set.steps.push(Step::SaveProduct(Box::new(want.clone())));
    }
    change_prices(have, prices, env, &mut set);
    set
}

/// What makes the coupon on record into `want`.
pub fn coupon_changes(have: Option<&Coupon>, want: &Coupon) -> ChangeSet {
    let mut set = ChangeSet::default();
    change_coupon(have, want, &mut set);
    set
}

/// Locks the catalogue, reads it and compares it. Call it in the transaction that also calls [`apply`], so that what
/// was shown is what is done.
pub async fn plan(store: &mut impl CatalogStore, wanted: &Checked, env: &mut Env) -> Result<ChangeSet, StoreError> {
    store.lock_catalog().await?;
    let current = (store.all_products().await?, store.all_coupons().await?);
    Ok(changes(current, wanted, env))
}

/// Does what the change set says.
pub async fn apply(store: &mut impl CatalogStore, changes: &ChangeSet) -> Result<(), StoreError> {
    store.lock_catalog().await?;
    for step in &changes.steps {
        match step {
            Step::SaveProduct(product) => store.save_product(product).await?,
            Step::RetirePrice(id) => store.retire_price(*id).await?,
            Step::SavePrice(product, price) => store.save_price(*product, price).await?,
            Step::RetireProduct(id) => store.retire_product(*id).await?,
            Step::SaveCoupon(coupon) => store.save_coupon(coupon).await?,
        }
    }
    Ok(())
}
