//! The service's state machine.
//!
//! `pending → provisioning → installing → active`; `uncertain` when a call's outcome is unknown (the next step looks
//! before it acts); `failed_setup` with a reason. Later `active → suspended(reason) → active`, and from wherever something
//! stands at a provider `→ terminating → terminated`.

use kernel::{Failure, FailureKind};

use crate::RemoteRef;

/// Why a service is suspended: who pays may resume only what was suspended for not paying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuspendReason {
    /// An invoice is open.
    NonPayment,
    /// It did what it must not.
    Abuse,
    /// Its owner asked for it.
    Request,
    /// The shop has its reasons.
    Operator,
}

impl SuspendReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NonPayment, Self::Abuse, Self::Request, Self::Operator];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NonPayment => "non-payment",
            Self::Abuse => "abuse",
            Self::Request => "request",
            Self::Operator => "operator",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

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
    /// It is stopped on purpose; everything is kept.
    Suspended {
        /// What exists at the provider.
        remote: RemoteRef,
        /// Why.
        reason: SuspendReason,
    },
    /// It is being ended.
    Terminating(RemoteRef),
    /// It has ended. What it was called at the provider is kept: keys are never used again.
    Terminated(RemoteRef),
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
            Self::Suspended { .. } => "suspended",
            Self::Terminating(_) => "terminating",
            Self::Terminated(_) => "terminated",
        }
    }

    /// What exists at the provider, as far as we know.
    pub const fn remote(&self) -> Option<&RemoteRef> {
        match self {
            Self::Installing(remote)
            | Self::Active(remote)
            | Self::Suspended { remote, .. }
            | Self::Terminating(remote) => Some(remote),
            Self::FailedSetup { remote, .. } => remote.as_ref(),
            Self::Pending | Self::Provisioning | Self::Uncertain | Self::Terminated(_) => None,
        }
    }

    /// What it is or was called at the provider.
    pub const fn known_as(&self) -> Option<&RemoteRef> {
        match self {
            Self::Terminated(remote) => Some(remote),
            Self::Pending
            | Self::Provisioning
            | Self::Uncertain
            | Self::Installing(_)
            | Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_) => self.remote(),
        }
    }

    /// It is or was delivered, or will not be: nothing is left for a delivery to do.
    pub const fn delivery_is_over(&self) -> bool {
        match self {
            Self::Pending | Self::Provisioning | Self::Uncertain | Self::Installing(_) => false,
            Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => true,
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
            Self::Installing(_)
            | Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => Err(self.refuse("begin")),
        }
    }

    /// A call's outcome is not known.
    pub fn doubt(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::Provisioning | Self::Uncertain => Ok(Self::Uncertain),
            Self::Pending
            | Self::Installing(_)
            | Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => Err(self.refuse("become uncertain")),
        }
    }

    /// It exists and is being set up.
    pub fn install(self, remote: RemoteRef) -> Result<Self, WrongServiceState> {
        match self {
            Self::Provisioning | Self::Uncertain | Self::Installing(_) => Ok(Self::Installing(remote)),
            Self::Pending
            | Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => Err(self.refuse("install")),
        }
    }

    /// It runs.
    pub fn activate(self, remote: RemoteRef) -> Result<Self, WrongServiceState> {
        match self {
            Self::Provisioning | Self::Uncertain | Self::Installing(_) => Ok(Self::Active(remote)),
            Self::Pending
            | Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => Err(self.refuse("become active")),
        }
    }

    /// It will not come by itself.
    pub fn fail(self, reason: String) -> Result<Self, WrongServiceState> {
        let remote = self.remote().cloned();
        match self {
            Self::Pending | Self::Provisioning | Self::Uncertain | Self::Installing(_) => {
                Ok(Self::FailedSetup { reason, remote })
            }
            Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => Err(self.refuse("fail its setup")),
        }
    }

    /// A person says: try again. What may exist at the provider is looked for first.
    pub fn retry(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::FailedSetup { .. } | Self::Uncertain => Ok(Self::Uncertain),
            Self::Pending | Self::Provisioning => Ok(self),
            Self::Installing(remote) => Ok(Self::Installing(remote)),
            Self::Active(_) | Self::Suspended { .. } | Self::Terminating(_) | Self::Terminated(_) => {
                Err(self.refuse("be retried"))
            }
        }
    }

    /// It is stopped on purpose.
    pub fn suspend(self, reason: SuspendReason) -> Result<Self, WrongServiceState> {
        match self {
            Self::Active(remote) => Ok(Self::Suspended { remote, reason }),
            Self::Pending
            | Self::Provisioning
            | Self::Uncertain
            | Self::Installing(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => Err(self.refuse("be suspended")),
        }
    }

    /// It goes on.
    pub fn resume(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::Suspended { remote, .. } => Ok(Self::Active(remote)),
            Self::Pending
            | Self::Provisioning
            | Self::Uncertain
            | Self::Installing(_)
            | Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Terminating(_)
            | Self::Terminated(_) => Err(self.refuse("be resumed")),
        }
    }

    /// It is to end. While a provider may still be making it there is nothing that could be named to it.
    pub fn terminate(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::Installing(remote)
            | Self::Active(remote)
            | Self::Suspended { remote, .. }
            | Self::Terminating(remote)
            | Self::FailedSetup { remote: Some(remote), .. } => Ok(Self::Terminating(remote)),
            Self::Pending
            | Self::Provisioning
            | Self::Uncertain
            | Self::FailedSetup { remote: None, .. }
            | Self::Terminated(_) => Err(self.refuse("be terminated")),
        }
    }

    /// It has ended.
    pub fn terminated(self) -> Result<Self, WrongServiceState> {
        match self {
            Self::Terminating(remote) => Ok(Self::Terminated(remote)),
            Self::Pending
            | Self::Provisioning
            | Self::Uncertain
            | Self::Installing(_)
            | Self::Active(_)
            | Self::FailedSetup { .. }
            | Self::Suspended { .. }
            | Self::Terminated(_) => Err(self.refuse("have ended")),
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
            ServiceState::FailedSetup { reason: "no".to_owned(), remote: Some(remote()) },
            ServiceState::Suspended { remote: remote(), reason: SuspendReason::NonPayment },
            ServiceState::Terminating(remote()),
            ServiceState::Terminated(remote()),
        ]
    }

    type Step = (&'static str, fn(ServiceState) -> Result<ServiceState, WrongServiceState>);

    #[test]
    fn every_state_and_step() {
        let steps: [Step; 10] = [
            ("begin", ServiceState::begin),
            ("doubt", ServiceState::doubt),
            ("install", |s| s.install(remote())),
            ("activate", |s| s.activate(remote())),
            ("fail", |s| s.fail("why".to_owned())),
            ("retry", ServiceState::retry),
            ("suspend", |s| s.suspend(SuspendReason::Operator)),
            ("resume", ServiceState::resume),
            ("terminate", ServiceState::terminate),
            ("terminated", ServiceState::terminated),
        ];
        let mut table = String::new();
        for state in all() {
            for (name, step) in &steps {
                let after = step(state.clone()).map_or("refused", |next| next.as_str());
                writeln!(table, "{:<13} {:<10} {after}", state.as_str(), name).expect("writing to a string");
            }
        }
        insta::assert_snapshot!(table);
    }
}
