//! Which other sites' pages may call the API from a browser (CORS, fetch.spec.whatwg.org). None, unless configured.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use crate::state::ApiState;

/// Origins that are allowed: `https://shop.example`, each with scheme and host, without a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins(Vec<String>);

/// A text that is no origin.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no origin; expected something like https://shop.example, several separated by commas")]
pub(crate) struct NoOrigin(String);

impl Origins {
    /// Reads a list. A trailing slash is forgiven; `*` is not, since answers carry credentials.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, NoOrigin> {
        let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        texts.map(|text| origin(text).ok_or_else(|| NoOrigin(text.to_owned()))).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a page of this origin may call.
    pub(crate) fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(origin))
    }
}

fn origin(text: &str) -> Option<String> {
    let bare = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let host = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://"))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain)).then_some(bare)
}

/// Answers preflights of allowed origins and marks the answers they may read.
pub(crate) async fn cors(
    state: Data<ApiState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin.filter(|origin| origin.to_str().is_ok_and(|text| state.origins.allow(text)));
    let in_api = request.path().starts_with("/api/");
    let Some(origin) = allowed.filter(|_| in_api) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let preflight =
        *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        request.into_response(HttpResponse::NoContent().finish())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    mark(response.headers_mut(), origin, preflight);
    Ok(response)
}

fn mark(headers: &mut HeaderMap, origin: HeaderValue, preflight: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if preflight {
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key"),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    } else {
        let exposed = HeaderValue::from_static("retry-after, x-request-id");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn origins_are_compared_whole() {
        let origins =
            Origins::parse(&["https://Shop.example/".to_owned(), " http://localhost:3000".to_owned()]).unwrap();
        assert!(origins.allow("https://shop.example"));
        assert!(origins.allow("http://localhost:3000"));
        for other in ["https://shop.example.evil.com", "http://shop.example", "https://shop.example:8443", "null", ""] {
            assert!(!origins.allow(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for bad in ["*", "shop.example", "https://", "https://shop.example/path", "ftp://shop.example"] {
            assert!(Origins::parse(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
