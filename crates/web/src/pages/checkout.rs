//! `/order/{plan}`: the checkout form, and what comes of sending it.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    rt,
    web::{Form, Path},
};
use audit::Origin;
use catalog::{Product, Quote, QuoteError, QuoteRequest};
use checkout::CheckoutRequest;
use flows::{CreateSessionError, SessionStarted, SignedIn};
use kernel::{BillingCycle, Failure, FailureKind, StoreError};
use secrecy::ExposeSecret;

use super::State;
use crate::{
    answer::{Keep, PageError, see_other},
    checkout_form::{self, Action, Entries, Errors},
    head::Head,
    limited::{told_to_wait, too_many},
    origin::origin,
    reads,
    say::say,
    site::Site,
    views::{self, checkout::became_dearer, plans::nearest},
    visitor::{Parameters, Visitor, query, value},
};

/// `GET`: the empty form. `?cycle=` and `?coupon=` fill it in.
pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest, plan: Path<String>) -> HttpResponse {
    let result = empty(&state, &request, &plan).await;
    state.answer(&request, result)
}

async fn empty<W: Site>(state: &State<W>, request: &HttpRequest, plan: &str) -> Result<HttpResponse, PageError> {
    let desk = Desk::open(state, request, plan).await?;
    let parameters = query(request);
    let asked = value(&parameters, "cycle").parse().unwrap_or(BillingCycle::Monthly);
    let cycle = nearest(&desk.product, asked).map(|price| price.cycle.as_str().to_owned());
    let entries =
        Entries { cycle: cycle.unwrap_or_default(), coupon: value(&parameters, "coupon"), ..Entries::default() };
    desk.form(entries, Errors::default(), StatusCode::OK).await
}

/// `POST`: orders, or shows the price again.
pub(crate) async fn submit<W: Site>(
    state: State<W>,
    request: HttpRequest,
    plan: Path<String>,
    form: Result<Form<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let result = match form {
        Ok(form) => submitted(&state, &request, &plan, &form).await,
        Err(error) => Err(PageError::BadForm(error.as_response_error().status_code())),
    };
    state.answer(&request, result)
}

async fn submitted<W: Site>(
    state: &State<W>,
    request: &HttpRequest,
    plan: &str,
    form: &Parameters,
) -> Result<HttpResponse, PageError> {
    let desk = Desk::open(state, request, plan).await?;
    let entries = Entries::read(form);
    if entries.action == Action::Show {
        return desk.form(entries, Errors::default(), StatusCode::OK).await;
    }
    match checkout_form::request(&desk.product, &desk.visitor, &entries) {
        Err(errors) => desk.form(entries, *errors, StatusCode::UNPROCESSABLE_ENTITY).await,
        Ok(wanted) => desk.order(entries, wanted, origin(request)).await,
    }
}

/// One visit to the checkout of one plan.
struct Desk<'a, W> {
    state: &'a State<W>,
    visitor: Visitor,
    product: Product,
}

impl<'a, W: Site> Desk<'a, W> {
    async fn open(state: &'a State<W>, request: &HttpRequest, plan: &str) -> Result<Self, PageError> {
        let visitor = state.visitor(request).await?;
        if visitor.0.as_ref().is_some_and(|who| who.user.must_change_password) {
            return Err(PageError::ChangePassword);
        }
        let product = reads::product(&*state.world, plan).await?.ok_or(PageError::NotFound)?;
        Ok(Self { state, visitor, product })
    }

    /// Orders, unless it costs more than what was shown.
    async fn order(
        &self,
        mut entries: Entries,
        wanted: CheckoutRequest,
        origin: Origin,
    ) -> Result<HttpResponse, PageError> {
        let (quote, errors) = self.quote(&entries).await?;
        if errors.any() {
            return self.form(entries, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        if became_dearer(&entries.seen, &quote) {
            let errors = Errors { form: Some(say("checkout-price-changed")), ..Errors::default() };
            return self.form(entries, errors, StatusCode::CONFLICT).await;
        }
        match start(self.state, wanted, self.visitor.0.clone(), origin).await? {
            Ok(started) => Ok(see_other(&format!("{}/pay", self.state.world.links().order_path(started.order)))),
            Err(error) => {
                let (errors, status, same_key) = explain(&error)?;
                if !same_key {
                    entries.key.clear();
                }
                Ok(told_to_wait(self.form(entries, errors, status).await?, error.retry_after()))
            }
        }
    }

    /// The price with what was chosen. What keeps it from being worked out stands beside its field, and the price is
    /// shown without it.
    async fn quote(&self, entries: &Entries) -> Result<(Quote, Errors), PageError> {
        let mut asked = QuoteRequest {
            plan: self.product.code.to_string(),
            cycle: entries.cycle.clone(),
            coupon: Some(entries.coupon.to_ascii_uppercase()),
            trial: entries.trial,
        };
        let mut errors = Errors::default();
        loop {
            let error = match reads::quote(&*self.state.world, &asked).await {
                Ok(quote) => return Ok((quote, errors)),
                Err(error) => error,
            };
            if !errors.place(&error) {
                return Err(error.into());
            }
            asked = self.without(asked, &error).ok_or(PageError::NotFound)?;
        }
    }

    /// The question without what was refused; `None` when nothing is left to leave out.
    fn without(&self, asked: QuoteRequest, error: &QuoteError) -> Option<QuoteRequest> {
        match error {
            QuoteError::NoTrial => asked.trial.then_some(QuoteRequest { trial: false, ..asked }),
            QuoteError::NoActivePrice { .. } | QuoteError::UnknownCycle(_) => {
                let first = self.product.prices.first()?.cycle.to_string();
                (asked.cycle != first).then_some(QuoteRequest { cycle: first, ..asked })
            }
            QuoteError::UnknownCoupon(_)
            | QuoteError::CouponExpired { .. }
            | QuoteError::CouponNotYetValid
            | QuoteError::CouponNotForPlan
            | QuoteError::CouponCurrency => asked.coupon.is_some().then_some(QuoteRequest { coupon: None, ..asked }),
            QuoteError::Store(_) => None,
        }
    }

    async fn form(&self, mut entries: Entries, errors: Errors, status: StatusCode) -> Result<HttpResponse, PageError> {
        let (quote, found) = self.quote(&entries).await?;
        let errors = errors.and(found);
        if entries.key.is_empty() {
            self.state.world.env().token().expose_secret().clone_into(&mut entries.key);
        }
        // Now, and not when the request came: the order may just have been refused for it.
        let left = reads::left(&*self.state.world, &self.product).await?;
        let view = views::checkout::checkout((&self.product, &quote, left), &self.visitor, (&entries, &errors));
        let title = say("checkout-title").with("plan", self.product.name.as_str());
        self.state.page("checkout", &Head::new(title, &self.visitor), &view, (status, Keep::Revalidate))
    }
}

type Started = Result<SessionStarted, CreateSessionError>;

/// Runs detached: a browser that goes away does not stop an order half-way.
async fn start<W: Site>(
    state: &State<W>,
    wanted: CheckoutRequest,
    who: Option<SignedIn>,
    origin: Origin,
) -> Result<Started, StoreError> {
    let world = Arc::clone(&state.world);
    let task = rt::spawn(async move { flows::check_out(&*world, wanted, who.as_ref(), &origin).await });
    task.await.map_err(|_| StoreError::bug("starting a checkout did not end"))
}

/// Why there is no payment page, for the customer; and whether the form's key still belongs to this order.
fn explain(error: &CreateSessionError) -> Result<(Errors, StatusCode, bool), PageError> {
    let mut errors = Errors::default();
    if let CreateSessionError::Checkout(refusal) = error
        && errors.place_refusal(refusal)
    {
        let sold_out = error.kind() == FailureKind::Conflict;
        let status = if sold_out { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
        return Ok((errors, status, true));
    }
    let (text, status, same_key) = match (error.kind(), error) {
        (FailureKind::Unavailable, CreateSessionError::Gateway { order, .. }) => {
            let text = say("checkout-gateway-away").with("order", order.to_string());
            (text, StatusCode::SERVICE_UNAVAILABLE, true)
        }
        (FailureKind::Upstream, CreateSessionError::Gateway { order, .. }) => {
            let text = say("checkout-gateway-refused").with("order", order.to_string());
            (text, StatusCode::BAD_GATEWAY, false)
        }
        (FailureKind::Limited, CreateSessionError::Limited(limited)) => {
            (too_many(limited.seconds), StatusCode::TOO_MANY_REQUESTS, true)
        }
        (FailureKind::Conflict, _) => (say("checkout-used"), StatusCode::CONFLICT, false),
        (FailureKind::Unavailable, _) => (say("checkout-away"), StatusCode::SERVICE_UNAVAILABLE, true),
        _ => return Err(PageError::Failed(error.kind(), error.code(), format!("{error:?}"))),
    };
    errors.form = Some(text);
    Ok((errors, status, same_key))
}
