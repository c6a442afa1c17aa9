//! One attempt at one endpoint of the panel's application API.

use std::time::Duration;

use provisioning::ProviderError;
use reqwest::{
    Method, RequestBuilder, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    answer::{self, Fault},
    wire::Item,
};
use crate::Line;

/// Reads are answered from the panel's database.
const READ_TIMEOUT: Duration = Duration::from_secs(15);
/// A create waits for the node's daemon (5 s + 15 s) and, when that fails, for a compensating delete of the same length.
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);

/// The API for administrators.
const APPLICATION: &str = "application";
/// The API for owners, which takes a root administrator's account key too.
const CLIENT: &str = "client";

/// The panel, with our key.
#[derive(Debug)]
pub(super) struct Panel {
    http: Line,
    base: Url,
    bearer: HeaderValue,
}

impl Panel {
    pub(super) const fn new(http: Line, base: Url, bearer: HeaderValue) -> Self {
        Self { http, base, bearer }
    }

    /// Reads one document.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T, Fault> {
        let request = self.request(Method::GET, APPLICATION, path)?.query(query).timeout(READ_TIMEOUT);
        self.exchange(request).await
    }

    /// Reads one resource as its owner would see it.
    pub(super) async fn get_as_client<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Fault> {
        let item: Item<T> = self.exchange(self.request(Method::GET, CLIENT, path)?.timeout(READ_TIMEOUT)).await?;
        Ok(item.attributes)
    }

    /// Has something done that answers with nothing. Any other success is one that we do not understand.
    pub(super) async fn act(&self, method: Method, path: &[&str]) -> Result<(), Fault> {
        self.done(self.request(method, APPLICATION, path)?).await
    }

    /// As [`Panel::act`], as the owner would.
    pub(super) async fn act_as_client(&self, path: &[&str], body: &impl Serialize) -> Result<(), Fault> {
        let body = serde_json::to_vec(body).map_err(|_| Fault::unsendable())?;
        let request = self.request(Method::POST, CLIENT, path)?;
        self.done(request.header(CONTENT_TYPE, "application/json").body(body)).await
    }

    async fn done(&self, request: RequestBuilder) -> Result<(), Fault> {
        let answer = self.http.send(request.timeout(WRITE_TIMEOUT)).await.map_err(Fault::Silence)?;
        let done = answer.status == StatusCode::NO_CONTENT;
        answer::sort(answer)?;
        if done { Ok(()) } else { Err(Fault::unreadable()) }
    }

    /// Reads one resource; `None` when the panel says that there is none.
    pub(super) async fn get_item<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Option<T>, Fault> {
        match self.get::<Item<T>>(path, query).await {
            Ok(item) => Ok(Some(item.attributes)),
            Err(Fault::Refusal(refusal)) if refusal.is_absence() => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Writes, and reads the resource that comes back.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        let body = serde_json::to_vec(body).map_err(|_| Fault::unsendable())?;
        let request = self.request(method, APPLICATION, path)?.header(CONTENT_TYPE, "application/json").body(body);
        let item: Item<T> = self.exchange(request.timeout(WRITE_TIMEOUT)).await?;
        Ok(item.attributes)
    }

    /// Without a JSON `Accept` the panel answers errors with redirects; with `Origin` or `Referer` it would expect a
    /// cookie instead of the key, so neither is ever set.
    fn request(&self, method: Method, door: &str, path: &[&str]) -> Result<RequestBuilder, Fault> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| Fault::unsendable())?.pop_if_empty().extend(["api", door]).extend(path);
        let request = self.http.request(method, url);
        Ok(request.header(ACCEPT, "application/json").header(AUTHORIZATION, self.bearer.clone()))
    }

    async fn exchange<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Fault> {
        let answer = self.http.send(request).await.map_err(Fault::Silence)?;
        let body = answer::sort(answer)?;
        serde_json::from_slice(&body).map_err(|_| Fault::unreadable())
    }
}

/// An error for something about the panel that an operator must put right, and that then works for every order.
pub(super) fn misconfigured(detail: impl Into<String>) -> ProviderError {
    ProviderError::Unavailable { detail: detail.into(), retry_after: None }
}

/// An error for something that will not work for this order.
pub(super) fn refused(detail: impl Into<String>) -> ProviderError {
    ProviderError::Refused { detail: detail.into() }
}
