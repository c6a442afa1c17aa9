//! Who runs the command, for the audit trail.

use audit::{Act, Actor, AuditStore, Entry, Facts, Subject};
use clap::Args;
use infra::db::PgTx;
use kernel::{Env, StoreError};

/// Who does it.
#[derive(Debug, Clone, Args)]
pub(crate) struct OperatorArgs {
    /// Your name, for the audit trail.
    #[arg(id = "operator", long = "as", env = "USER", value_name = "NAME", default_value = "operator")]
    name: String,
}

impl OperatorArgs {
    /// The name as it was given.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The operator.
    pub(crate) fn actor(&self) -> Actor {
        Actor::operator(&self.name)
    }
}

/// Puts an act on record, in the transaction that it belongs to: what it was done to, what that was and what it is.
pub(crate) async fn record(
    tx: &mut PgTx,
    (by, act): (&Actor, Act),
    subject: Subject,
    (before, after): (Facts, Facts),
) -> Result<(), StoreError> {
    let entry = Entry::new(&mut Env::system(), by.clone(), act, subject);
    tx.append(&entry.before(before).after(after)).await
}
