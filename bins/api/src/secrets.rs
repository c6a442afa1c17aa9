//! What webhooks are verified with: the environment's secrets and those of the secrets table.
//!
//! The table is read in the background, so that a forged event costs no work in the database and a new secret counts
//! within half a minute without a restart. When the table cannot be read, what was read before goes on counting.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use actix_web::rt;
use flows::Shop;
use infra::{
    secrets::{SecretError, WEBHOOK_SECRET, active_secrets},
    stripe::{SignatureError, WEBHOOK_TOLERANCE, verify, verify_header},
    world::ShopWorld,
};
use kernel::Timestamp;
use secrecy::SecretString;

use crate::problem::chain;

/// How often the table is read.
const PERIOD: Duration = Duration::from_secs(20);
/// How soon again after it could not be read.
const PERIOD_AFTER_FAILURE: Duration = Duration::from_secs(2);

/// The secrets that count now. Clones share them.
#[derive(Clone)]
pub(crate) struct WebhookSecrets {
    environment: Arc<[SecretString]>,
    all: Arc<RwLock<Arc<[SecretString]>>>,
}

/// The task that reads the table; ends when dropped.
pub(crate) struct Reloading(rt::task::JoinHandle<()>);

impl Drop for Reloading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl WebhookSecrets {
    /// Begins with those of the environment.
    pub(crate) fn new(environment: Vec<SecretString>) -> Self {
        let environment: Arc<[SecretString]> = environment.into();
        Self { all: Arc::new(RwLock::new(Arc::clone(&environment))), environment }
    }

    /// Checks what can be checked before the body is there.
    pub(crate) fn verify_header(header: &str, now: Timestamp) -> Result<(), SignatureError> {
        verify_header(header, now, WEBHOOK_TOLERANCE)
    }

    /// Checks a delivery.
    pub(crate) fn verify(&self, header: &str, body: &[u8], now: Timestamp) -> Result<(), SignatureError> {
        verify(header, body, &self.now(), now, WEBHOOK_TOLERANCE)
    }

    fn now(&self) -> Arc<[SecretString]> {
        Arc::clone(&self.all.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the table once now and then for as long as the returned task lives.
    pub(crate) async fn keep_loaded(&self, world: Arc<ShopWorld>) -> Reloading {
        let mut pause = self.reload(&world).await;
        if self.now().is_empty() {
            tracing::warn!(
                "no webhook secret is known: events are refused until STRIPE_WEBHOOK_SECRET is set or one is in the \
                 secrets table"
            );
        }
        let secrets = self.clone();
        Reloading(rt::spawn(async move {
            loop {
                rt::time::sleep(pause).await;
                pause = secrets.reload(&world).await;
            }
        }))
    }

    /// Reads the table; the pause until the next time.
    async fn reload(&self, world: &ShopWorld) -> Duration {
        match self.read(world).await {
            Ok(()) => PERIOD,
            Err(error) => {
                tracing::warn!(error = chain(&error), "the webhook secrets could not be read; the known ones count");
                PERIOD_AFTER_FAILURE
            }
        }
    }

    async fn read(&self, world: &ShopWorld) -> Result<(), SecretError> {
        let stored = active_secrets(world.db(), world.sealer(), WEBHOOK_SECRET, world.env().now()).await?;
        let all = self.environment.iter().cloned().chain(stored).collect();
        *self.all.write().unwrap_or_else(PoisonError::into_inner) = all;
        Ok(())
    }
}
