//! `GET /desk/catalogue`: everything that is sold or was, by category.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use catalog::{Price, ProductKind, ProductStatus};
use infra::queries::{self, ProductLine};
use serde::Serialize;

use super::{
    Desk, may,
    words::{Notice, State as Badge, product_state},
};
use crate::{
    answer::{Keep, PageError},
    head::Head,
    pages::State,
    say::{Fill, Say, say},
    visitor::{query, value},
    words::{kind_heading, period},
};

#[derive(Debug, Serialize)]
struct Row {
    url: String,
    name: String,
    code: String,
    provider: String,
    state: Badge,
    prices: Vec<Say>,
    services: i64,
}

#[derive(Debug, Serialize)]
struct Category {
    word: &'static str,
    heading: Say,
    products: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct CatalogueView {
    notice: Option<Notice>,
    may_edit: bool,
    categories: Vec<Category>,
    retired: i64,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let lines = queries::products_list(state.world.record()).await?;
    let retired = lines.iter().filter(|line| line.product.status == ProductStatus::Retired).count();
    let added = value(&query(request), "done") == "added";
    let view = CatalogueView {
        notice: added.then(|| Notice::done(say("desk-product-added"))),
        may_edit: may(&visitor, accounts::Permission::EditCatalogue),
        categories: categories(&lines),
        retired: i64::try_from(retired).unwrap_or_default(),
    };
    state.page("desk/catalogue", &Head::desk(say("desk-catalogue"), &visitor), &view, (StatusCode::OK, Keep::Never))
}

fn categories(lines: &[ProductLine]) -> Vec<Category> {
    let of_kind = |kind| Category {
        word: ProductKind::as_str(kind),
        heading: kind_heading(kind).0,
        products: lines.iter().filter(|line| line.product.kind == kind).map(row).collect(),
    };
    ProductKind::ALL.into_iter().map(of_kind).filter(|category| !category.products.is_empty()).collect()
}

fn row(line: &ProductLine) -> Row {
    let product = &line.product;
    Row {
        url: format!("/desk/catalogue/{}", product.id),
        name: product.name.clone(),
        code: product.code.to_string(),
        provider: product.provider.to_string(),
        state: product_state(product.status),
        prices: product.prices.iter().map(price).collect(),
        services: line.services,
    }
}

/// `7.99, monthly`.
pub(super) fn price(price: &Price) -> Say {
    say("desk-price").with("amount", Fill::from(price.amount)).with("period", period(price.cycle))
}
