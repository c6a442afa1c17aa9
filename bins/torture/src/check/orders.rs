//! The promise to the customer at the counter, and the order's own history.

use std::collections::BTreeMap;

use super::{Inquiry, Rule};
use crate::facts::Word;

pub(super) fn check(inquiry: &mut Inquiry<'_>) {
    promises(inquiry);
    histories(inquiry);
}

fn promises(inquiry: &mut Inquiry<'_>) {
    let mut by_email: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for order in &inquiry.facts.orders {
        by_email.entry(&order.email).or_default().push(&order.id);
    }
    for purchase in &inquiry.facts.purchases {
        let made = by_email.remove(purchase.email.as_str()).unwrap_or_default();
        if made.len() > 1 {
            inquiry.accuse(Rule::Doubled, format!("{} bought once and has orders {made:?}", purchase.email));
        }
        if let Word::Confirmed(order) = &purchase.word
            && !made.contains(&order.as_str())
        {
            inquiry.accuse(
                Rule::Lost,
                format!("{order} of {} was confirmed and is gone; there is {made:?}", purchase.email),
            );
        }
    }
    for (email, made) in by_email {
        inquiry.accuse(Rule::Doubled, format!("{made:?} of {email}, who never ordered"));
    }
}

/// How far along an event is; what is not here may come at any time.
fn rank(event: &str) -> Option<u32> {
    Some(match event {
        "placed" => 0,
        "expired" | "payment_failed" => 1,
        "paid" => 2,
        "delivery_requested" => 3,
        "provisioning" => 4,
        "installing" => 5,
        "provisioned" => 6,
        _ => return None,
    })
}

/// What the state must be at least, after this event.
fn reached(event: &str) -> &'static [&'static str] {
    const LATER: [&str; 3] = ["needs_attention", "refund_pending", "refunded"];
    match event {
        "paid" | "delivery_requested" => &["paid", LATER[0], LATER[1], LATER[2]],
        "provisioning" | "installing" => &["provisioning", LATER[0], LATER[1], LATER[2]],
        "provisioned" => &["provisioned", LATER[1], LATER[2]],
        _ => &["pending", "expired", "cancelled", LATER[0]],
    }
}

fn histories(inquiry: &mut Inquiry<'_>) {
    for order in &inquiry.facts.orders {
        let events = inquiry.facts.timeline.get(&order.id).map(Vec::as_slice).unwrap_or_default();
        let mut last: Option<(&str, u32)> = None;
        for event in events {
            let Some(now) = rank(event) else { continue };
            // The same step twice is as wrong as a step back.
            if let Some((before, then)) = last.filter(|(_, then)| *then >= now) {
                let _ = then;
                inquiry.accuse(Rule::Backwards, format!("{}: {event} after {before}; all of it: {events:?}", order.id));
            }
            last = Some((event, now));
        }
        match last {
            None => inquiry.accuse(Rule::Backwards, format!("{} has no history", order.id)),
            Some((event, _)) if !reached(event).contains(&order.status.as_str()) => {
                inquiry.accuse(Rule::Backwards, format!("{} is {} after {event}", order.id, order.status));
            }
            Some(_) => {}
        }
    }
}
