//! Why something was not done.

use std::io;

use local_protocol::{Answer, Refusal};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Fault {
    pub(crate) refusal: Refusal,
    pub(crate) detail: String,
}

impl Fault {
    pub(crate) fn new(refusal: Refusal, detail: impl Into<String>) -> Self {
        Self { refusal, detail: detail.into() }
    }

    /// It will never be done.
    pub(crate) fn never(detail: impl Into<String>) -> Self {
        Self::new(Refusal::Never, detail)
    }

    /// It did not work.
    pub(crate) fn failed(detail: impl Into<String>) -> Self {
        Self::new(Refusal::Failed, detail)
    }

    pub(crate) fn into_answer(self) -> Answer {
        Answer::Refused { refusal: self.refusal, detail: self.detail }
    }
}

/// Says what was being done when the system refused.
pub(crate) trait During<T> {
    /// `what` comes before the system's words: `write the manifest`.
    fn during(self, what: &str) -> Result<T, Fault>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, what: &str) -> Result<T, Fault> {
        self.map_err(|error| {
            let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
            let refusal = if full { Refusal::Full } else { Refusal::Failed };
            Fault::new(refusal, format!("could not {what}: {error}"))
        })
    }
}

impl<T> During<T> for Result<T, rustix::io::Errno> {
    fn during(self, what: &str) -> Result<T, Fault> {
        self.map_err(io::Error::from).during(what)
    }
}
