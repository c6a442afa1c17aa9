//! Keeping the audit trail's chain.

use audit::{BATCH, ChainEntries, ChainStore, NoteHead, extend};
use cases::CaseKind;
use kernel::{Job, JobContext, JobFailure, JobQueue, Recorded, StoreError, Transact};

use crate::{Shop, Workshop};

/// Puts entries into the chain, a batch in each transaction, until none is left that may go there.
pub async fn chain_entries<W: Workshop>(
    world: &W,
    _: ChainEntries,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    let key = world.chain_key();
    while world.db().transaction(async |tx| extend(tx, key).await).await? >= BATCH {}
    done::<ChainEntries, W>(world, context).await
}

/// Says in the log where the chain ends. Nothing else remembers it: whoever cuts the end off in the database cannot cut it
/// off here.
pub async fn note_head<W: Workshop>(world: &W, _: NoteHead, context: JobContext) -> Result<Recorded, JobFailure> {
    let end = world.db().transaction(async |tx| tx.chain_end().await).await?;
    if let Some(link) = end {
        tracing::info!(target: "hostwright::audit", { audit.head = %link.head }, "the audit chain ends here");
    }
    done::<NoteHead, W>(world, context).await
}

async fn done<J: Job, W: Shop>(world: &W, context: JobContext) -> Result<Recorded, JobFailure> {
    let env = world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(context.lease).await?;
        cases::cause_gone(tx, &env, (CaseKind::JobDead, J::KIND), "the job runs again").await?;
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}
