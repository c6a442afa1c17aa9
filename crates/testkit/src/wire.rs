//! HTTP by hand: requests as texts, on a connection each, and Stripe's signature.

use std::{fmt::Write, net::SocketAddr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Where Stripe's events go.
pub const WEBHOOK: &str = "/api/webhooks/stripe";

/// The header that Stripe would send with this body.
///
/// # Panics
/// Never: HMAC takes keys of every length.
pub fn stripe_signature(body: &str, secret: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{at}.{body}").as_bytes());
    let mut header = format!("t={at},v1=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _ = write!(header, "{byte:02x}");
    }
    header
}

/// An event that is signed as it should be.
pub fn signed_event(id: &str, secret: &str, at: i64) -> String {
    let body =
        format!("{{\"id\":\"{id}\",\"object\":\"event\",\"type\":\"something.unknown\",\"data\":{{\"object\":{{}}}}}}");
    let signature = stripe_signature(&body, secret, at);
    let length = body.len();
    format!(
        "POST {WEBHOOK} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\nstripe-signature: {signature}\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// A question that needs no more than its path.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n")
}

/// Sends a request on a connection of its own and reads the answer to its end; the status.
///
/// # Errors
/// What the connection says; an answer that is no HTTP is an error, too.
pub async fn ask(target: SocketAddr, request: &str) -> std::io::Result<u16> {
    let mut line = TcpStream::connect(target).await?;
    line.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::Error::other("no HTTP answer"))
}
