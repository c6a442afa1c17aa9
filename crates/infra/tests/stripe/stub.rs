//! An HTTP server that answers by script and remembers what it was asked.

use std::{
    fmt::Write,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// Answers with status, headers, body.
    Answer(u16, Vec<(&'static str, &'static str)>, String),
    /// Reads the request and never answers.
    Silence,
    /// Reads the request and closes the connection.
    HangUp,
}

impl Say {
    pub(crate) fn status(status: u16, body: &str) -> Self {
        Self::Answer(status, vec![("request-id", "req_stub1")], body.to_owned())
    }

    pub(crate) fn with(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Self {
        Self::Answer(status, headers.to_vec(), body.to_owned())
    }

    /// Stripe's error shape.
    pub(crate) fn error(status: u16, kind: &str, code: &str, message: &str) -> Self {
        let error = serde_json::json!({ "error": { "type": kind, "code": code, "message": message } });
        Self::status(status, &error.to_string())
    }

    /// A session that was made.
    pub(crate) fn session() -> Self {
        Self::status(
            200,
            r#"{"id":"cs_test_1","object":"checkout.session","status":"open","payment_status":"unpaid","url":"https://pay.example/cs_test_1"}"#,
        )
    }
}

/// What the server was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

type Script = Box<dyn FnMut(&Asked) -> Say + Send>;

/// The server. It ends when it is dropped.
pub(crate) struct Stub {
    pub(crate) base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _task: JoinSet<()>,
}

impl Stub {
    /// Answers each request with the next of these; what comes after them gets a 418.
    pub(crate) async fn saying(script: impl IntoIterator<Item = Say>) -> Self {
        let mut script = script.into_iter().collect::<Vec<_>>().into_iter();
        Self::answering(move |_| script.next().unwrap_or_else(|| Say::status(418, "the script is at its end"))).await
    }

    pub(crate) async fn answering(script: impl FnMut(&Asked) -> Say + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut task = JoinSet::new();
        task.spawn(serve(listener, Box::new(script), Arc::clone(&asked)));
        Self { base, asked, _task: task }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, mut script: Script, log: Arc<Mutex<Vec<Asked>>>) {
    // Silent connections are kept open to the end.
    let mut silent = Vec::new();
    loop {
        let Ok((mut socket, _)) = listener.accept().await else { return };
        let Some(asked) = read(&mut socket).await else { continue };
        let say = script(&asked);
        log.lock().unwrap().push(asked);
        match say {
            Say::Answer(status, headers, body) => {
                let _ = socket.write_all(&render(status, &headers, &body)).await;
            }
            Say::Silence => silent.push(socket),
            Say::HangUp => drop(socket),
        }
    }
}

fn render(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    (head + "\r\n" + body).into_bytes()
}

async fn read(socket: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let count = socket.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let asked = Asked { method, target, headers, body: body.to_owned() };
        let expected = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
        if asked.body.len() >= expected {
            return Some(asked);
        }
    }
}
