//! `/desk/maintenance`: closes the shop for a while, and opens it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use infra::maintenance::{self, LONGEST_MESSAGE, Maintenance, NotPossible};
use kernel::Timestamp;
use serde::Serialize;

use super::{Desk, coupons::utc, words::Notice};
use crate::{
    answer::{Keep, PageError, see_other},
    field::{Field, Problem},
    head::Head,
    pages::State,
    say::{Fill, Say, say},
    visitor::{Parameters, Visitor, query, value},
};

type Entered = Result<Form<Parameters>, actix_web::Error>;

#[derive(Debug, Serialize)]
struct Closed {
    since: Fill,
    until: Option<Fill>,
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct MaintenanceView {
    notice: Option<Notice>,
    closed: Option<Closed>,
    until: Field,
    message: Field,
    problems: Vec<Problem>,
}

impl From<Maintenance> for Closed {
    fn from(known: Maintenance) -> Self {
        Self { since: known.since.into(), until: known.until.map(Fill::from), message: known.message }
    }
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let notice = match &*value(&query(&request), "done") {
        "on" => Some(Notice::done(say("maintenance-closed"))),
        "off" => Some(Notice::done(say("maintenance-opened"))),
        _ => None,
    };
    let result = page(&state, &request, (&Parameters::new(), None), (StatusCode::OK, notice)).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    (entered, wrong): (&Parameters, Option<(&str, Say)>),
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let closed = maintenance::read(state.world.record()).await?;
    let error = |name: &str| wrong.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text);
    let longest = u16::try_from(LONGEST_MESSAGE).unwrap_or(u16::MAX);
    let until = Field::text("until", say("maintenance-until"), &value(entered, "until"));
    let message = Field::text("message", say("maintenance-message"), &value(entered, "message"));
    let until = until.hint(say("desk-coupon-time-hint")).optional().error(error("until"));
    let message = message.max(longest).hint(say("maintenance-message-hint")).optional().error(error("message"));
    let problems = [&until, &message].into_iter().filter_map(Field::problem).collect();
    let view = MaintenanceView { notice, closed: closed.map(Closed::from), until, message, problems };
    state.page("desk/maintenance", &Head::desk(say("desk-maintenance"), &visitor), &view, (status, Keep::Never))
}

pub(crate) async fn submit<W: Desk>(state: State<W>, request: HttpRequest, form: Entered) -> HttpResponse {
    let result = match form {
        Ok(form) => submitted(&state, &request, &form).await,
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

async fn submitted<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    entered: &Parameters,
) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let (record, mut env) = (state.world.record(), state.world.env());
    if value(entered, "action") == "off" {
        maintenance::end(record, &mut env, &who.actor()).await?;
        state.closed.forget();
        return Ok(see_other("/desk/maintenance?done=off"));
    }
    match wanted(entered, env.now()) {
        Ok(wanted) => {
            maintenance::begin(record, &mut env, &wanted, &who.actor()).await?;
            state.closed.forget();
            Ok(see_other("/desk/maintenance?done=on"))
        }
        Err(wrong) => page(state, request, (entered, Some(wrong)), (StatusCode::UNPROCESSABLE_ENTITY, None)).await,
    }
}

fn wanted(entered: &Parameters, now: Timestamp) -> Result<Maintenance, (&'static str, Say)> {
    let text = value(entered, "until");
    let until = utc(&text);
    if !text.is_empty() && until.is_none() {
        return Err(("until", say("maintenance-no-time")));
    }
    maintenance::asked(until, &value(entered, "message"), now).map_err(|refused| match refused {
        NotPossible::Past => ("until", say("maintenance-past")),
        NotPossible::TooFar => ("until", say("maintenance-too-far")),
        NotPossible::Message => ("message", say("maintenance-message-long")),
    })
}
