//! A receiver of webhooks that answers as it is told and hands over what came.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Hook {
    pub signature: String,
    pub body: String,
}

impl Hook {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    pub fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }
}

pub struct Receiver {
    pub url: String,
    arrived: mpsc::UnboundedReceiver<Hook>,
    _tasks: JoinSet<()>,
}

impl Receiver {
    /// Answers with these statuses first, then always 200.
    pub async fn start(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, arrived) = mpsc::unbounded_channel();
        let statuses = Arc::new(Mutex::new(VecDeque::from(statuses.to_vec())));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(take(stream, Arc::clone(&statuses), sender.clone()));
            }
        });
        Self { url, arrived, _tasks: tasks }
    }

    /// The next request; waits for it.
    pub async fn next(&mut self) -> Hook {
        self.arrived.recv().await.unwrap()
    }

    pub async fn take(&mut self, count: usize) -> Vec<Hook> {
        let mut hooks = Vec::new();
        for _ in 0..count {
            hooks.push(self.next().await);
        }
        hooks
    }

    /// Whether nothing has come that was not taken.
    pub fn is_quiet(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }
}

async fn take(mut stream: TcpStream, statuses: Arc<Mutex<VecDeque<u16>>>, sender: mpsc::UnboundedSender<Hook>) {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length: usize = header(head, "content-length").unwrap().parse().unwrap();
            if body.len() >= length {
                break (head.to_owned(), body.to_owned());
            }
        }
    };
    let status = statuses.lock().unwrap().pop_front().unwrap_or(200);
    let extra = if status == 302 { "location: /elsewhere\r\n" } else { "" };
    let answer = format!("HTTP/1.1 {status} X\r\n{extra}content-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    let _ = sender.send(Hook { signature: header(&head, "stripe-signature").unwrap(), body });
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
}
