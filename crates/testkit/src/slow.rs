//! Clients that take their time, many at once: each opens a connection, holds it as long as the server lets it, and notes
//! when it was shed.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{interval, sleep, timeout},
};

use crate::wire::WEBHOOK;

/// Connections that are being opened at the same time.
const OPENING: usize = 256;
/// Connections from one address at most; every address is one of 127.0.0.0/8.
const PER_ADDRESS: usize = 5_000;
/// How often a slow client sends a byte.
const DRIP: Duration = Duration::from_secs(1);
/// How often a client that does not read looks whether its connection is still there.
const LOOK: Duration = Duration::from_millis(500);

/// What a client is slow at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Connects and says nothing.
    Idle,
    /// Sends a header byte by byte.
    Head,
    /// Sends a body byte by byte: an event, JSON, a form, and one that nobody asked for.
    Body,
    /// Asks for much and reads nothing.
    Read,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Idle, Self::Head, Self::Body, Self::Read];

    /// Its name, as in the reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Head => "head",
            Self::Body => "body",
            Self::Read => "read",
        }
    }
}

/// An attack.
#[derive(Debug, Clone)]
pub struct Attack {
    /// Whom.
    pub target: SocketAddr,
    /// How.
    pub kind: Kind,
    /// How many connections.
    pub connections: usize,
    /// The time now, in seconds, for signatures that look like Stripe's.
    pub now: i64,
    /// When to give up on those that are not shed.
    pub patience: Duration,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Connections that stood.
    pub opened: usize,
    /// Connections that did not come about.
    pub refused: usize,
    /// Connections that still stood at the end.
    pub left: usize,
    /// How long each of the others was held, sorted.
    pub held: Vec<Duration>,
}

impl Attack {
    /// Opens all connections and waits until every one was shed, or patience ends.
    pub async fn run(&self) -> Outcome {
        let opening = Arc::new(Semaphore::new(OPENING));
        let mut clients = JoinSet::new();
        for number in 0..self.connections {
            clients.spawn(hold(self.clone(), number, Arc::clone(&opening)));
        }
        let mut outcome = Outcome::default();
        while let Some(Ok(held)) = clients.join_next().await {
            match held {
                Held::Not => outcome.refused += 1,
                Held::ToTheEnd => outcome.left += 1,
                Held::For(time) => outcome.held.push(time),
            }
        }
        outcome.opened = outcome.held.len() + outcome.left;
        outcome.held.sort_unstable();
        outcome
    }

    fn beginning(&self, number: usize) -> String {
        let fresh = format!("t={},v1={}", self.now, "0".repeat(64));
        match (self.kind, number % 4) {
            (Kind::Idle, _) => String::new(),
            (Kind::Head, _) => "GET / HTTP/1.1\r\nhost: shop\r\nx-slow: ".to_owned(),
            (Kind::Body, 0) => {
                format!(
                    "POST {WEBHOOK} HTTP/1.1\r\nhost: shop\r\nstripe-signature: {fresh}\r\ncontent-length: 9000\r\n\r\n"
                )
            }
            (Kind::Body, 1) => "POST /api/auth/login HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n\
                 content-length: 9000\r\n\r\n"
                .to_owned(),
            (Kind::Body, 2) => "POST /login HTTP/1.1\r\nhost: shop\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: 9000\r\n\r\n"
                .to_owned(),
            (Kind::Body, _) => {
                "POST /api/plans HTTP/1.1\r\nhost: shop\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n".to_owned()
            }
            (Kind::Read, _) => "GET /api/openapi.json HTTP/1.1\r\nhost: shop\r\n\r\n".repeat(16),
        }
    }
}

enum Held {
    Not,
    ToTheEnd,
    For(Duration),
}

async fn hold(attack: Attack, number: usize, opening: Arc<Semaphore>) -> Held {
    let Ok(permit) = opening.acquire_owned().await else { return Held::Not };
    let Ok(mut line) = connect(&attack, number).await else { return Held::Not };
    let since = Instant::now();
    let began = line.write_all(attack.beginning(number).as_bytes()).await;
    drop(permit);
    if began.is_err() {
        return Held::For(since.elapsed());
    }
    let shed = async {
        match attack.kind {
            Kind::Idle => until_closed(&mut line).await,
            Kind::Head | Kind::Body => drip(&mut line).await,
            Kind::Read => until_broken(&line).await,
        }
    };
    match timeout(attack.patience, shed).await {
        Ok(()) => Held::For(since.elapsed()),
        Err(_) => Held::ToTheEnd,
    }
}

async fn connect(attack: &Attack, number: usize) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let third = u8::try_from(1 + attack.kind as usize).unwrap_or(u8::MAX);
    let last = u8::try_from(1 + number / PER_ADDRESS).unwrap_or(u8::MAX);
    socket.bind((Ipv4Addr::new(127, 0, third, last), 0).into())?;
    if attack.kind == Kind::Read {
        socket.set_recv_buffer_size(2048)?;
    }
    socket.connect(attack.target).await
}

/// Reads until the server ends it.
async fn until_closed(line: &mut TcpStream) {
    let mut ignored = [0; 512];
    while let Ok(1..) = line.read(&mut ignored).await {}
}

/// Sends a byte now and then until the server ends it.
async fn drip(line: &mut TcpStream) {
    let (mut from, mut to) = line.split();
    let sending = async {
        let mut ticks = interval(DRIP);
        loop {
            ticks.tick().await;
            if to.write_all(b"x").await.is_err() {
                return;
            }
        }
    };
    let closed = async {
        let mut ignored = [0; 512];
        while let Ok(1..) = from.read(&mut ignored).await {}
    };
    tokio::select! {
        () = sending => {}
        () = closed => {}
    }
}

/// Looks, without reading, until the connection is broken. A kernel whose buffer is full may miss that the other side broke
/// it off; a byte that nobody takes there tells for certain.
async fn until_broken(line: &TcpStream) {
    loop {
        sleep(LOOK).await;
        let sent = line.try_write(b"x").map_err(|error| error.kind());
        let broken = matches!(sent, Err(kind) if kind != ErrorKind::WouldBlock);
        if broken || matches!(line.take_error(), Ok(Some(_)) | Err(_)) {
            return;
        }
    }
}
