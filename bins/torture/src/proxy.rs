//! A TCP proxy that breaks what passes through it: slow, silent, reset, half-open; and, where PostgreSQL's protocol is
//! spoken, cut exactly after a COMMIT went out and before its answer came back.

mod carry;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::{
    dice::Dice,
    failed::{Because, Outcome},
};

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    /// Anything.
    Bytes,
    /// PostgreSQL's protocol, unencrypted.
    Postgres,
}

/// What happens to all that passes, until it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Weather {
    /// Every piece is held back so long.
    pub(crate) delay: Duration,
    /// Nothing passes, and nobody is told.
    pub(crate) blackhole: bool,
    /// New connections are reset.
    pub(crate) refuse: bool,
    /// Of a thousand commits so many are cut.
    pub(crate) cut_permille: u64,
}

/// What happens once, to all connections that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Blow {
    #[default]
    None,
    /// Both sides get an RST.
    Reset,
    /// The server's side ends; the client's stays open and hears nothing any more.
    HalfOpen,
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) connections: AtomicU64,
    /// Commits that passed, or were cut.
    pub(crate) commits: AtomicU64,
    /// Cut after a COMMIT; the server had committed when its answer was thrown away.
    pub(crate) cut_committed: AtomicU64,
    /// Cut after a COMMIT whose answer was an error.
    pub(crate) cut_refused: AtomicU64,
    /// Cut in the moment in which the COMMIT was sent: the server may have read it or not.
    pub(crate) cut_unseen: AtomicU64,
    /// Connections that were reset or left half-open.
    pub(crate) broken: AtomicU64,
}

impl Tally {
    /// All cuts.
    pub(crate) fn cuts(&self) -> u64 {
        [&self.cut_committed, &self.cut_refused, &self.cut_unseen].map(|one| one.load(Ordering::Relaxed)).iter().sum()
    }
}

/// What the connections of a proxy share.
pub(crate) struct Shared {
    name: &'static str,
    speech: Speech,
    upstreams: Vec<SocketAddr>,
    turn: AtomicUsize,
    weather: watch::Sender<Weather>,
    blow: watch::Sender<Blow>,
    dice: Dice,
    pub(crate) tally: Tally,
}

/// Listens until it is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) shared: Arc<Shared>,
    task: JoinHandle<()>,
    last: Mutex<Weather>,
}

impl Proxy {
    /// Listens on a port of its own. Several upstreams take turns; one that refuses is passed over.
    #[allow(clippy::disallowed_methods, reason = "the task ends with the proxy")]
    pub(crate) async fn start(
        name: &'static str,
        speech: Speech,
        upstreams: Vec<SocketAddr>,
        seed: u64,
    ) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.because("listen as a proxy")?;
        let address = listener.local_addr().because("listen as a proxy")?;
        let shared = Arc::new(Shared {
            name,
            speech,
            upstreams,
            turn: AtomicUsize::new(0),
            weather: watch::Sender::new(Weather::default()),
            blow: watch::Sender::new(Blow::None),
            dice: Dice::new(seed),
            tally: Tally::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task, last: Mutex::default() })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.shared.name
    }

    /// From now on.
    pub(crate) fn weather(&self, weather: Weather) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = weather;
        self.shared.weather.send_replace(weather);
    }

    /// All open connections, once.
    pub(crate) fn strike(&self, blow: Blow) {
        self.shared.blow.send_replace(blow);
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.shared.tally
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((client, _)) = accepted {
                connections.spawn(serve(client, Arc::clone(&shared)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(client: TcpStream, shared: Arc<Shared>) {
    shared.tally.connections.fetch_add(1, Ordering::Relaxed);
    if shared.weather.borrow().refuse {
        reset(client);
        return;
    }
    let mut weather = shared.weather.subscribe();
    // Who calls into a black hole waits.
    if weather.wait_for(|weather| !weather.blackhole).await.is_err() {
        return;
    }
    match shared.reach().await {
        Some(server) => carry::carry(client, server, &shared).await,
        None => reset(client),
    }
}

impl Shared {
    async fn reach(&self) -> Option<TcpStream> {
        for _ in 0..self.upstreams.len() {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let upstream = self.upstreams.get(turn % self.upstreams.len())?;
            if let Ok(server) = TcpStream::connect(upstream).await {
                // Small packets at once: the proxy must not be what makes things slow.
                drop(server.set_nodelay(true));
                return Some(server);
            }
        }
        None
    }
}

/// An RST instead of an orderly end.
fn reset(stream: TcpStream) {
    drop(stream.set_zero_linger());
    drop(stream);
}
