//! The installation's keys.

use infra::{
    config::{KeyConfig, Problems},
    secrets::SecretBox,
};

use crate::failure::Failed;

/// The ring of keys that the environment gives.
pub(crate) fn sealer(config: &KeyConfig, step: &str) -> Result<SecretBox, Failed> {
    let mut problems = Problems::default();
    let keys = config.keys(&mut problems);
    let keys = problems.finish(keys).map_err(|error| Failed::new(step, error))?;
    SecretBox::ring(&keys).map_err(|error| Failed::new(step, error))
}
