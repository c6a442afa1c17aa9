//! What a provider of the file is: how it is made, and what it bears.

use std::{fmt, sync::Arc};

use outgoing::{ForbiddenAddress, http::HttpClient};
use provisioning::Provider;
use reqwest::Url;

use super::Entry;
use crate::{Adapter, Gate, Gated, Limits, Line, Shared};

/// A `type` that a provider of the file may have.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    /// Its word in the file.
    pub name: &'static str,
    /// What such a panel bears, unless the file says otherwise.
    pub limits: Limits,
    /// Reads its fields. `None` where something is wrong, which stands among the reader's problems then.
    pub read: fn(&mut Entry<'_, '_>) -> Option<Instance>,
}

type Build = dyn Fn(Line) -> Box<dyn Provider> + Send + Sync;

/// A provider of the file, which can be made.
#[derive(Clone)]
pub struct Instance {
    url: Option<Url>,
    limits: Limits,
    build: Arc<Build>,
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it is made of holds its secret.
        f.debug_struct("Instance").field("url", &self.url).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Instance {
    /// An instance that is called at this address, if it is called at any.
    pub fn new<A: Adapter + 'static>(url: Option<Url>, build: impl Fn(Line) -> A + Send + Sync + 'static) -> Self {
        let build = move |line: Line| {
            let gate = line.gate();
            Box::new(Gated::new(build(line), gate)) as Box<dyn Provider>
        };
        Self { url, limits: Limits { per_minute: 0, at_once: 1 }, build: Arc::new(build) }
    }

    /// The same with these limits.
    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The provider, behind a gate of its own, which takes its calls from what is shared if something is.
    ///
    /// # Errors
    /// [`ForbiddenAddress`] when it would be called where nothing is called.
    pub fn provider(&self, http: &HttpClient, shared: Option<Shared>) -> Result<Box<dyn Provider>, ForbiddenAddress> {
        if let Some(url) = &self.url {
            http.check(url)?;
        }
        Ok((self.build)(Line::new(http.clone(), Arc::new(Gate::new(self.limits).sharing(shared)))))
    }
}
