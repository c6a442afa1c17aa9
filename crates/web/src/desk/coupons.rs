//! `/desk/coupons`: which there are, how often they were used; making one, ending one.

use accounts::Permission::EditCoupons;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use catalog::{CouponDuration, EditProblem, NewCoupon, Off, Product, currency_of, minor_units};
use chrono::{NaiveDate, NaiveDateTime};
use flows::EditError;
use infra::queries::{self, CouponLine};
use kernel::{Currency, Slug, Timestamp};
use serde::Serialize;

use super::{
    Desk, may,
    product_form::{Choice, plain},
    words::{Notice, State as Badge, coupon_state},
};
use crate::{
    answer::{Keep, PageError, see_other},
    field::{Field, Problem},
    head::Head,
    pages::State,
    say::{Fill, say},
    visitor::{Parameters, Visitor, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;

#[derive(Debug, Serialize)]
struct Row {
    code: String,
    off: String,
    duration: Fill,
    from: Option<Fill>,
    until: Option<Fill>,
    products: String,
    state: Badge,
    active: bool,
    placed: i64,
    paid: i64,
}

#[derive(Debug, Serialize)]
struct CouponsView {
    notice: Option<Notice>,
    may_edit: bool,
    coupons: Vec<Row>,
    code: Field,
    percent_off: Field,
    amount_off: Field,
    durations: Vec<Choice>,
    valid_from: Field,
    valid_until: Field,
    products: Field,
    problems: Vec<Problem>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let notice = match &*value(&query(&request), "done") {
        "added" => Some(Notice::done(say("desk-coupon-added"))),
        "retired" => Some(Notice::done(say("desk-coupon-ended"))),
        _ => None,
    };
    let result = page(&state, &request, (&Parameters::new(), &[]), (StatusCode::OK, notice)).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    (entered, problems): (&Parameters, &[EditProblem]),
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let lines = queries::coupons_list(state.world.record()).await?;
    let now = state.world.env().now();
    let coupons = lines.into_iter().map(|line| row(line, now)).collect();
    let view = view(coupons, (entered, problems), (notice, may(&visitor, EditCoupons)));
    state.page("desk/coupons", &Head::desk(say("desk-coupons"), &visitor), &view, (status, Keep::Never))
}

fn row(line: CouponLine, now: Timestamp) -> Row {
    let CouponLine { coupon, placed, paid } = line;
    Row {
        code: coupon.code.to_string(),
        off: coupon.discount.to_string(),
        duration: duration(coupon.duration),
        from: coupon.valid_from.map(Fill::from),
        until: coupon.valid_until.map(Fill::from),
        products: coupon.products.iter().map(Slug::as_str).collect::<Vec<_>>().join(", "),
        state: coupon_state(&coupon, now),
        active: coupon.active,
        placed,
        paid,
    }
}

fn duration(duration: CouponDuration) -> Fill {
    match duration {
        CouponDuration::Once => say("desk-coupon-once").into(),
        CouponDuration::Forever => say("desk-coupon-forever").into(),
    }
}

fn view(
    coupons: Vec<Row>,
    (entered, problems): (&Parameters, &[EditProblem]),
    (notice, may_edit): (Option<Notice>, bool),
) -> CouponsView {
    let field = |name: &'static str, label, max| {
        let wrong: Vec<&str> =
            problems.iter().filter(|problem| problem.field == name).map(|problem| problem.message.as_str()).collect();
        let error = (!wrong.is_empty()).then(|| plain(wrong.join("; ")));
        Field::text(name, label, &value(entered, name)).max(max).error(error.as_ref())
    };
    let chosen = value(entered, "duration");
    let durations = [CouponDuration::Once, CouponDuration::Forever].into_iter().map(|known| Choice {
        word: known.as_str().to_owned(),
        text: duration(known),
        current: known.as_str() == chosen,
    });
    let mut view = CouponsView {
        notice,
        may_edit,
        coupons,
        code: field("code", say("desk-coupon-code"), 40).hint(say("desk-coupon-code-hint")),
        percent_off: field("percent_off", say("desk-coupon-percent"), 3).depends(),
        amount_off: field("amount_off", say("desk-coupon-amount"), 12).depends(),
        durations: durations.collect(),
        valid_from: field("valid_from", say("desk-coupon-from"), 16).hint(say("desk-coupon-time-hint")).optional(),
        valid_until: field("valid_until", say("desk-coupon-until"), 16).hint(say("desk-coupon-time-hint")).optional(),
        products: field("products", say("desk-coupon-products"), 2000)
            .hint(say("desk-coupon-products-hint"))
            .optional(),
        problems: Vec::new(),
    };
    let fields = [&view.code, &view.percent_off, &view.amount_off, &view.valid_from, &view.valid_until, &view.products];
    view.problems = fields.into_iter().filter_map(Field::problem).collect();
    view
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
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let lines = queries::products_list(state.world.record()).await?;
    let products: Vec<Product> = lines.into_iter().map(|line| line.product).collect();
    let refused = async |problems: &[EditProblem]| {
        page(state, request, (entered, problems), (StatusCode::UNPROCESSABLE_ENTITY, None)).await
    };
    let new = match read(entered, currency_of(&products)) {
        Ok(new) => new,
        Err(problems) => return refused(&problems).await,
    };
    match flows::add_coupon(state.world.db(), &mut state.world.env(), &new, &who.actor()).await {
        Ok(_) => Ok(see_other("/desk/coupons?done=added")),
        Err(EditError::Problems(problems)) => refused(&problems).await,
        Err(error) => Err(error.into()),
    }
}

/// What was entered.
fn read(entered: &Parameters, currency: Currency) -> Result<NewCoupon, Vec<EditProblem>> {
    let mut problems = Vec::new();
    let code = value(entered, "code").parse();
    let code =
        code.map_err(|error: catalog::InvalidCouponCode| problems.push(EditProblem::new("code", error.to_string())));
    let off = off(&value(entered, "percent_off"), &value(entered, "amount_off"), currency);
    let off = off.map_err(|problem| problems.push(problem));
    let valid_from = instant(entered, "valid_from", &mut problems);
    let valid_until = instant(entered, "valid_until", &mut problems);
    let products = products(&value(entered, "products"), &mut problems);
    match (code, off) {
        (Ok(code), Ok(off)) if problems.is_empty() => {
            let duration = value(entered, "duration").parse().unwrap_or(CouponDuration::Once);
            Ok(NewCoupon { code, off, duration, valid_from, valid_until, products })
        }
        _ => Err(problems),
    }
}

fn off(percent: &str, amount: &str, currency: Currency) -> Result<Off, EditProblem> {
    match (percent.is_empty(), amount.is_empty()) {
        (true, true) => Err(EditProblem::new("percent_off", "expected a percentage or an amount")),
        (false, false) => Err(EditProblem::new("amount_off", "expected a percentage or an amount, not both")),
        (false, true) => percent
            .parse()
            .map(Off::Percent)
            .map_err(|_| EditProblem::new("percent_off", "expected a whole number of per cent from 1 to 100")),
        (true, false) => minor_units(amount, currency)
            .map(Off::Amount)
            .ok_or_else(|| EditProblem::new("amount_off", "expected an amount such as 5.00")),
    }
}

fn instant(entered: &Parameters, name: &'static str, problems: &mut Vec<EditProblem>) -> Option<Timestamp> {
    let text = value(entered, name);
    if text.is_empty() {
        return None;
    }
    let found = utc(&text);
    if found.is_none() {
        problems.push(EditProblem::new(name, "expected a date and time in UTC such as 2026-12-31 23:59"));
    }
    found
}

/// A date, or a date and a time of day, in UTC.
pub(super) fn utc(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches('Z').replace('T', " ");
    let with_time = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M").ok();
    let date = || NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    with_time.or_else(date).map(|at| at.and_utc())
}

fn products(text: &str, problems: &mut Vec<EditProblem>) -> Vec<Slug> {
    let words = text.split([',', ' ', '\n', '\r']).map(str::trim).filter(|word| !word.is_empty());
    let mut codes = Vec::new();
    for word in words {
        match word.parse() {
            Ok(code) => codes.push(code),
            Err(_) => {
                problems.push(EditProblem::new("products", "expected codes of products, such as starter, premium"));
            }
        }
    }
    codes
}

pub(crate) async fn retire<W: Desk>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match form {
        Ok(form) => retired(&state, &request, &form).await,
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

async fn retired<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    entered: &Parameters,
) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let code = value(entered, "coupon").parse().map_err(|_| PageError::NotFound)?;
    match flows::retire_coupon(state.world.db(), &mut state.world.env(), &code, &who.actor()).await {
        Ok(()) => Ok(see_other("/desk/coupons?done=retired")),
        Err(EditError::NotFound) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_utc() {
        let read = |text| utc(text).map(|at| at.to_rfc3339());
        assert_eq!(read("2026-12-31 23:59").as_deref(), Some("2026-12-31T23:59:00+00:00"));
        assert_eq!(read("2026-12-31T23:59Z").as_deref(), Some("2026-12-31T23:59:00+00:00"));
        assert_eq!(read("2026-12-31").as_deref(), Some("2026-12-31T00:00:00+00:00"));
        for bad in ["", "tomorrow", "2026-02-30", "2026-12-31 25:00", "31.12.2026"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
