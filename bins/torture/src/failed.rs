//! Why the harness could not do its own work. What it finds wrong with Hostwright is a violation, not one of these.

use std::fmt;

/// A sentence.
#[derive(Debug)]
pub struct Failed(String);

impl Failed {
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

pub(crate) type Outcome<T> = Result<T, Failed>;

/// Says what was being done when something went wrong.
pub(crate) trait Because<T> {
    fn because(self, what: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: std::error::Error> Because<T> for Result<T, E> {
    fn because(self, what: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| {
            let mut text = format!("{what}: {error}");
            let mut cause = error.source();
            while let Some(inner) = cause {
                text.push_str(": ");
                text.push_str(&inner.to_string());
                cause = inner.source();
            }
            Failed(text)
        })
    }
}
