//! Plans of one kind side by side: what they cost by the chosen period, and what each delivers.

use catalog::{Price, Product};
use serde::Serialize;

use super::plans::{Card, PriceView};
use crate::{
    say::{Fill, Say, say},
    words::every,
};

/// The table. Plans are its columns.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    id: String,
    category: Say,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Column {
    name: String,
    sold_out: bool,
}

/// What is compared. A plan that has nothing of it has an empty cell.
#[derive(Debug, Serialize)]
struct Row {
    name: Fill,
    cells: Vec<Option<Fill>>,
    /// What somebody hears who cannot see that a cell is empty.
    nothing: Say,
}

/// A plan as it is compared: with the price that its card shows.
pub(crate) struct Compared<'a> {
    pub(crate) product: &'a Product,
    pub(crate) price: &'a Price,
    pub(crate) card: &'a Card,
}

/// The plans of a category side by side; one alone is not compared.
pub(crate) fn compare(kind: &str, category: &Say, plans: &[Compared<'_>]) -> Option<Comparison> {
    if plans.len() < 2 {
        return None;
    }
    let column = |plan: &Compared<'_>| Column { name: plan.product.name.clone(), sold_out: plan.card.sold_out };
    let mut rows = vec![
        row(say("compare-by-month"), plans, |plan| by_month(&plan.card.price)),
        row(say("compare-charged"), plans, |plan| Some(charged(plan.price).into())),
        saving(plans),
        row(say("compare-regions"), plans, |plan| plan.card.regions.clone().map(Fill::from)),
    ];
    // What none of them has is no difference.
    rows.retain(|row| row.cells.iter().any(Option::is_some));
    rows.extend(features(plans).into_iter().map(|name| row(name, plans, |plan| value(plan.product, name))));
    let columns = plans.iter().map(column).collect();
    Some(Comparison { id: format!("{kind}-compared"), category: category.clone(), columns, rows })
}

fn row(name: impl Into<Fill>, plans: &[Compared<'_>], cell: impl Fn(&Compared<'_>) -> Option<Fill>) -> Row {
    Row { name: name.into(), cells: plans.iter().map(cell).collect(), nothing: say("compare-not-included") }
}

fn saving(plans: &[Compared<'_>]) -> Row {
    let row = row(say("compare-saving"), plans, |plan| plan.card.price.saving.clone().map(Fill::from));
    Row { nothing: say("compare-no-saving"), ..row }
}

fn by_month(price: &PriceView) -> Option<Fill> {
    let figure = price.figure.clone();
    let figure = if price.about { say("compare-about").with("figure", figure).into() } else { figure };
    price.monthly.then_some(figure)
}

fn charged(price: &Price) -> Say {
    say("compare-amount").with("amount", price.amount).with("every", every(price.cycle))
}

fn value(product: &Product, name: &str) -> Option<Fill> {
    let feature = product.features.iter().find(|feature| feature.name == name)?;
    Some(feature.value.as_str().into())
}

/// The names of all features, each once. One that is new stands after the one that it follows on its own plan.
fn features<'a>(plans: &[Compared<'a>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for plan in plans {
        let mut place = 0;
        for feature in &plan.product.features {
            let known = names.iter().position(|name| *name == feature.name);
            let at = known.unwrap_or(place);
            if known.is_none() {
                names.insert(at, &feature.name);
            }
            place = at.saturating_add(1);
        }
    }
    names
}
