//! A cable to the database that is cut at COMMIT: before it arrives, or after, so that only its answer is lost.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

/// Where the next cut is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// COMMIT does not arrive: the transaction is rolled back.
    BeforeCommit,
    /// COMMIT arrives and is answered, but the answer does not: the transaction stands.
    AfterCommit,
    /// The same for a statement on its own whose text has this in it.
    After(&'static str),
}

type Next = Arc<Mutex<Option<Cut>>>;

/// Carries to the database until its owner is dropped.
pub(crate) struct CommitCable {
    pub(crate) address: SocketAddr,
    next: Next,
    /// Dropped with the cable, which cuts every connection.
    _carrying: JoinSet<()>,
}

impl CommitCable {
    /// To the server of this URL.
    pub(crate) async fn to(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let target = format!("127.0.0.1:{}", config.get_ports().first().copied().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let next = Next::default();
        let cuts = Arc::clone(&next);
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&target).await.unwrap();
                connections.spawn(carry(near, far, Arc::clone(&cuts)));
            }
        });
        Self { address, next, _carrying: carrying }
    }

    /// This URL through the cable.
    pub(crate) fn url(&self, url: &str) -> String {
        let config: tokio_postgres::Config = url.parse().unwrap();
        format!(
            "postgres://{}@{}/{}?sslmode=disable",
            config.get_user().unwrap_or("postgres"),
            self.address,
            config.get_dbname().unwrap()
        )
    }

    /// Cuts once, at the next chance.
    pub(crate) fn cut(&self, cut: Cut) {
        *self.next.lock().unwrap() = Some(cut);
    }

    /// Whether the cut was made.
    pub(crate) fn was_cut(&self) -> bool {
        self.next.lock().unwrap().is_none()
    }
}

/// Both ways, message by message, until either end closes or the cut is made; dropping both ends cuts.
async fn carry(near: TcpStream, far: TcpStream, next: Next) {
    let (mut from_client, to_client) = near.into_split();
    let (from_server, mut to_server) = far.into_split();
    let silenced = Arc::new(AtomicBool::new(false));
    let mut answers = JoinSet::new();
    answers.spawn(forward(from_server, to_client, Arc::clone(&silenced)));
    let mut statements = Statements::default();
    // The first message has no letter.
    let mut lettered = false;
    loop {
        let message = tokio::select! {
            message = read(&mut from_client, lettered) => message,
            _ = answers.join_next() => return,
        };
        lettered = true;
        let Some(message) = message else { break };
        if let Some(cut) = statements.cut_here(&message, &next) {
            if cut != Cut::BeforeCommit {
                silenced.store(true, Ordering::SeqCst);
                let _ = to_server.write_all(&message).await;
                finish(&mut from_client, &mut to_server, cut).await;
                // Not before the server is done: closed with answers unread, it would give up what it is doing.
                answers.join_next().await;
            }
            return;
        }
        if to_server.write_all(&message).await.is_err() {
            break;
        }
    }
}

/// The texts of what was prepared on a connection, by name.
#[derive(Default)]
struct Statements(HashMap<Vec<u8>, Vec<u8>>);

impl Statements {
    /// The cut that is to be made at this message; it is made once.
    fn cut_here(&mut self, message: &[u8], next: &Next) -> Option<Cut> {
        let mut words = message.get(5..)?.split(|byte| *byte == 0);
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if message[0] == b'P' {
            self.0.insert(first.to_vec(), second.to_vec());
        }
        let mut next = next.lock().unwrap();
        let here = match (*next)? {
            Cut::BeforeCommit | Cut::AfterCommit => message[0] == b'Q' && first.starts_with(b"COMMIT"),
            // Bind names the portal, then the statement.
            Cut::After(part) => message[0] == b'B' && self.0.get(second).is_some_and(|text| contains(text, part)),
        };
        if here { next.take() } else { None }
    }
}

fn contains(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|window| window == part.as_bytes())
}

/// Passes on what belongs to the statement, then says goodbye in its name: the server reads that after the statement.
async fn finish(from_client: &mut OwnedReadHalf, to_server: &mut OwnedWriteHalf, cut: Cut) {
    if matches!(cut, Cut::After(_)) {
        // Execute and Sync.
        for _ in 0..2 {
            let Some(message) = read(from_client, true).await else { break };
            let _ = to_server.write_all(&message).await;
        }
    }
    let _ = to_server.write_all(b"X\0\0\0\x04").await;
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, silenced: Arc<AtomicBool>) {
    let mut part = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut part).await {
        if !silenced.load(Ordering::SeqCst) && to.write_all(&part[..length]).await.is_err() {
            break;
        }
    }
}

async fn read(from: &mut (impl AsyncRead + Unpin), lettered: bool) -> Option<Vec<u8>> {
    let mut message = vec![0; if lettered { 5 } else { 4 }];
    from.read_exact(&mut message).await.ok()?;
    let length = u32::from_be_bytes(message.last_chunk::<4>().copied()?);
    let head = message.len();
    message.resize(head + usize::try_from(length).ok()?.checked_sub(4)?, 0);
    from.read_exact(&mut message[head..]).await.ok()?;
    Some(message)
}
