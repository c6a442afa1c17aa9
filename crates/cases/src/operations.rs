//! Opening, handing over and ending cases.

use kernel::{Env, Failure, FailureKind, Id, StoreError, entity};

use crate::{Case, CaseKind, CaseStore, Ending, NewCase};

/// Who ends a case whose cause is gone.
const SYSTEM: &str = "system";
/// The longest text that is kept.
const LONGEST: usize = 2000;

/// Why a case could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is no such case.
    #[error("there is no case {0}")]
    NotFound(Id<entity::Case>),
    /// It has ended.
    #[error("case {0} is closed")]
    Closed(Id<entity::Case>),
    /// The text that says how it ended is missing.
    #[error("resolution: missing; say in a sentence how the case was resolved")]
    NoResolution,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for CaseError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotFound(_) => FailureKind::NotFound,
            Self::Closed(_) => FailureKind::Conflict,
            Self::NoResolution => FailureKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "case-not-found",
            Self::Closed(_) => "case-closed",
            Self::NoResolution => "resolution-missing",
            Self::Store(error) => error.code(),
        }
    }
}

/// A cause was seen: opens its case, or brings the open one up to date. Returns whether it is a new case.
///
/// # Errors
/// The store's.
pub async fn open<S: CaseStore>(store: &mut S, env: &mut Env, new: NewCase) -> Result<bool, StoreError> {
    let now = env.now();
    let case = Case {
        id: env.id(),
        kind: new.kind,
        subject: new.subject,
        order: new.order,
        reason: short(&new.reason),
        next_step: short(&new.next_step),
        owner: None,
        opened_at: now,
        last_seen_at: now,
        times: 1,
        ending: None,
    };
    store.open_case(&case).await
}

fn short(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

/// The cause of one case is gone; nothing happens where none is open.
///
/// # Errors
/// The store's.
pub async fn cause_gone<S: CaseStore>(
    store: &mut S,
    env: &Env,
    (kind, subject): (CaseKind, &str),
    how: &str,
) -> Result<bool, StoreError> {
    let ending = Ending { at: env.now(), by: SYSTEM.to_owned(), resolution: how.to_owned() };
    store.close_cause(kind, subject, &ending).await
}

/// The causes of all of an order's cases of these kinds are gone.
///
/// # Errors
/// The store's.
pub async fn order_causes_gone<S: CaseStore>(
    store: &mut S,
    env: &Env,
    order: Id<entity::Order>,
    kinds: &[CaseKind],
    how: &str,
) -> Result<usize, StoreError> {
    let ending = Ending { at: env.now(), by: SYSTEM.to_owned(), resolution: how.to_owned() };
    store.close_order_causes(order, kinds, &ending).await
}

/// Somebody takes a case, or puts it back with `None`.
///
/// # Errors
/// [`CaseError::NotFound`] and [`CaseError::Closed`].
pub async fn assign<S: CaseStore>(store: &mut S, id: Id<entity::Case>, owner: Option<&str>) -> Result<Case, CaseError> {
    let mut case = open_case(store, id).await?;
    case.owner = owner.map(str::trim).filter(|name| !name.is_empty()).map(short);
    store.save_case(&case).await?;
    Ok(case)
}

/// A person says that it is done with, and how.
///
/// # Errors
/// [`CaseError`]; a resolution must be given.
pub async fn resolve<S: CaseStore>(
    store: &mut S,
    env: &Env,
    id: Id<entity::Case>,
    (who, resolution): (&str, &str),
) -> Result<Case, CaseError> {
    if resolution.trim().is_empty() {
        return Err(CaseError::NoResolution);
    }
    let mut case = open_case(store, id).await?;
    case.ending = Some(Ending { at: env.now(), by: short(who), resolution: short(resolution.trim()) });
    store.save_case(&case).await?;
    Ok(case)
}

async fn open_case<S: CaseStore>(store: &mut S, id: Id<entity::Case>) -> Result<Case, CaseError> {
    let case = store.lock_case(id).await?.ok_or(CaseError::NotFound(id))?;
    if case.ending.is_some() { Err(CaseError::Closed(id)) } else { Ok(case) }
}
