//! The payment page.

use super::{page, text::money};
use crate::http::{Answer, percent_decode};
use crate::json::Members;
use crate::stripe::{Outcome, Recurring, Session, SessionStatus};
use crate::world::World;
use chrono::DateTime;
use serde_json::{Value, json};

/// Shows the page of a session, with a notice above the form if there is one.
pub(super) fn show(world: &World, id: &str, notice: Option<&str>) -> Answer {
    let session = world.stripe(|stripe| {
        stripe.expire_due_session(id);
        let mut session = stripe.sessions.get(id).cloned()?;
        // People are shown what a coupon is called, not its id.
        let coupon = session.coupon.as_deref().and_then(|id| stripe.coupons.get(id));
        if let Some(name) = coupon.and_then(|coupon| coupon.params.member("name").as_str()) {
            session.coupon = Some(name.to_owned());
        }
        Some(session)
    });
    match session {
        None => closed(
            404,
            "There is no such payment page.",
            "The link may be broken, or the sandbox was restarted since.",
            "/",
        ),
        Some(session) => match session.status {
            SessionStatus::Open => page(200, "pay", &details(&session, notice)),
            SessionStatus::Complete => closed(
                200,
                "This payment page has been completed.",
                "There is nothing more to do here.",
                &session.success_url(),
            ),
            SessionStatus::Expired => closed(
                200,
                "This payment page has expired.",
                "Please go back to the shop and order again.",
                session.text("/cancel_url").unwrap_or("/"),
            ),
        },
    }
}

pub(super) fn closed(status: u16, heading: &str, sentence: &str, back: &str) -> Answer {
    page(status, "closed", &json!({ "title": heading, "heading": heading, "sentence": sentence, "back": back }))
}

fn details(session: &Session, notice: Option<&str>) -> Value {
    let line = |line: &crate::stripe::Line| {
        json!({
            "name": line.name, "description": line.description.as_deref().unwrap_or_default(), "quantity": line.quantity,
            "several": line.quantity > 1, "amount": money(line.full, &session.currency),
            "every": line.recurring.map(|recurring| format!("every {}", recurring.words())).unwrap_or_default(),
        })
    };
    let renewal: i64 = session.lines.iter().filter(|line| line.recurring.is_some()).map(|line| line.full).sum();
    let every = session.recurring().map(Recurring::words);
    let then = every.map(|every| match session.trial_end {
        Some(end) => format!("From {} on: {} every {every}.", day(end), money(renewal, &session.currency)),
        None => format!("Then {} every {every}, until cancelled.", money(renewal, &session.currency)),
    });
    json!({
        "title": format!("Pay {}", money(session.total, &session.currency)),
        "id": session.id, "notice": notice.unwrap_or_default(), "has_notice": notice.is_some(),
        "lines": session.lines.iter().map(line).collect::<Vec<_>>(),
        "subtotal": money(session.subtotal, &session.currency),
        "discounted": session.discount > 0, "coupon": session.coupon.as_deref().unwrap_or_default(),
        "discount": money(-session.discount, &session.currency),
        "total": money(session.total, &session.currency), "free": session.total == 0,
        "trial": session.trial_end.map(|end| format!("Free trial until {}", day(end))).unwrap_or_default(),
        "in_trial": session.trial_end.is_some(),
        "then": then.clone().unwrap_or_default(), "renews": then.is_some(),
        "email": session.customer_email.as_deref().unwrap_or_default(),
        "asks_email": session.customer_email.is_none() && session.customer.is_none(),
        "cancel_url": session.text("/cancel_url").unwrap_or_default(),
        "can_cancel": session.text("/cancel_url").is_some(),
    })
}

pub(super) fn day(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).map(|at| at.format("%-d %B %Y").to_string()).unwrap_or_default()
}

/// The payer pressed a button.
pub(super) fn act(world: &World, id: &str, body: &[u8]) -> Answer {
    let form = std::str::from_utf8(body).unwrap_or_default();
    let field = |name: &str| {
        let pair = form.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        pair.and_then(|(_, value)| percent_decode(value, true))
    };
    let Some(outcome) = field("outcome").as_deref().and_then(Outcome::parse) else {
        return show(world, id, Some("Please choose how to pay."));
    };
    let email = field("email").filter(|email| !email.is_empty());
    match world.stripe(|stripe| stripe.pay(id, outcome, email.as_deref())) {
        Err(error) => show(world, id, Some(&error.message)),
        Ok(()) if outcome == Outcome::Declined => {
            show(world, id, Some("Your card was declined. Please try another way to pay."))
        }
        Ok(()) => match world.stripe(|stripe| stripe.sessions.get(id).map(Session::success_url)) {
            Some(url) => Answer::see_other(&url),
            None => show(world, id, None),
        },
    }
}
