//! The way to Stripe and back: one pooled HTTP client, the caller's idempotency key on every try, the same bytes in every
//! try, bounded time.
//!
//! It implements async-stripe's `StripeClient`, so that any request of that crate family can be sent through it. The
//! gateway itself uses [`Transport::call`], because the family's own `send` reads answers with its strict structs.

use bytes::Bytes;
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use stripe_client_core::{
    AccountId, CustomizedStripeRequest, IdempotencyKey, RequestBuilder, StripeClient, StripeMethod, VERSION,
};

use super::{
    Patience, StripeSettings,
    failure::{self, CallError, Refusal, Seen},
    retry::RetryPace,
};
use crate::{
    http::{HttpClient, HttpSetupError},
    outgoing::ForbiddenAddress,
};

/// Why the gateway cannot be set up. Names the setting, never its value.
#[derive(Debug, thiserror::Error)]
pub enum StripeSetupError {
    /// The address is none.
    #[error("the address of Stripe's API is not an http or https URL without a query")]
    Address,
    /// The address is one that is not connected to.
    #[error("STRIPE_API_BASE cannot be used")]
    Forbidden(#[from] ForbiddenAddress),
    /// The key cannot be sent.
    #[error("Stripe's secret key is empty or holds characters that no key has")]
    Key,
    /// TLS.
    #[error(transparent)]
    Http(#[from] HttpSetupError),
}

/// Sends requests to Stripe.
#[derive(Debug, Clone)]
pub struct Transport {
    http: HttpClient,
    /// The address with `/v1`, without a slash at its end.
    base: String,
    key: SecretString,
    pace: RetryPace,
}

/// One call, the same in every try.
struct Call {
    method: Method,
    url: Url,
    path: String,
    body: Option<String>,
    headers: HeaderMap,
    /// Trying again cannot do the same thing twice.
    repeatable: bool,
    /// Tells calls apart.
    seed: String,
}

impl Transport {
    /// A transport with these settings.
    ///
    /// # Errors
    /// [`StripeSetupError`] when the address or the key cannot be used, or TLS cannot be set up.
    pub fn new(settings: StripeSettings, patience: Patience) -> Result<Self, StripeSetupError> {
        let address: Url = settings.api_base.parse().map_err(|_| StripeSetupError::Address)?;
        let fits =
            matches!(address.scheme(), "http" | "https") && address.query().is_none() && address.fragment().is_none();
        if !fits {
            return Err(StripeSetupError::Address);
        }
        let key = settings.secret_key.expose_secret();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(StripeSetupError::Key);
        }
        let http = HttpClient::within(settings.outgoing, patience.timeouts)?;
        http.check(&address)?;
        Ok(Self {
            http,
            base: format!("{}/v1", address.as_str().trim_end_matches('/')),
            key: settings.secret_key,
            pace: patience.pace,
        })
    }

    /// Makes a call, with up to three tries, and returns the body of Stripe's success.
    ///
    /// # Errors
    /// [`CallError`]: what was seen last, and whether the call may have taken effect.
    pub async fn call(&self, request: RequestBuilder, key: Option<&IdempotencyKey>) -> Result<Vec<u8>, CallError> {
        let call = self.prepare(request, key, None)?;
        self.perform(&call).await
    }

    fn prepare(
        &self,
        request: RequestBuilder,
        key: Option<&IdempotencyKey>,
        account: Option<&AccountId>,
    ) -> Result<Call, CallError> {
        let RequestBuilder { query, body, path, method } = request;
        let (method, harmless) = match method {
            StripeMethod::Get => (Method::GET, true),
            StripeMethod::Post => (Method::POST, false),
            StripeMethod::Delete => (Method::DELETE, true),
        };
        let mut url = self.base.clone() + &path;
        if let Some(query) = query.filter(|query| !query.is_empty()) {
            url = url + "?" + &query;
        }
        Ok(Call {
            method,
            url: url.parse().map_err(|_| CallError::not_sent("the path is not part of a URL"))?,
            headers: self.headers(key, account).ok_or_else(|| CallError::not_sent("a header cannot be sent"))?,
            repeatable: harmless || key.is_some(),
            seed: key.map_or_else(|| path.clone(), |key| key.as_str().to_owned()),
            path,
            body,
        })
    }

    fn headers(&self, key: Option<&IdempotencyKey>, account: Option<&AccountId>) -> Option<HeaderMap> {
        let mut secret = HeaderValue::from_str(&format!("Bearer {}", self.key.expose_secret())).ok()?;
        secret.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, secret);
        headers.insert("stripe-version", HeaderValue::from_str(VERSION.as_str()).ok()?);
        if let Some(key) = key {
            headers.insert("idempotency-key", HeaderValue::from_str(key.as_str()).ok()?);
        }
        if let Some(account) = account {
            headers.insert("stripe-account", HeaderValue::from_str(account.as_str()).ok()?);
        }
        Some(headers)
    }

    async fn perform(&self, call: &Call) -> Result<Vec<u8>, CallError> {
        let mut maybe_done = false;
        let mut tries = 1;
        loop {
            let mut error = match self.attempt(call).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            maybe_done |= error.maybe_done;
            let pause = self.pace.next(&error, tries, &call.seed).filter(|_| call.repeatable);
            log(call, tries, &error, pause.is_some());
            let Some(pause) = pause else {
                error.maybe_done = maybe_done;
                return Err(error);
            };
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Vec<u8>, CallError> {
        let mut request = self.http.request(call.method.clone(), call.url.clone()).headers(call.headers.clone());
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone());
        }
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            tracing::debug!(
                stripe.method = %call.method,
                stripe.path = call.path,
                stripe.status = answer.status.as_u16(),
                stripe.request_id = failure::request_id(&answer),
                stripe.replayed = failure::replayed(&answer),
                "stripe answered"
            );
            return Ok(answer.body);
        }
        let mut refusal = Refusal::read(&answer);
        refusal.message = refusal.message.map(|message| message.replace(self.key.expose_secret(), "…"));
        Err(CallError::refused(refusal))
    }
}

/// One line per failed try: what is needed to find it in Stripe's own log, never the key or the body.
fn log(call: &Call, tries: u32, error: &CallError, again: bool) {
    let refusal = error.refusal();
    let unanswered = match &error.seen {
        Seen::NoAnswer(error) => Some(error.to_string()),
        Seen::Refused(_) | Seen::Unreadable(_) => None,
    };
    tracing::warn!(
        stripe.method = %call.method,
        stripe.path = call.path,
        stripe.status = refusal.map(|refusal| refusal.status),
        stripe.code = refusal.and_then(|refusal| refusal.code.as_deref()),
        stripe.request_id = refusal.and_then(|refusal| refusal.request_id.as_deref()),
        stripe.replayed = refusal.map(|refusal| refusal.replayed),
        stripe.unanswered = unanswered,
        stripe.attempt = tries,
        stripe.again = again,
        "a call to stripe failed"
    );
}

impl StripeClient for Transport {
    type Err = CallError;

    /// Takes the idempotency key and the account from the request's overrides; retries and time-outs are the transport's
    /// own.
    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, CallError> {
        let (request, overrides) = request.into_pieces();
        let key = overrides.request_strategy.as_ref().and_then(stripe_client_core::RequestStrategy::get_key);
        let call = self.prepare(request, key.as_ref(), overrides.account_id.as_ref())?;
        self.perform(&call).await.map(Bytes::from)
    }
}
