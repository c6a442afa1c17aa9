//! Mails are sent at least once: a mail that comes twice is the same one, under the same Message-ID.

use std::collections::{BTreeMap, BTreeSet};

use super::{Inquiry, Rule};

pub(super) fn check(inquiry: &mut Inquiry<'_>) {
    once_on_record(inquiry);
    as_recorded(inquiry);
    the_right_ones(inquiry);
}

/// A new account's way in, in either form.
fn is_welcome(mail: &crate::facts::MailRow) -> bool {
    matches!(&*mail.template, "welcome" | "welcome_link")
}

/// One mail of a kind for an order.
fn once_on_record(inquiry: &mut Inquiry<'_>) {
    let facts = inquiry.facts;
    let mut kinds: BTreeMap<(&str, &str, Option<&str>), usize> = BTreeMap::new();
    for mail in &facts.mails {
        // A case may be told twice, a welcome may not: it belongs to the account.
        let order = mail.order.as_deref().filter(|_| !is_welcome(mail));
        *kinds.entry((&mail.to, &mail.template, order)).or_default() += 1;
        if mail.status != "sent" && !mail.order.as_deref().is_some_and(|order| inquiry.is_case(order)) {
            inquiry.accuse(Rule::Mail, format!("{} to {} is {}", mail.template, mail.to, mail.status));
        }
    }
    for ((to, template, order), count) in kinds {
        if count > 1 && template != "order_needs_attention" {
            inquiry.accuse(Rule::Mail, format!("{count} mails {template} to {to} for {order:?}"));
        }
    }
}

/// What arrived is what the record says was sent.
fn as_recorded(inquiry: &mut Inquiry<'_>) {
    let facts = inquiry.facts;
    let mut logged: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut unfinished: BTreeSet<&str> = BTreeSet::new();
    for mail in &facts.mails {
        match &mail.message_id {
            Some(id) => drop(logged.entry(&mail.to).or_default().insert(id)),
            None => drop(unfinished.insert(&mail.to)),
        }
    }
    let mut arrived: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mail in &facts.arrived {
        arrived.entry(&mail.to).or_default().insert(&mail.message_id);
    }
    for (to, ids) in &logged {
        for id in ids.difference(&arrived.get(to).cloned().unwrap_or_default()) {
            inquiry.accuse(Rule::Mail, format!("mail {id} to {to} is recorded as sent and never arrived"));
        }
    }
    for (to, ids) in &arrived {
        for id in ids.difference(&logged.get(to).cloned().unwrap_or_default()) {
            // One that is given up may have gone out in a try that heard nothing.
            if !unfinished.contains(to) {
                inquiry.accuse(Rule::Mail, format!("mail {id} arrived for {to} and is not on record"));
            }
        }
    }
}

/// Whoever has their service was told so, a new customer got their way in, and nobody was told of what they did not pay.
fn the_right_ones(inquiry: &mut Inquiry<'_>) {
    let facts = inquiry.facts;
    let mut by_order: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut welcomed: BTreeSet<&str> = BTreeSet::new();
    for mail in &facts.mails {
        if is_welcome(mail) {
            welcomed.insert(&mail.to);
        } else if let Some(order) = &mail.order {
            by_order.entry(order).or_default().insert(&mail.template);
        }
    }
    for order in &facts.orders {
        let told = by_order.get(order.id.as_str()).cloned().unwrap_or_default();
        let paid = inquiry.is_paid(&order.id);
        let wants = |template: &str| !told.contains(template);
        if order.status == "provisioned" {
            for template in ["order_confirmation", "service_ready"].into_iter().filter(|template| wants(template)) {
                inquiry.accuse(Rule::Mail, format!("{}: no mail {template}", order.id));
            }
            if order.guest && !welcomed.contains(order.email.to_lowercase().as_str()) {
                inquiry.accuse(Rule::Mail, format!("{}: no welcome to {}", order.id, order.email));
            }
        }
        if !paid && (told.contains("order_confirmation") || told.contains("service_ready")) {
            inquiry.accuse(Rule::Unpaid, format!("{} is not paid and was told {told:?}", order.id));
        }
    }
}
