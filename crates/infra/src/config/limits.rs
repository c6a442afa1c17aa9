//! Whether there are limits on how often anything may be tried.

use clap::{Args, ValueEnum};

/// The limits.
#[derive(Debug, Clone, Args)]
pub struct LimitsConfig {
    /// How often anybody may try to sign in, register, order and so on is limited. «off» is for load tests alone: everybody
    /// may guess passwords then.
    #[arg(long, env = "LIMITS", value_enum, default_value_t = Switch::On)]
    pub limits: Switch,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// As it should be.
    On,
    /// Not at all.
    Off,
}

impl LimitsConfig {
    /// Whether everything passes.
    pub fn are_off(&self) -> bool {
        self.limits == Switch::Off
    }
}
