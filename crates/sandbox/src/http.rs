//! Requests and answers of the stand-ins as plain values, and the line they travel on.
//!
//! The stand-ins are functions from [`Call`] to [`Answer`]; actix-web is known here and in `running` only.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;
use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

/// A request to one of the stand-ins.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// The path below the stand-in's prefix, still percent-encoded, with its leading slash.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    /// Takes what matters out of actix's request; `prefix` is cut from the path.
    pub(crate) fn new(request: &HttpRequest, prefix: &str, body: Bytes) -> Self {
        let path = request.uri().path();
        Self {
            method: request.method().as_str().to_owned(),
            path: path.strip_prefix(prefix).unwrap_or(path).to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body,
        }
    }

    /// The first header of that (lower-case) name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer of one of the stand-ins.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A JSON answer.
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::text(status, "application/json", value.to_string())
    }

    /// An answer of any media type.
    pub(crate) fn text(status: u16, media_type: &str, body: String) -> Self {
        Self { status, headers: vec![("content-type", media_type.to_owned())], body: Bytes::from(body) }
    }

    /// A page.
    pub(crate) fn html(status: u16, body: String) -> Self {
        Self::text(status, "text/html; charset=utf-8", body)
    }

    /// The page of a proxy that stands before a service.
    pub(crate) fn bad_gateway(status: u16) -> Self {
        let said = format!("{status} Bad Gateway");
        Self::html(
            status,
            format!("<html><head><title>{said}</title></head><body><center><h1>{said}</h1></center></body></html>"),
        )
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Sends the browser elsewhere with a GET.
    pub(crate) fn see_other(location: &str) -> Self {
        Self::empty(303).with("location", location.to_owned())
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Actix's form of the answer.
    pub(crate) fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.append_header((name, value));
            }
        }
        response.body(self.body)
    }
}

/// The connection that a request came on, so that a fault can cut it without an answer.
#[derive(Debug)]
pub(crate) struct Line(Option<TcpStream>);

impl Line {
    /// A second handle on the connection. Taken once per connection, when it is accepted.
    pub(crate) fn of(connection: &dyn Any) -> Self {
        let handle = connection
            .downcast_ref::<actix_web::rt::net::TcpStream>()
            .and_then(|stream| stream.as_fd().try_clone_to_owned().ok())
            .map(TcpStream::from);
        Self(handle)
    }

    /// Cuts the connection: the client sees it closed without an answer.
    pub(crate) fn cut(&self) {
        if let Some(stream) = &self.0 {
            // An error means that the client has hung up already, which is what was wanted.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Percent-decodes a piece of a path or form; `None` when it is not UTF-8 or the escapes are broken.
pub(crate) fn percent_decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// The fields of a form, in their order; `None` when it is none.
pub(crate) fn form(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let field = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((percent_decode(key, true)?, percent_decode(value, true)?))
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(field).collect()
}
