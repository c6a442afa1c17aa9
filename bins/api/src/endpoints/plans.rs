//! `GET /api/plans`: what is on sale.

use actix_web::web::{Data, Json};
use catalog::{CatalogStore, Price, Product};
use flows::Shop;
use kernel::{StoreError, Transact};
use orders::left_of;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::SeedError, state::ApiState};

/// The catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanList {
    /// Always true.
    success: bool,
    /// In the order of the storefront.
    plans: Vec<Plan>,
}

/// Something on sale.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct Plan {
    /// What checkout takes as `planId`.
    id: String,
    name: String,
    description: String,
    /// game, hosting, wordpress, email, vps, cloud or storage.
    #[schema(example = "hosting")]
    category: &'static str,
    /// Where it can run; empty when there is no choice.
    regions: Vec<PlanRegion>,
    highlights: Vec<String>,
    /// What it delivers, in the order shown.
    features: Vec<PlanFeature>,
    /// How many can still be had: 0 when it is sold out, null when there is no end to it.
    #[schema(required = true)]
    available: Option<u32>,
    /// One per billing cycle, shortest first.
    prices: Vec<PlanPrice>,
}

/// A place.
#[derive(Debug, Serialize, ToSchema)]
struct PlanRegion {
    /// What checkout takes as `region`.
    id: String,
    name: String,
}

/// One line of what a plan delivers.
#[derive(Debug, Serialize, ToSchema)]
struct PlanFeature {
    #[schema(example = "Storage")]
    name: String,
    #[schema(example = "10 GB")]
    value: String,
}

/// What a whole period costs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct PlanPrice {
    /// What checkout takes as `billingCycle`.
    #[schema(example = "monthly")]
    billing_cycle: &'static str,
    /// The whole period, in minor units.
    #[schema(example = 799)]
    amount: i64,
    #[schema(example = "USD")]
    currency: String,
    /// Days that are free when `trialActive` is sent.
    trial_days: u16,
}

impl Plan {
    fn new(product: Product, available: Option<u32>) -> Self {
        let feature = |feature: catalog::Feature| PlanFeature { name: feature.name, value: feature.value };
        let region = |region: catalog::Region| PlanRegion { id: region.code.to_string(), name: region.name };
        Self {
            id: product.code.to_string(),
            name: product.name,
            description: product.description,
            category: product.kind.as_str(),
            regions: product.regions.into_iter().map(region).collect(),
            highlights: product.highlights,
            features: product.features.into_iter().map(feature).collect(),
            available,
            prices: product.prices.iter().map(PlanPrice::from).collect(),
        }
    }
}

impl From<&Price> for PlanPrice {
    fn from(price: &Price) -> Self {
        Self {
            billing_cycle: price.cycle.as_str(),
            amount: price.amount.minor(),
            currency: price.amount.currency().to_string(),
            trial_days: price.trial_days,
        }
    }
}

/// What is on sale, and what it costs per billing cycle.
#[utoipa::path(get, path = "/api/plans", tag = "shop", responses((status = 200, body = PlanList)))]
pub(crate) async fn list(state: Data<ApiState>) -> Result<Json<PlanList>, SeedError> {
    let now = state.world.env().now();
    let work = async |tx: &mut <infra::world::ShopWorld as Shop>::Tx| {
        let products = tx.active_products().await?;
        let left = left_of(tx, &products, now).await?;
        let plan = |product: Product| {
            let available = left.get(&product.id).copied();
            Plan::new(product, available)
        };
        Ok::<_, StoreError>(products.into_iter().map(plan).collect())
    };
    Ok(Json(PlanList { success: true, plans: state.world.db().transaction(work).await? }))
}
