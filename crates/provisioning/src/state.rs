//! The service's state machine.
//!
//! `pending → provisioning → installing → active`; `uncertain` when a call's outcome is unknown (the next step looks
//! before it acts); `failed_setup` with a reason. The states of later life (past due, suspended, terminating) are entered
//! by the operations of their own.

use kernel::{Failure, FailureKind};

use crate::RemoteRef;

/// Where a service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceState {
    /// Promised, nothing done.
    Pending,
    /// A provider is being asked; committed before the first call.
    Provisioning,
    /// A call may have taken effect; look before acting.
    Uncertain,
    /// It exists and is being set up.
    Installing(RemoteRef),
    /// It runs.
    Active(RemoteRef),
    /// It will not come by itself.
    FailedSetup {
        /// Why, in words for an operator.
        reason: String,
        /// What exists at the provider nevertheless.
        remote: Option<RemoteRef>,
    },
}

/// A step that the present state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a service that is {from} cannot {step}")]
pub struct WrongServiceState {
    from: &'static str,
    step: &'static str,
}

impl Failure for WrongServiceState {
    fn kind(&self) -> FailureKind {
        FailureKind::Conflict
    }
    fn code(&self) -> &'static str {
        "wrong-service-state"
    }
}

impl ServiceState {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Provisioning => "provisioning",
            Self::Uncertain => "uncertain",
            Self::Installing(_) => "installing",
            Self::Active(_) => "active",
            Self::FailedSetup { .. } => "failed_setup",
        }
    }

    /// What exists at the provider, as far as we know.
    pub const fn remote(&self) -> Option<&RemoteRef> {
        match self {
            Self::Installing(remote) | Self::Active(remote) => Some(remote),
            Self::FailedSetup { remote, .. } => remote.as_ref(),
            Self::Pending | Self::Provisioning | Self::Uncertain => None,
        }
    }

    const fn refuse(&self, step: &'static str) -> WrongServiceState {
        WrongServiceState { from: self.as_str(), step }
    }

    /// A provider is about to be asked.
    pub fn begin(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::Pending | Self::Provisioning => Ok(Self::Provisioning),
            Self::Uncertain => Ok(Self::Uncertain),
            Self::Installing(_) | Self::Active(_) | Self::FailedSetup { .. } => Err(self.refuse("begin")),
        }
    }

    /// A call's outcome is not known.
    pub fn doubt(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::Provisioning | Self::Uncertain => Ok(Self::Uncertain),
            Self::Pending | Self::Installing(_) | Self::Active(_) | Self::FailedSetup { .. } => {
                Err(self.refuse("become uncertain"))
            }
        }
    }

    /// It exists and is being set up.
    pub fn install(self, remote: RemoteRef) -> Result<Self, WrongServiceState> {
        match self {
            Self::Provisioning | Self::Uncertain | Self::Installing(_) => Ok(Self::Installing(remote)),
            Self::Pending | Self::Active(_) | Self::FailedSetup { .. } => Err(self.refuse("install")),
        }
    }

    /// It runs.
    pub fn activate(self, remote: RemoteRef) -> Result<Self, WrongServiceState> {
        match self {
            Self::Provisioning | Self::Uncertain | Self::Installing(_) => Ok(Self::Active(remote)),
            Self::Pending | Self::Active(_) | Self::FailedSetup { .. } => Err(self.refuse("become active")),
        }
    }

    /// It will not come by itself.
    pub fn fail(self, reason: String) -> Result<Self, WrongServiceState> {
        let remote = self.remote().cloned();
        match self {
            Self::Pending | Self::Provisioning | Self::Uncertain | Self::Installing(_) => {
                Ok(Self::FailedSetup { reason, remote })
            }
            Self::Active(_) | Self::FailedSetup { .. } => Err(self.refuse("fail its setup")),
        }
    }

    /// A person says: try again. What may exist at the provider is looked for first.
    pub fn retry(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::FailedSetup { .. } | Self::Uncertain => Ok(Self::Uncertain),
            Self::Pending | Self::Provisioning => Ok(self),
            Self::Installing(remote) => Ok(Self::Installing(remote)),
            Self::Active(_) => Err(self.refuse("be retried")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn remote() -> RemoteRef {
        RemoteRef { id: "1".to_owned(), identifier: "a".to_owned() }
    }

    fn all() -> Vec<ServiceState> {
        vec![
            ServiceState::Pending,
            ServiceState::Provisioning,
            ServiceState::Uncertain,
            ServiceState::Installing(remote()),
            ServiceState::Active(remote()),
            ServiceState::FailedSetup { reason: "no".to_owned(), remote: None },
        ]
    }

    type Step = (&'static str, fn(ServiceState) -> Result<ServiceState, WrongServiceState>);

    #[test]
    fn every_state_and_step() {
        let steps: [Step; 6] = [
            ("begin", ServiceState::begin),
            ("doubt", ServiceState::doubt),
            ("install", |s| s.install(remote())),
            ("activate", |s| s.activate(remote())),
            ("fail", |s| s.fail("why".to_owned())),
            ("retry", ServiceState::retry),
        ];
        let mut table = String::new();
        for state in all() {
            for (name, step) in &steps {
                let after = step(state.clone()).map_or("refused", |next| next.as_str());
                writeln!(table, "{:<13} {:<9} {after}", state.as_str(), name).expect("writing to a string");
            }
        }
        insta::assert_snapshot!(table);
    }
}
