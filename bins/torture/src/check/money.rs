//! What Stripe took is what we recorded, order by order and in all.

use std::collections::BTreeMap;

use super::{Inquiry, Rule};

pub(super) fn check(inquiry: &mut Inquiry<'_>) {
    let facts = inquiry.facts;
    let mut taken: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for session in facts.sessions.iter().filter(|session| session.paid) {
        if !inquiry.orders.contains_key(session.order.as_str()) {
            inquiry
                .accuse(Rule::Lost, format!("session {} paid {}, which is not on record", session.id, session.order));
        }
        taken.entry(&session.order).or_default().push(session.amount);
    }
    let mut recorded: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for payment in facts.payments.iter().filter(|payment| payment.status == "succeeded") {
        recorded.entry(&payment.order).or_default().push(payment.amount);
    }
    for (order, amounts) in &taken {
        if amounts.len() > 1 && !inquiry.is_case(order) {
            inquiry.accuse(Rule::Money, format!("{order} was paid {} times, and no case", amounts.len()));
        }
        let known = recorded.get(order).cloned().unwrap_or_default();
        // Before a person it may be money that was not recorded as ours; then the case says so.
        if known != *amounts && !(inquiry.is_case(order) && known.len() <= 1) {
            inquiry.accuse(Rule::Money, format!("{order}: Stripe has {amounts:?}, the record {known:?}"));
        }
    }
    for (order, amounts) in recorded.iter().filter(|(order, _)| !taken.contains_key(*order)) {
        inquiry.accuse(Rule::Money, format!("{order}: the record has {amounts:?}, Stripe nothing"));
    }
}
