//! What an operator can have done about a case from here.

use audit::{Act, Actor, AuditStore, Entry, Facts, Subject};
use cases::{Case, CaseKind, CaseStore};
use kernel::{Env, Failure, FailureKind, Id, StoreError, Transact, entity};
use notify::SendMail;
use orders::OrderError;

use crate::Stores;

/// What was begun for a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// The order is being delivered again; the provider is looked at first.
    DeliveredAgain(Id<entity::Order>),
    /// These events are being processed again.
    EventsReplayed(Vec<String>),
    /// The money is being sent back once more.
    RefundSentAgain(Id<entity::Refund>),
    /// The mail is being sent again.
    MailSentAgain(Id<entity::Mail>),
    /// What is to be done with the service is tried again; the provider is looked at first.
    OperationTriedAgain(Id<entity::Service>),
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum RemedyError {
    /// There is no such case, or it is closed.
    #[error("there is no open case {0}")]
    NotOpen(Id<entity::Case>),
    /// Only a person can do what it asks for.
    #[error("this case cannot be put right from here; its next step: {0}")]
    ByHand(String),
    /// The order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for RemedyError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotOpen(_) => FailureKind::NotFound,
            Self::ByHand(_) => FailureKind::Conflict,
            Self::Order(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotOpen(_) => "case-not-open",
            Self::ByHand(_) => "case-needs-a-person",
            Self::Order(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Begins what puts a case right, where that is something we can do. The case closes when its cause is gone.
///
/// # Errors
/// [`RemedyError`]; nothing was begun then.
pub async fn retry_case<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    id: Id<entity::Case>,
    by: &Actor,
) -> Result<Remedy, RemedyError> {
    let open = |case: Option<Case>| case.filter(|case| case.ending.is_none()).ok_or(RemedyError::NotOpen(id));
    let work = async |tx: &mut D::Tx| {
        let case = open(tx.case(id).await?)?;
        let remedy = begin(tx, env, &case).await?;
        // Only now: a worker locks the case after its job, event and order, too. Whoever closed it meanwhile has won.
        open(tx.lock_case(id).await?)?;
        let begun = Entry::new(env, by.clone(), Act::CaseRetried, Subject::new("case", id));
        tx.append(&begun.after(Facts::none().text("kind", case.kind.as_str()))).await?;
        Ok(remedy)
    };
    db.transaction(work).await
}

async fn begin<S: Stores>(tx: &mut S, env: &mut Env, case: &Case) -> Result<Remedy, RemedyError> {
    let by_hand = || RemedyError::ByHand(case.next_step.clone());
    match case.kind {
        CaseKind::DeliveryRefused
        | CaseKind::NoCapacity
        | CaseKind::SetupFailed
        | CaseKind::SetupSlow
        | CaseKind::DeliveryDelayed
        | CaseKind::OutcomeUnknown => {
            let order = case.order.ok_or_else(by_hand)?;
            orders::retry(tx, env, order).await?;
            Ok(Remedy::DeliveredAgain(order))
        }
        CaseKind::EventDelayed | CaseKind::EventUnreadable | CaseKind::JobDead => {
            replay(tx, std::slice::from_ref(&case.subject)).await?.ok_or_else(by_hand)
        }
        CaseKind::PaymentStuck | CaseKind::LedgerPaidThere => {
            let events = match case.order {
                Some(order) => tx.events_of(order).await?,
                None => Vec::new(),
            };
            replay(tx, &events).await?.ok_or_else(by_hand)
        }
        CaseKind::RefundFailed => {
            let refund = case.subject.parse().map_err(|_| by_hand())?;
            if orders::retry_refund(tx, env, refund).await? {
                Ok(Remedy::RefundSentAgain(refund))
            } else {
                Err(by_hand())
            }
        }
        CaseKind::ServiceOperation => operate_again(tx, env, case).await?.ok_or_else(by_hand),
        CaseKind::MailFailed => send_again(tx, case).await?.ok_or_else(by_hand),
        CaseKind::EventForeign
        | CaseKind::PaymentMismatch
        | CaseKind::PaidTwice
        | CaseKind::PaymentUnmatched
        | CaseKind::ServiceOrphan
        | CaseKind::ServiceMissing
        | CaseKind::ServiceDrift
        | CaseKind::LedgerPaidHere
        | CaseKind::LedgerRefund
        | CaseKind::RefundedRunning
        | CaseKind::Disputed => Err(by_hand()),
    }
}

/// `None` where there is no such event.
async fn replay<S: Stores>(tx: &mut S, events: &[String]) -> Result<Option<Remedy>, StoreError> {
    let mut replayed = Vec::new();
    for event in events {
        if tx.event(event).await?.is_some() {
            crate::event::replay(tx, event).await?;
            replayed.push(event.clone());
        }
    }
    Ok((!replayed.is_empty()).then_some(Remedy::EventsReplayed(replayed)))
}

async fn operate_again<S: Stores>(tx: &mut S, env: &mut Env, case: &Case) -> Result<Option<Remedy>, StoreError> {
    let Ok(id) = case.subject.parse() else { return Ok(None) };
    Ok(crate::operate::try_again(tx, env, id).await?.then_some(Remedy::OperationTriedAgain(id)))
}

async fn send_again<S: Stores>(tx: &mut S, case: &Case) -> Result<Option<Remedy>, StoreError> {
    let Ok(id) = case.subject.parse() else { return Ok(None) };
    let Some(mail) = tx.mail(id).await? else { return Ok(None) };
    tx.enqueue(&SendMail { mail: mail.id, order: mail.order }).await?;
    Ok(Some(Remedy::MailSentAgain(mail.id)))
}
