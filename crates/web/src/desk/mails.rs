//! Mails on an order's and a customer's page, and sending one of them again.

use accounts::Permission::SendMails;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use flows::{NotAgain, ResendError, Resent, may_be_resent};
use kernel::{Id, entity};
use notify::Mail;
use serde::Serialize;

use super::{
    Desk, customer, may, order,
    words::{Notice, State as Badge, mail_state},
};
use crate::{
    answer::{PageError, see_other},
    pages::State,
    say::{Fill, Say, say},
    visitor::{Visitor, query, value},
};

/// A mail in a list.
#[derive(Debug, Serialize)]
pub(super) struct MailRow {
    id: String,
    template: String,
    to: String,
    state: Badge,
    at: Fill,
    error: Option<String>,
    /// It may be sent again, by who looks.
    again: bool,
    /// Why it may not.
    kept: Option<Say>,
}

impl From<Mail> for MailRow {
    fn from(mail: Mail) -> Self {
        let again = may_be_resent(&mail);
        Self {
            id: mail.id.to_string(),
            template: mail.template.replace('_', " "),
            to: mail.to.to_string(),
            state: mail_state(mail.status.as_str()),
            at: mail.sent_at.unwrap_or(mail.queued_at).into(),
            error: mail.last_error,
            again: again.is_ok(),
            kept: again.err().filter(|why| *why != NotAgain::OnItsWay).map(why_not),
        }
    }
}

/// Leaves the button to who may press it.
pub(super) fn offered(visitor: &Visitor, rows: &mut [MailRow]) {
    if !may(visitor, SendMails) {
        for row in rows {
            row.again = false;
            row.kept = None;
        }
    }
}

fn why_not(why: NotAgain) -> Say {
    match why {
        NotAgain::OnItsWay => say("desk-mail-on-its-way"),
        NotAgain::HeldSecret => say("desk-mail-held-secret"),
        NotAgain::Erased => say("desk-mail-erased"),
    }
}

/// The page that it was asked for on.
enum Back {
    Order(Id<entity::Order>),
    Customer(Id<entity::Customer>),
    Desk,
}

impl Back {
    fn of(request: &HttpRequest) -> Self {
        let text = value(&query(request), "back");
        match (text.parse(), text.parse()) {
            (Ok(order), _) => Self::Order(order),
            (_, Ok(customer)) => Self::Customer(customer),
            (Err(_), Err(_)) => Self::Desk,
        }
    }

    fn with(&self, done: &str) -> String {
        match self {
            Self::Order(id) => format!("/desk/orders/{id}?done={done}"),
            Self::Customer(id) => format!("/desk/customers/{id}?done={done}"),
            Self::Desk => "/desk".to_owned(),
        }
    }
}

/// What is said after it, on both pages.
pub(super) fn notice(done: &str) -> Option<Notice> {
    match done {
        "mail" => Some(Notice::done(say("desk-mail-again"))),
        "mail-twice" => Some(Notice::done(say("desk-mail-twice"))),
        _ => None,
    }
}

pub(crate) async fn send<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = sent(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn sent<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let id = path.parse().map_err(|_| PageError::NotFound)?;
    let back = Back::of(request);
    match flows::resend_mail(state.world.db(), &mut state.world.env(), id, &who.actor()).await {
        Ok(Resent::Queued(_)) => Ok(see_other(&back.with("mail"))),
        Ok(Resent::AlreadyOnItsWay) => Ok(see_other(&back.with("mail-twice"))),
        Err(ResendError::NotFound) => Err(PageError::NotFound),
        Err(ResendError::NotAgain(why)) => {
            let said = (StatusCode::CONFLICT, Some(Notice::refused(why_not(why))));
            match back {
                Back::Order(id) => order::page(state, request, &id.to_string(), said).await,
                Back::Customer(id) => customer::page(state, request, &id.to_string(), said).await,
                Back::Desk => Err(PageError::NotFound),
            }
        }
        Err(error) => Err(error.into()),
    }
}
