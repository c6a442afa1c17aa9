//! `GET /api/plans`: what is on sale.

use actix_web::web::{Data, Json};
use catalog::{CatalogStore, Price, Product};
use flows::Shop;
use kernel::{StoreError, Transact};
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

impl From<Product> for Plan {
    fn from(product: Product) -> Self {
        let region = |region: catalog::Region| PlanRegion { id: region.code.to_string(), name: region.name };
        Self {
            id: product.code.to_string(),
            name: product.name,
            description: product.description,
            category: product.kind.as_str(),
            regions: product.regions.into_iter().map(region).collect(),
            highlights: product.highlights,
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
    let work = async |tx: &mut <infra::world::ShopWorld as Shop>::Tx| tx.active_products().await;
    let products = state.world.db().transaction::<_, StoreError>(work).await?;
    Ok(Json(PlanList { success: true, plans: products.into_iter().map(Plan::from).collect() }))
}
