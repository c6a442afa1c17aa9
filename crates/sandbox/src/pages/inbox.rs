//! The inbox: list, one mail with both its parts, JSON.

use super::page;
use crate::http::{Answer, Call, percent_decode};
use crate::inbox::Mail;
use crate::world::{World, lock};
use serde_json::{Value, json};

fn wanted(call: &Call) -> Option<String> {
    let pair = call.query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == "to");
    pair.and_then(|(_, value)| percent_decode(value, false)).filter(|address| !address.is_empty())
}

/// `/inbox?to=`: newest first.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let to = wanted(call);
    let row = |mail: &Mail| {
        json!({
            "id": mail.id, "from": mail.from_name.as_ref().unwrap_or(&mail.from), "to": mail.to.join(", "), "subject": mail.subject,
            "at": mail.received_at.format("%H:%M:%S").to_string(),
        })
    };
    let mut mails: Vec<Value> = lock(&world.inbox).to(to.as_deref()).map(row).collect();
    mails.reverse();
    page(
        200,
        "inbox",
        &json!({
            "title": "Inbox", "mails": mails, "none": mails.is_empty(), "count": mails.len(),
            "filtered": to.is_some(), "to": to.unwrap_or_default(),
        }),
    )
}

/// `/inbox.json?to=`: oldest first.
pub(super) fn json(world: &World, call: &Call) -> Answer {
    let to = wanted(call);
    let mails: Vec<Value> = lock(&world.inbox).to(to.as_deref()).map(|mail| json!(mail)).collect();
    Answer::json(200, &Value::Array(mails))
}

fn mail(world: &World, id: &str) -> Option<Mail> {
    let id = id.parse().ok()?;
    lock(&world.inbox).get(id).cloned()
}

/// `/inbox/{id}`
pub(super) fn show(world: &World, id: &str) -> Option<Answer> {
    let mail = mail(world, id)?;
    Some(page(
        200,
        "mail",
        &json!({
            "title": mail.subject, "id": mail.id, "from": mail.from, "from_name": mail.from_name.unwrap_or_default(),
        "to": mail.to.join(", "),
            "subject": mail.subject, "at": mail.received_at.to_rfc2822(), "has_html": mail.html.is_some(),
            "has_text": mail.text.is_some(), "text": mail.text.unwrap_or_default(),
        "message_id": mail.message_id.unwrap_or_default(),
        }),
    ))
}

/// `/inbox/{id}/html`: the HTML part alone, for the frame that shows it. It may run nothing and load nothing; its links
/// open in a window of their own, which is free again.
pub(super) fn html_part(world: &World, id: &str) -> Option<Answer> {
    let html = mail(world, id)?.html?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                  sandbox allow-popups allow-popups-to-escape-sandbox";
    let page = format!("<base target=\"_blank\">{html}");
    Some(Answer::html(200, page).with("content-security-policy", policy.to_owned()))
}

/// `/inbox/{id}/raw`
pub(super) fn raw(world: &World, id: &str) -> Option<Answer> {
    Some(Answer::text(200, "text/plain; charset=utf-8", mail(world, id)?.raw))
}
