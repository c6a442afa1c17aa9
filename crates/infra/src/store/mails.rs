//! The mail log.

use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, entity};
use notify::{Mail, MailStatus, MailStore, NewMail};
use serde_json::Value;
use uuid::Uuid;

use super::Place;
use crate::{
    db::PgTx,
    schema::{email_log, orders},
};

#[diesel::declare_sql_function]
extern "SQL" {
    /// In lower case.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[derive(Insertable)]
#[diesel(table_name = email_log, treat_none_as_default_value = false)]
struct NewMailRow<'a> {
    id: Uuid,
    to_email: &'a str,
    to_name: Option<String>,
    template: &'a str,
    department: &'a str,
    context: &'a Value,
    secret_id: Option<Uuid>,
    order_id: Option<Uuid>,
    status: &'a str,
    queued_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = email_log, check_for_backend(diesel::pg::Pg))]
struct MailRow {
    id: Uuid,
    to_email: String,
    to_name: Option<String>,
    template: String,
    department: String,
    context: Value,
    secret_id: Option<Uuid>,
    order_id: Option<Uuid>,
    status: String,
    attempts: i32,
    queued_at: Timestamp,
    sent_at: Option<Timestamp>,
    message_id: Option<String>,
    last_error: Option<String>,
}

impl TryFrom<MailRow> for Mail {
    type Error = StoreError;

    fn try_from(row: MailRow) -> Result<Self, StoreError> {
        let place = Place::new("email_log", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            to: place.parse("to_email", &row.to_email)?,
            to_name: row.to_name,
            template: row.template,
            department: place.parse("department", &row.department)?,
            context: row.context,
            secret: row.secret_id.map(Id::from_uuid),
            order: row.order_id.map(Id::from_uuid),
            queued_at: row.queued_at,
            status: place.parse("status", &row.status)?,
            attempts: row.attempts,
            sent_at: row.sent_at,
            message_id: row.message_id,
            last_error: row.last_error,
        })
    }
}

impl PgTx {
    /// The latest mails to a customer's address or about their orders, the newest first.
    pub(crate) async fn mails_to(
        &mut self,
        (customer, email): (Id<entity::Customer>, &str),
        limit: i64,
    ) -> Result<Vec<Mail>, StoreError> {
        let theirs = orders::table.filter(orders::customer_id.eq(customer.uuid())).select(orders::id.nullable());
        let to = lower(email_log::to_email).eq(email.to_lowercase());
        let query = email_log::table.filter(to.or(email_log::order_id.eq_any(theirs)));
        let query = query.order((email_log::queued_at.desc(), email_log::id.desc())).limit(limit);
        self.load("a customer's mails", query.select(MailRow::as_select()))
            .await?
            .into_iter()
            .map(Mail::try_from)
            .collect()
    }

    /// The mails that an order caused, oldest first.
    pub(crate) async fn mails_of(&mut self, order: Id<entity::Order>) -> Result<Vec<Mail>, StoreError> {
        let of_order = email_log::table.filter(email_log::order_id.eq(order.uuid()));
        let query = of_order.order((email_log::queued_at, email_log::id)).select(MailRow::as_select());
        self.load("an order's mails", query).await?.into_iter().map(Mail::try_from).collect()
    }

    /// A change that found no row: either the mail was sent before, which stays as it is, or there is none.
    async fn was_sent_before(&mut self, id: Id<entity::Mail>) -> Result<(), StoreError> {
        match self.mail(id).await?.map(|mail| mail.status) {
            Some(MailStatus::Sent) => Ok(()),
            Some(MailStatus::Queued | MailStatus::Failed) => Err(StoreError::bug(format!("{id} could not be changed"))),
            None => Err(StoreError::bug(format!("there is no mail {id}"))),
        }
    }
}

impl MailStore for PgTx {
    async fn insert_mail(&mut self, mail: &NewMail) -> Result<(), StoreError> {
        let row = NewMailRow {
            id: mail.id.uuid(),
            to_email: mail.to.as_str(),
            to_name: mail.to_name.clone(),
            template: &mail.template,
            department: mail.department.as_str(),
            context: &mail.context,
            secret_id: mail.secret.map(Id::uuid),
            order_id: mail.order.map(Id::uuid),
            status: MailStatus::Queued.as_str(),
            queued_at: mail.queued_at,
        };
        self.execute_one("insert a mail", diesel::insert_into(email_log::table).values(row)).await
    }

    async fn mail(&mut self, id: Id<entity::Mail>) -> Result<Option<Mail>, StoreError> {
        let query = email_log::table.find(id.uuid()).select(MailRow::as_select()).for_update();
        self.first("lock a mail", query).await?.map(Mail::try_from).transpose()
    }

    async fn waiting_mails(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Mail>, StoreError> {
        let waiting = email_log::table
            .filter(email_log::status.eq(MailStatus::Queued.as_str().to_owned()))
            .filter(email_log::queued_at.lt(before));
        let query = waiting.order(email_log::queued_at).limit(limit).select(MailRow::as_select());
        self.load("waiting mails", query).await?.into_iter().map(Mail::try_from).collect()
    }

    async fn mail_like(&mut self, mail: &Mail, since: Timestamp) -> Result<Option<Mail>, StoreError> {
        let says = email_log::table
            .filter(lower(email_log::to_email).eq(mail.to.as_str().to_lowercase()))
            .filter(email_log::template.eq(mail.template.clone()))
            .filter(email_log::context.eq(mail.context.clone()))
            .filter(email_log::order_id.is_not_distinct_from(mail.order.map(Id::uuid)))
            .filter(email_log::id.ne(mail.id.uuid()))
            .filter(email_log::queued_at.ge(since));
        let query = says.order((email_log::queued_at.desc(), email_log::id.desc())).select(MailRow::as_select());
        self.first("a mail that says the same", query.limit(1)).await?.map(Mail::try_from).transpose()
    }

    async fn mark_sent(&mut self, id: Id<entity::Mail>, at: Timestamp, message_id: &str) -> Result<(), StoreError> {
        let open = email_log::table.find(id.uuid()).filter(email_log::status.ne(MailStatus::Sent.as_str()));
        let changes = (
            email_log::status.eq(MailStatus::Sent.as_str()),
            email_log::attempts.eq(email_log::attempts + 1),
            email_log::sent_at.eq(at),
            email_log::message_id.eq(message_id),
            email_log::last_error.eq(None::<String>),
        );
        match self.execute("mark a mail as sent", diesel::update(open).set(changes)).await? {
            0 => self.was_sent_before(id).await,
            _ => Ok(()),
        }
    }

    async fn mark_failed(&mut self, id: Id<entity::Mail>, error: &str, finally: bool) -> Result<(), StoreError> {
        let open = email_log::table.find(id.uuid()).filter(email_log::status.ne(MailStatus::Sent.as_str()));
        let counted = (email_log::attempts.eq(email_log::attempts + 1), email_log::last_error.eq(error));
        let changed = if finally {
            let changes = (email_log::status.eq(MailStatus::Failed.as_str()), counted);
            self.execute("give a mail up", diesel::update(open).set(changes)).await?
        } else {
            self.execute("note a mail's failure", diesel::update(open).set(counted)).await?
        };
        match changed {
            0 => self.was_sent_before(id).await,
            _ => Ok(()),
        }
    }
}
