//! What may be connected to.

use clap::Args;

use super::Problems;
use crate::outgoing::Outgoing;

/// Calls to the outside.
#[derive(Debug, Clone, Args)]
pub struct OutboundConfig {
    /// Addresses and networks, separated by commas, that may be called although they are link-local, reserved or a cloud's
    /// metadata service: 169.254.7.0/24. This machine and private networks may be called anyway.
    #[arg(long, env = "OUTBOUND_ALLOW", value_delimiter = ',')]
    pub outbound_allow: Vec<String>,
}

impl OutboundConfig {
    /// The rules; without exceptions where those cannot be read, which is noted.
    pub fn rules(&self, problems: &mut Problems) -> Outgoing {
        problems.take("OUTBOUND_ALLOW", Outgoing::allowing(&self.outbound_allow)).unwrap_or_default()
    }
}
