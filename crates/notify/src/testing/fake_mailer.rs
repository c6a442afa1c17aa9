//! A mailer that sends nothing.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Accepted, MailError, Mailer, Message};

/// Keeps what it is given. Its clones share one inbox.
#[derive(Debug, Clone, Default)]
pub struct FakeMailer {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    arrived: Vec<Message>,
    tries: usize,
    failures: VecDeque<MailError>,
}

impl FakeMailer {
    /// The next send that no earlier call claimed fails with `error`. With [`MailError::Unknown`] the mail arrives all the
    /// same, which is the harder case for the caller.
    pub fn fail_next(&self, error: MailError) {
        self.state().failures.push_back(error);
    }

    /// Every message that arrived, copies included.
    pub fn arrived(&self) -> Vec<Message> {
        self.state().arrived.clone()
    }

    /// How often it was asked to send.
    pub fn tries(&self) -> usize {
        self.state().tries
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for FakeMailer {
    async fn send(&self, message: &Message) -> Result<Accepted, MailError> {
        let mut state = self.state();
        state.tries += 1;
        let failure = state.failures.pop_front();
        if matches!(failure, None | Some(MailError::Unknown { .. })) {
            state.arrived.push(message.clone());
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(Accepted {
                message_id: format!("<{}@fake.example>", message.id),
                response: "250 kept in memory".to_owned(),
            }),
        }
    }
}
