//! `GET /desk/audit`: who did what to what, the newest first.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use infra::queries::{self, AuditFilter, AuditLine};
use serde::Serialize;

use super::Desk;
use crate::{
    answer::{Keep, PageError},
    head::Head,
    pages::State,
    say::{Fill, say},
    visitor::{query, value},
};

/// Entries on the page.
const SHOWN: i64 = 200;
/// No name in the trail is longer.
const LONGEST: usize = 255;

#[derive(Debug, Serialize)]
struct Entry {
    at: Fill,
    actor: String,
    actor_name: String,
    act: &'static str,
    subject: String,
    subject_name: String,
    ip: Option<String>,
    before: String,
    after: String,
    position: Option<i64>,
}

#[derive(Debug, Serialize)]
struct TrailView {
    actor: String,
    subject: String,
    entries: Vec<Entry>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let parameters = query(request);
    let name = |field| value(&parameters, field).chars().filter(|c| *c != '\0').take(LONGEST).collect::<String>();
    let (actor, subject) = (name("actor"), name("subject"));
    let wanted = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let filter = AuditFilter { actor: wanted(&actor), subject: wanted(&subject), ..AuditFilter::default() };
    let lines = queries::audit_list(state.world.record(), &filter, SHOWN).await?;
    let view = TrailView { actor, subject, entries: lines.into_iter().map(Entry::from).collect() };
    state.page("desk/trail", &Head::desk(say("desk-trail"), &visitor), &view, (StatusCode::OK, Keep::Never))
}

impl From<AuditLine> for Entry {
    fn from(AuditLine { entry, position }: AuditLine) -> Self {
        let last = |text: &str| text.split_once(' ').map_or(text, |(_, name)| name).to_owned();
        let (actor, subject) = (entry.actor.to_string(), entry.subject.to_string());
        Self {
            at: entry.at.into(),
            actor_name: last(&actor),
            actor,
            act: entry.act.as_str(),
            subject_name: last(&subject),
            subject,
            ip: entry.origin.ip.map(|ip| ip.to_string()),
            before: entry.before.to_string(),
            after: entry.after.to_string(),
            position,
        }
    }
}
