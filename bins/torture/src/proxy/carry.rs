//! One connection, both ways.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    time::sleep,
};

use super::{Blow, Shared, Speech, reset, wire::Reader};

const PIECE: usize = 16 * 1024;
/// Of ten cuts so many do not wait for the server's answer.
const UNSEEN_PERMILLE: u64 = 200;

/// How a connection ended.
enum End {
    /// By one of its sides.
    Closed,
    /// After a COMMIT: both sides lose it.
    Cut,
    /// By a blow.
    Struck(Blow),
}

pub(super) async fn carry(mut client: TcpStream, mut server: TcpStream, shared: &Shared) {
    drop(client.set_nodelay(true));
    let end = {
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        // The next answer is thrown away.
        let swallow = AtomicBool::new(false);
        let mut blow = shared.blow.subscribe();
        tokio::select! {
            end = forth(from_client, to_server, shared, &swallow) => end,
            end = back(from_server, to_client, shared, &swallow) => end,
            struck = blow.changed() => match struck {
                Ok(()) => End::Struck(*blow.borrow()),
                Err(_) => End::Closed,
            },
        }
    };
    match end {
        // What was written is sent before the end.
        End::Closed => {}
        End::Cut => reset(client),
        End::Struck(Blow::HalfOpen) => {
            shared.tally.broken.fetch_add(1, Ordering::Relaxed);
            drop(server);
            listen_in_vain(client, shared).await;
        }
        End::Struck(Blow::Reset | Blow::None) => {
            shared.tally.broken.fetch_add(1, Ordering::Relaxed);
            reset(client);
            reset(server);
        }
    }
}

/// From the client to the server; commits are seen here.
async fn forth(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, shared: &Shared, swallow: &AtomicBool) -> End {
    let mut reader = (shared.speech == Speech::Postgres).then(Reader::default);
    let mut piece = vec![0; PIECE];
    loop {
        let Some(bytes) = read(&mut from, &mut piece).await else { return End::Closed };
        let commit = reader.as_mut().is_some_and(|reader| reader.read(bytes));
        hold_back(shared).await;
        let cut = commit && {
            shared.tally.commits.fetch_add(1, Ordering::Relaxed);
            shared.dice.permille(shared.weather.borrow().cut_permille)
        };
        let unseen = cut && shared.dice.permille(UNSEEN_PERMILLE);
        if cut && !unseen {
            swallow.store(true, Ordering::Release);
        }
        if to.write_all(bytes).await.is_err() {
            return End::Closed;
        }
        if unseen {
            shared.tally.cut_unseen.fetch_add(1, Ordering::Relaxed);
            return End::Cut;
        }
    }
}

/// From the server to the client.
async fn back(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, shared: &Shared, swallow: &AtomicBool) -> End {
    let mut piece = vec![0; PIECE];
    loop {
        let Some(bytes) = read(&mut from, &mut piece).await else { return End::Closed };
        if swallow.load(Ordering::Acquire) {
            let refused = bytes.first() == Some(&b'E');
            let counter = if refused { &shared.tally.cut_refused } else { &shared.tally.cut_committed };
            counter.fetch_add(1, Ordering::Relaxed);
            return End::Cut;
        }
        hold_back(shared).await;
        if to.write_all(bytes).await.is_err() {
            return End::Closed;
        }
    }
}

async fn read<'a>(from: &mut ReadHalf<'_>, piece: &'a mut [u8]) -> Option<&'a [u8]> {
    let count = from.read(piece).await.ok()?;
    piece.get(..count).filter(|bytes| !bytes.is_empty())
}

/// As long as the weather wants it.
async fn hold_back(shared: &Shared) {
    let now = *shared.weather.borrow();
    if now.delay.is_zero() && !now.blackhole {
        return;
    }
    sleep(now.delay).await;
    // It ends with the proxy.
    drop(shared.weather.subscribe().wait_for(|weather| !weather.blackhole).await);
}

/// The client's side stays open until the client has had enough.
async fn listen_in_vain(mut client: TcpStream, shared: &Shared) {
    let mut piece = vec![0; PIECE];
    let mut blow = shared.blow.subscribe();
    blow.mark_unchanged();
    loop {
        tokio::select! {
            count = client.read(&mut piece) => if !matches!(count, Ok(1..)) { return },
            // The next blow frees it, so that nothing hangs for ever.
            _ = blow.changed() => { reset(client); return }
        }
    }
}
