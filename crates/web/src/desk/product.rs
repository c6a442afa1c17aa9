//! A product's page on the desk: what can be changed of it, first shown as what would change, then saved as it was shown.

use accounts::Permission::EditCatalogue;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use catalog::{ChangeSet, EditProblem, Product, currency_of};
use flows::{EditError, Edited, Seen, SignedIn};
use infra::queries::{self, ProductLine};
use kernel::{Currency, Id, entity};

use super::{
    Desk, may,
    product_form::{Page, entered_of, new_product, read, view},
    words::Notice,
};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    pages::State,
    say::{Fill, say},
    visitor::{Parameters, Visitor, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;

/// What was found and is shown on the page besides what was entered.
#[derive(Default)]
struct Outcome {
    problems: Vec<EditProblem>,
    changes: Option<ChangeSet>,
    notice: Option<Notice>,
}

fn problems(problems: Vec<EditProblem>) -> Outcome {
    Outcome { problems, ..Outcome::default() }
}

async fn lines<W: Desk>(state: &State<W>) -> Result<(Vec<ProductLine>, Currency), PageError> {
    let lines = queries::products_list(state.world.record()).await?;
    let products: Vec<Product> = lines.iter().map(|line| line.product.clone()).collect();
    Ok((lines, currency_of(&products)))
}

async fn known<W: Desk>(state: &State<W>, path: &str) -> Result<(ProductLine, Currency), PageError> {
    let id: Id<entity::Product> = path.parse().map_err(|_| PageError::NotFound)?;
    let (lines, currency) = lines(state).await?;
    let line = lines.into_iter().find(|line| line.product.id == id).ok_or(PageError::NotFound)?;
    Ok((line, currency))
}

async fn staff<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<(Visitor, SignedIn), PageError> {
    let visitor = state.visitor(request).await?;
    let who = visitor.0.clone().ok_or(PageError::NotFound)?;
    Ok((visitor, who))
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = shown(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn shown<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let (line, currency) = known(state, path).await?;
    let notice = match &*value(&query(request), "done") {
        "saved" => Some(Notice::done(say("desk-product-saved"))),
        "same" => Some(Notice::done(say("desk-product-same"))),
        "added" => Some(Notice::done(say("desk-product-added"))),
        _ => None,
    };
    let entered = entered_of(&line.product);
    page(state, &visitor, (Some(&line), currency, &entered), (StatusCode::OK, Outcome { notice, ..Outcome::default() }))
}

fn page<W: Desk>(
    state: &State<W>,
    visitor: &Visitor,
    (line, currency, entered): (Option<&ProductLine>, Currency, &Parameters),
    (status, outcome): (StatusCode, Outcome),
) -> Result<HttpResponse, PageError> {
    let view = view(&Page {
        line,
        currency,
        may_edit: may(visitor, EditCatalogue),
        problems: &outcome.problems,
        changes: outcome.changes.as_ref(),
        notice: outcome.notice,
        providers: provisioning::Providers::keys(state.world.providers()),
        entered,
    });
    let title: Fill = line.map_or_else(|| say("desk-product-new").into(), |line| line.product.name.clone().into());
    state.page("desk/product", &Head::desk(title, visitor), &view, (status, Keep::Never))
}

pub(crate) async fn save<W: Desk>(
    state: State<W>,
    request: HttpRequest,
    path: Path<String>,
    form: Entered,
) -> HttpResponse {
    let result = match form {
        Ok(form) => saved(&state, &request, &path, &form).await,
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

async fn saved<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    path: &str,
    entered: &Parameters,
) -> Result<HttpResponse, PageError> {
    let (visitor, who) = staff(state, request).await?;
    let (line, currency) = known(state, path).await?;
    let id = line.product.id;
    let answer = |status, outcome| page(state, &visitor, (Some(&line), currency, entered), (status, outcome));
    let edit = match read(entered, currency) {
        Ok(edit) => edit,
        Err(found) => return answer(StatusCode::UNPROCESSABLE_ENTITY, problems(found)),
    };
    let (base, shown) = (value(entered, "version"), value(entered, "shown"));
    let seen = Seen { version: &base, changes: wanted(entered).then_some(&*shown) };
    let (db, mut env) = (state.world.db(), state.world.env());
    match flows::edit_product(db, &mut env, (id, &edit, seen), (state.world.providers(), &who.actor())).await {
        Ok(Edited::Shown(changes)) => answer(StatusCode::OK, Outcome { changes: Some(changes), ..Outcome::default() }),
        Ok(Edited::Saved(id)) => Ok(see_other(&format!("/desk/catalogue/{id}?done=saved"))),
        Ok(Edited::Unchanged(id)) => Ok(see_other(&format!("/desk/catalogue/{id}?done=same"))),
        Err(EditError::Problems(found)) => answer(StatusCode::UNPROCESSABLE_ENTITY, problems(found)),
        Err(EditError::Changed) => {
            let notice = Some(Notice::refused(say("desk-product-changed-meanwhile")));
            answer(StatusCode::CONFLICT, Outcome { notice, ..Outcome::default() })
        }
        Err(EditError::NotFound) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// Whether the button was the one that saves.
fn wanted(entered: &Parameters) -> bool {
    value(entered, "action") == "save"
}

pub(crate) async fn blank<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match state.visitor(&request).await {
        Ok(visitor) => match lines(&state).await {
            Ok((lines, currency)) => {
                let last = lines.iter().map(|line| line.product.position).max().unwrap_or_default();
                let position = ("position".to_owned(), last.saturating_add(1).to_string());
                let entered = Parameters::from([position, ("settings".to_owned(), "{}".to_owned())]);
                page(&state, &visitor, (None, currency, &entered), (StatusCode::OK, Outcome::default()))
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

pub(crate) async fn add<W: Desk>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match form {
        Ok(form) => added(&state, &request, &form).await,
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

async fn added<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    entered: &Parameters,
) -> Result<HttpResponse, PageError> {
    let (visitor, who) = staff(state, request).await?;
    let (_, currency) = lines(state).await?;
    let answer = |status, outcome| page(state, &visitor, (None, currency, entered), (status, outcome));
    let (new, edit) = match (new_product(entered), read(entered, currency)) {
        (Ok(new), Ok(edit)) => (new, edit),
        (new, edit) => {
            let found = [new.err(), edit.err()].into_iter().flatten().flatten().collect();
            return answer(StatusCode::UNPROCESSABLE_ENTITY, problems(found));
        }
    };
    let shown = value(entered, "shown");
    let shown = wanted(entered).then_some(&*shown);
    let (db, mut env) = (state.world.db(), state.world.env());
    match flows::add_product(db, &mut env, (&new, &edit, shown), (state.world.providers(), &who.actor())).await {
        Ok(Edited::Shown(changes)) => answer(StatusCode::OK, Outcome { changes: Some(changes), ..Outcome::default() }),
        Ok(Edited::Saved(id) | Edited::Unchanged(id)) => Ok(see_other(&format!("/desk/catalogue/{id}?done=added"))),
        Err(EditError::Problems(found)) => answer(StatusCode::UNPROCESSABLE_ENTITY, problems(found)),
        Err(error) => Err(error.into()),
    }
}
