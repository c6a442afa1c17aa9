//! What the operator reads when a command does not work: the step, the reason with its causes, and where to look.

use std::{error::Error, fmt, path::Path};

/// A step that failed.
#[derive(Debug)]
pub struct Failed {
    step: String,
    reason: String,
    log: Option<String>,
}

impl Failed {
    /// The step and why, with every cause beneath.
    pub fn new(step: impl Into<String>, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let reason: Box<dyn Error + Send + Sync> = reason.into();
        let mut text = reason.to_string();
        let mut cause = reason.source();
        while let Some(inner) = cause {
            let line = inner.to_string();
            if !text.ends_with(&line) {
                text.push_str(": ");
                text.push_str(&line);
            }
            cause = inner.source();
        }
        Self { step: step.into(), reason: text, log: None }
    }

    /// Names the directory of the logs.
    #[must_use]
    pub fn with_log(mut self, logs: &Path) -> Self {
        self.log = Some(logs.display().to_string());
        self
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "✗ {}: {}", self.step, self.reason)?;
        match &self.log {
            Some(log) => write!(f, "\n  Logs: {log}"),
            None => Ok(()),
        }
    }
}

impl Error for Failed {}
