//! The database: transactions that commit whole or not at all, and sometimes nobody hears which.

use std::sync::Arc;

use checkout::{EventInbox, IncomingEvent, Taken};
use kernel::{JobQueue, StoreError, Timestamp, Transact};
use limits::{Charge, LimitStore, Refusal};
use orders::{
    ProcessEvent,
    testing::{MemoryEvent, MemoryStore},
};

use crate::{
    core::{Core, SECOND, Site, State, instant},
    fault::Fault,
    seen::Sometimes,
};

/// The database of one world.
#[derive(Debug, Clone)]
pub(crate) struct Database(pub(crate) Arc<Core>);

fn away(why: &'static str) -> StoreError {
    StoreError::Unavailable(why.into())
}

impl State {
    fn db_refuses(&mut self) -> Result<(), StoreError> {
        if self.strikes(Fault::DbDown) {
            self.db_down_until = self.now + self.dice.between(SECOND, 60 * SECOND);
        }
        if self.db_is_down() {
            return Err(away("connection refused"));
        }
        if self.strikes(Fault::DbPool) {
            return Err(away("no connection is free"));
        }
        if self.strikes(Fault::DbConflict) {
            return Err(away("could not serialize access"));
        }
        Ok(())
    }

    pub(crate) const fn db_is_down(&self) -> bool {
        self.now < self.db_down_until
    }

    /// What a transaction sees and changes until it commits.
    pub(crate) fn snapshot(&self) -> MemoryStore {
        let mut copy = self.store.clone();
        copy.jobs.now = instant(self.now);
        copy
    }

    fn commit(&mut self, after: MemoryStore) {
        let before = std::mem::replace(&mut self.store, after);
        self.check_commit(&before);
    }
}

impl Database {
    /// One statement of the queue's own, outside any flow.
    pub(crate) async fn statement<T>(
        &self,
        work: impl FnOnce(&mut MemoryStore) -> T,
        checked: impl FnOnce(&mut State, &MemoryStore, &T),
    ) -> Result<T, StoreError> {
        self.0.before(Site::Statement).await;
        let (value, lost) = {
            let state = &mut *self.0.lock();
            state.db_refuses()?;
            let mut after = state.snapshot();
            let value = work(&mut after);
            let before = std::mem::replace(&mut state.store, after);
            checked(state, &before, &value);
            (value, state.loses(Fault::ReplyLost))
        };
        self.0.after(Site::Statement).await;
        if lost { Err(away("the answer was lost")) } else { Ok(value) }
    }
}

impl Transact for Database {
    type Tx = MemoryStore;

    /// Nothing else runs between BEGIN and COMMIT: every flow locks its order first, so that the order in which two of them
    /// commit is all there is to their race.
    async fn transaction<T, E>(&self, work: impl AsyncFnOnce(&mut MemoryStore) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.0.before(Site::Transaction).await;
        let mut copy = {
            let state = &mut *self.0.lock();
            state.db_refuses()?;
            state.snapshot()
        };
        let value = match work(&mut copy).await {
            Ok(value) => value,
            Err(error) => return Err(error),
        };
        let lost = {
            let state = &mut *self.0.lock();
            state.commit(copy);
            state.loses(Fault::ReplyLost)
        };
        self.0.after(Site::Transaction).await;
        if lost {
            return Err(StoreError::CommitUnknown("the answer to COMMIT was lost".into()).into());
        }
        Ok(value)
    }
}

/// Worlds have no limits; nobody asks.
impl LimitStore for Database {
    async fn take(&self, _: &[Charge], _: Option<Timestamp>) -> Result<Vec<Refusal>, StoreError> {
        Ok(Vec::new())
    }
}

impl EventInbox for Database {
    async fn take(&self, event: &IncomingEvent) -> Result<Taken, StoreError> {
        let core = &self.0;
        self.transaction(async |tx| {
            if tx.events.contains_key(&event.id) {
                core.lock().note(Sometimes::EventTwice);
                return Ok(Taken::Duplicate);
            }
            let row = MemoryEvent { raw: event.raw.clone().into(), received_at: event.received_at, outcome: None };
            tx.events.insert(event.id.clone(), row);
            tx.enqueue(&ProcessEvent { event: event.id.clone() }).await?;
            Ok(Taken::New)
        })
        .await
    }
}
