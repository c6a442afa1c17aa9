//! The service that was bought: its state machine, the port to what delivers it, and what each answer of it means.
//!
//! Knows nothing of orders or money: it is asked to deliver and says what happened.

mod delivery;
pub mod jobs;
mod operate;
mod operation;
mod provider;
mod record;
mod request;
mod service;
mod state;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use delivery::{DeliveryRequest, DomainChoice, DomainName, InvalidDomain, ServerName};
pub use operate::{Answered, AskError, Asked, about_to_ask, answered, ask, done_by_hand, drive, target};
pub use operation::{Operation, OperationState, Verb};
pub use provider::{
    Ability, AccessField, Adoption, BoxFuture, Capabilities, ConsoleLink, Health, Listed, Lookup, Mode, PollToken,
    Power, Provider, ProviderError, Providers, Remote, RemoteRef, RemoteState, RoomFor, ServiceOrder, SettingsProblem,
    Step, Stray, Target, USUAL_SETTLE, Usage,
};
pub use record::{BeginRecordError, DeliveryProgress, SetupFailure, begin, record, record_error, reset_for_retry};
pub use request::{NewService, request};
pub use service::{Owner, Service};
pub use state::{ServiceState, SuspendReason, WrongServiceState};
pub use store::{OperationStore, ServiceStore};
