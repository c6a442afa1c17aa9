//! The figures of the desk's first page, kept for some seconds: they look through a month of orders, and many people look
//! at them.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::Duration;
use infra::{
    db::Db,
    queries::{self, Today},
};
use kernel::{StoreError, Timestamp};

/// How old they may be.
const FRESH: Duration = Duration::seconds(5);

/// The last reading. Each process has its own: nothing is decided by it.
#[derive(Debug, Default)]
pub(crate) struct Figures(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    read: Option<(Timestamp, Arc<Today>)>,
    /// Somebody reads already; the others are shown what is there.
    reading: bool,
}

impl Figures {
    /// The figures and when they were read.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn read(&self, db: &Db, now: Timestamp) -> Result<(Timestamp, Arc<Today>), StoreError> {
        if let Some(kept) = self.kept(now) {
            return Ok(kept);
        }
        let turn = Turn(self);
        let read = (now, Arc::new(queries::today(db, now).await?));
        self.with(|kept| kept.read = Some(read.clone()));
        drop(turn);
        Ok(read)
    }

    /// What is fresh, or old and being read anew.
    fn kept(&self, now: Timestamp) -> Option<(Timestamp, Arc<Today>)> {
        self.with(|kept| {
            let read = kept.read.clone()?;
            let fresh = now.signed_duration_since(read.0) < FRESH;
            if fresh || kept.reading {
                return Some(read);
            }
            kept.reading = true;
            None
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Given back also when the reading fails or its request goes away.
struct Turn<'a>(&'a Figures);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.with(|kept| kept.reading = false);
    }
}
