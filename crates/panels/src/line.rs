//! The way to one panel: the HTTP client, and the count of what was asked.

use std::{sync::Arc, time::Instant};

use outgoing::{
    ForbiddenAddress,
    http::{HttpAnswer, HttpClient, HttpError},
};
use reqwest::{Method, RequestBuilder, Url};

use crate::Gate;

/// The way to one panel. Cheap to clone; clones share the count.
#[derive(Debug, Clone)]
pub struct Line {
    http: HttpClient,
    gate: Arc<Gate>,
}

impl Line {
    /// A line whose calls are counted here.
    pub const fn new(http: HttpClient, gate: Arc<Gate>) -> Self {
        Self { http, gate }
    }

    /// A line whose calls nobody limits, for tests and for one look.
    pub fn unlimited(http: HttpClient) -> Self {
        Self::new(http, Arc::new(Gate::open()))
    }

    /// What counts its calls.
    pub fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate)
    }

    /// As [`HttpClient::check`].
    ///
    /// # Errors
    /// [`ForbiddenAddress`].
    pub fn check(&self, url: &Url) -> Result<(), ForbiddenAddress> {
        self.http.check(url)
    }

    /// As [`HttpClient::request`].
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// As [`HttpClient::send`], counted.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub async fn send(&self, request: RequestBuilder) -> Result<HttpAnswer, HttpError> {
        self.gate.spend();
        let sent = self.http.send(request).await;
        match &sent {
            Ok(answer) => self.gate.heard(answer, Instant::now()),
            Err(_) => self.gate.missed(Instant::now()),
        }
        sent
    }
}
