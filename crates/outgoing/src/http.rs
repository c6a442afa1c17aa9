//! The one HTTP client for services outside: addresses that are not connected to, timeouts, no redirects, bounded answers,
//! and the one question that decides everything afterwards: was the request sent?
//!
//! Nothing here retries: the caller's job does.

use std::{
    fmt,
    sync::{Arc, Once},
    time::Duration,
};

use reqwest::{
    Method, RequestBuilder, StatusCode, Url,
    header::{HeaderMap, HeaderName},
    redirect,
};

use crate::{ForbiddenAddress, LookupError, Outgoing};

/// The most that is read of an answer, in bytes.
const ANSWER_LIMIT: usize = 2 * 1024 * 1024;
/// Idle connections are dropped well before common servers close them, so that few requests meet a closing one.
const IDLE: Duration = Duration::from_secs(15);

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution, TCP and TLS together.
    pub connect: Duration,
    /// The whole call up to the last byte of the answer, unless the request has a timeout of its own.
    pub total: Duration,
}

impl Default for Timeouts {
    /// 10 s to connect, 30 s for all.
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// The HTTP client could not be set up, for instance because the machine has no certificate store.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up")]
pub struct HttpSetupError(#[source] reqwest::Error);

/// What is known about a call that brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nothing was sent, since it would go to an address that [`Outgoing`] forbids. It will be so until the operator changes
    /// the address or allows it.
    Forbidden,
    /// Nothing reached the other side: bad request, name not found, connection or TLS refused.
    NotSent,
    /// The request may have arrived and taken effect: timeout, reset, or an answer that broke off or was too long.
    Lost,
}

/// A call that brought no answer. Its text names no URL, header or body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    /// Whether it may have taken effect.
    pub sent: Sent,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.sent {
            Sent::Forbidden | Sent::NotSent => "the request was not sent",
            Sent::Lost => "no answer arrived",
        };
        write!(f, "{what}: {}", self.detail)
    }
}

impl std::error::Error for HttpError {}

/// A whole answer, whatever its status.
#[derive(Debug, Clone)]
pub struct HttpAnswer {
    /// The status; redirects come here too.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most 2 MiB.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// A header's text, if it is there and readable.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Retry-After` in its form of whole seconds (RFC 9110, 10.2.3), at most a day.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds: u64 = self.header(&reqwest::header::RETRY_AFTER)?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds.min(86_400)))
    }
}

/// The client. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    outgoing: Outgoing,
}

impl HttpClient {
    /// A client with these timeouts, which connects to no address that is forbidden.
    ///
    /// # Errors
    /// [`HttpSetupError`] when TLS cannot be set up.
    pub fn new(timeouts: Timeouts) -> Result<Self, HttpSetupError> {
        Self::within(Outgoing::default(), timeouts)
    }

    /// The same with the operator's exceptions.
    ///
    /// # Errors
    /// As [`HttpClient::new`].
    pub fn within(outgoing: Outgoing, timeouts: Timeouts) -> Result<Self, HttpSetupError> {
        Ok(Self { client: client(&outgoing, timeouts)?, outgoing })
    }

    /// Whether the address in this URL may be connected to. A name is judged with each call, once it is looked up.
    ///
    /// # Errors
    /// [`ForbiddenAddress`].
    pub fn check(&self, url: &Url) -> Result<(), ForbiddenAddress> {
        self.outgoing.check_url(url)
    }

    /// Begins a request; finish it with [`HttpClient::send`], which alone sees to where it goes.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Makes one attempt and reads the whole answer. Every status is an answer.
    ///
    /// # Errors
    /// [`HttpError`] when there is no whole answer; [`HttpError::sent`] says whether the request may have taken effect.
    pub async fn send(&self, request: RequestBuilder) -> Result<HttpAnswer, HttpError> {
        let request = request.build().map_err(|error| classify(&error))?;
        self.check(request.url()).map_err(forbidden)?;
        let mut response = self.client.execute(request).await.map_err(|error| classify(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
            if body.len() + chunk.len() > ANSWER_LIMIT {
                return Err(HttpError { sent: Sent::Lost, detail: "the answer is longer than 2 MiB".to_owned() });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpAnswer { status, headers, body })
    }
}

/// A bare client: TLS by rustls on ring, no redirects (they would resend credentials elsewhere, and a POST as a GET), no
/// proxy from the environment (it would connect for us, to wherever it likes), user agent `hostwright/<version>`. It looks
/// names up by `outgoing`; an address in the URL itself it does not look up, so that one is judged before.
fn client(outgoing: &Outgoing, timeouts: Timeouts) -> Result<reqwest::Client, HttpSetupError> {
    install_tls_provider();
    reqwest::Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .pool_idle_timeout(IDLE)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(outgoing.clone()))
        .user_agent(concat!("hostwright/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(HttpSetupError)
}

/// Makes ring the process's TLS provider. Whoever else did so before is left alone.
pub fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that a provider is installed already, which is all that is asked for.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn forbidden(address: ForbiddenAddress) -> HttpError {
    HttpError { sent: Sent::Forbidden, detail: address.to_string() }
}

/// The address that a name turned out to have, if that is why nothing was connected.
fn forbidden_name(error: &reqwest::Error) -> Option<ForbiddenAddress> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(LookupError::Forbidden(address)) = cause.downcast_ref() {
            return Some(*address);
        }
        source = cause.source();
    }
    None
}

fn classify(error: &reqwest::Error) -> HttpError {
    if let Some(address) = forbidden_name(error) {
        forbidden(address)
    } else if error.is_connect() || error.is_builder() {
        HttpError { sent: Sent::NotSent, detail: chain(error) }
    } else {
        lost(error)
    }
}

fn lost(error: &reqwest::Error) -> HttpError {
    let detail = if error.is_timeout() { "timed out".to_owned() } else { chain(error) };
    HttpError { sent: Sent::Lost, detail }
}

/// The causes beneath the client's own error, whose text would name the URL with its query.
fn chain(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let text = cause.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        source = cause.source();
    }
    if texts.is_empty() { "the request could not be made".to_owned() } else { texts.join(": ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use std::{
        io::{Read, Write},
        net::{TcpListener, TcpStream},
        thread,
    };

    use super::*;

    fn listen() -> (TcpListener, Url) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/?secret=hunter2", listener.local_addr().unwrap()).parse().unwrap();
        (listener, url)
    }

    /// A server that reads one request, lets `answer` have the connection, and closes it.
    fn serving(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> Url {
        let (listener, url) = listen();
        thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let _ = socket.read(&mut [0; 4096]).unwrap();
            answer(&mut socket);
        });
        url
    }

    fn answering(text: &'static str) -> Url {
        serving(move |socket| socket.write_all(text.as_bytes()).unwrap())
    }

    async fn get(url: Url, timeouts: Timeouts) -> Result<HttpAnswer, HttpError> {
        let http = HttpClient::new(timeouts).unwrap();
        http.send(http.request(Method::GET, url)).await
    }

    async fn error(url: Url) -> HttpError {
        let error = get(url, Timeouts::default()).await.unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        error
    }

    /// Names are looked up and addresses in the URL are not: both ways end before a connection.
    #[tokio::test]
    async fn nothing_is_sent_to_a_forbidden_address_and_not_even_connected() {
        let (listener, url) = listen();
        listener.set_nonblocking(true).unwrap();
        let port = url.port().unwrap();
        let http = HttpClient::within(Outgoing::shunning_loopback(&[]), Timeouts::default()).unwrap();
        for host in ["localhost", "127.0.0.1", "2130706433", "[::1]"] {
            let url: Url = format!("http://{host}:{port}/?secret=hunter2").parse().unwrap();
            let refused = http.send(http.request(Method::GET, url)).await.unwrap_err();
            assert_eq!(refused.sent, Sent::Forbidden, "{host}: {refused}");
            assert!(refused.to_string().ends_with("if it is meant, name it in OUTBOUND_ALLOW"), "{host}: {refused}");
            assert!(!refused.to_string().contains("hunter2"), "{host}: {refused}");
            let untouched = listener.accept().unwrap_err();
            assert_eq!(untouched.kind(), std::io::ErrorKind::WouldBlock, "{host}");
        }
    }

    #[tokio::test]
    async fn what_the_operator_allows_is_called_by_its_name_and_by_its_address() {
        let http =
            HttpClient::within(Outgoing::shunning_loopback(&["127.0.0.0/8", "::1"]), Timeouts::default()).unwrap();
        for host in ["localhost", "127.0.0.1"] {
            let mut url = answering("HTTP/1.1 204 No Content\r\n\r\n");
            url.set_host(Some(host)).unwrap();
            let answer = http.send(http.request(Method::GET, url)).await.unwrap();
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{host}");
        }
    }

    #[tokio::test]
    async fn metadata_services_are_not_asked() {
        for url in ["http://169.254.169.254/latest/meta-data/?secret=hunter2", "http://[fd00:ec2::254]/?secret=hunter2"]
        {
            assert_eq!(error(url.parse().unwrap()).await.sent, Sent::Forbidden, "{url}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_was_not_sent() {
        let (listener, url) = listen();
        drop(listener);
        assert_eq!(error(url).await.sent, Sent::NotSent);
    }

    #[tokio::test]
    async fn a_server_that_does_not_speak_tls_was_not_sent_anything() {
        let mut url = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
        url.set_scheme("https").unwrap();
        assert_eq!(error(url).await.sent, Sent::NotSent);
    }

    #[tokio::test]
    async fn a_connection_that_closes_without_an_answer_is_lost() {
        assert_eq!(error(answering("")).await.sent, Sent::Lost);
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_lost() {
        let url = answering("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\nhalf");
        assert_eq!(error(url).await.sent, Sent::Lost);
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_off() {
        let url = serving(|socket| {
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            while socket.write_all(&[b'x'; 8192]).is_ok() {}
        });
        assert_eq!(error(url).await.sent, Sent::Lost);
    }

    #[tokio::test]
    async fn a_timeout_is_lost() {
        let (listener, url) = listen();
        let timeouts = Timeouts { total: Duration::from_millis(50), ..Timeouts::default() };
        let error = get(url, timeouts).await.unwrap_err();
        assert_eq!((error.sent, error.detail.as_str()), (Sent::Lost, "timed out"));
        drop(listener);
    }

    #[tokio::test]
    async fn redirects_are_answers_and_are_not_followed() {
        let url = answering("HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(get(url, Timeouts::default()).await.unwrap().status, StatusCode::FOUND);
    }

    #[tokio::test]
    async fn retry_after_is_read_in_seconds_only() {
        let busy = answering("HTTP/1.1 429 No\r\nretry-after: 37\r\ncontent-length: 0\r\n\r\n");
        let busy = get(busy, Timeouts::default()).await.unwrap();
        assert_eq!(busy.retry_after(), Some(Duration::from_secs(37)));
        let odd = answering("HTTP/1.1 429 No\r\nretry-after: soon\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(get(odd, Timeouts::default()).await.unwrap().retry_after(), None);
    }
}
