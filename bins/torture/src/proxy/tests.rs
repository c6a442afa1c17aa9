//! Each fault, against a server that answers every message with the same byte.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

use super::*;

/// What the server has read.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

/// Answers every piece that it reads.
async fn server(answer: &'static [u8]) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, heard) = (listener.local_addr().unwrap(), Heard::default());
    let kept = heard.clone();
    #[allow(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut piece = [0; 1024];
            while let Ok(count @ 1..) = stream.read(&mut piece).await {
                kept.0.lock().await.extend_from_slice(&piece[..count]);
                if stream.write_all(answer).await.is_err() {
                    break;
                }
            }
        }
    });
    (address, heard)
}

fn query(sql: &str) -> Vec<u8> {
    let length = u32::try_from(sql.len() + 5).unwrap().to_be_bytes();
    [b"Q", length.as_slice(), sql.as_bytes(), b"\0"].concat()
}

fn start_up() -> Vec<u8> {
    [9_u32.to_be_bytes().as_slice(), (3_u32 << 16).to_be_bytes().as_slice(), b"\0"].concat()
}

/// Sends, and reads what comes back: nothing is an end, `None` a reset.
async fn say(stream: &mut TcpStream, bytes: &[u8]) -> Option<Vec<u8>> {
    stream.write_all(bytes).await.ok()?;
    let mut piece = [0; 64];
    let count = stream.read(&mut piece).await.ok()?;
    Some(piece[..count].to_vec())
}

async fn postgres(answer: &'static [u8], cut_permille: u64) -> (Proxy, TcpStream, Heard) {
    let (address, heard) = server(answer).await;
    let proxy = Proxy::start("database", Speech::Postgres, vec![address], 7).await.unwrap();
    proxy.weather(Weather { cut_permille, ..Weather::default() });
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    for message in [start_up(), query("BEGIN"), query("SELECT 1")] {
        assert_eq!(say(&mut client, &message).await.as_deref(), Some(answer));
    }
    (proxy, client, heard)
}

#[tokio::test]
async fn a_commit_reaches_the_server_and_its_answer_reaches_nobody() {
    // Some are cut before the server can have answered; either way nothing comes back.
    for _ in 0..20 {
        let (proxy, mut client, heard) = postgres(b"C", 1000).await;
        assert_eq!(say(&mut client, &query("COMMIT")).await, None, "a reset, and no answer");
        assert_eq!(proxy.tally().cuts(), 1);
        if proxy.tally().cut_committed.load(Ordering::Relaxed) == 1 {
            assert!(heard.0.lock().await.ends_with(&query("COMMIT")));
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_an_error_is_counted_as_one() {
    for _ in 0..50 {
        let (proxy, mut client, _) = postgres(b"E", 1000).await;
        assert_eq!(say(&mut client, &query("COMMIT")).await, None);
        if proxy.tally().cut_refused.load(Ordering::Relaxed) == 1 {
            return;
        }
    }
    panic!("no cut waited for the answer");
}

#[tokio::test]
async fn without_cuts_a_commit_passes() {
    let (proxy, mut client, _) = postgres(b"C", 0).await;
    assert_eq!(say(&mut client, &query("COMMIT")).await.as_deref(), Some(&b"C"[..]));
    assert_eq!((proxy.tally().cuts(), proxy.tally().commits.load(Ordering::Relaxed)), (0, 1));
}

#[tokio::test]
async fn a_blow_resets_or_leaves_half_open() {
    let (address, _) = server(b"y").await;
    let proxy = Proxy::start("x", Speech::Bytes, vec![address], 7).await.unwrap();
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    assert_eq!(say(&mut client, b"x").await.as_deref(), Some(&b"y"[..]));
    proxy.strike(Blow::Reset);
    assert_eq!(client.read(&mut [0; 8]).await.ok(), None, "an RST");
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    assert_eq!(say(&mut client, b"x").await.as_deref(), Some(&b"y"[..]));
    proxy.strike(Blow::HalfOpen);
    while proxy.tally().broken.load(Ordering::Relaxed) < 2 {
        tokio::task::yield_now().await;
    }
    client.write_all(b"is anybody there").await.unwrap();
    // Nobody is; the next blow ends the waiting.
    proxy.strike(Blow::Reset);
    assert_eq!(client.read(&mut [0; 8]).await.ok(), None);
}

#[tokio::test]
async fn a_black_hole_gives_back_what_it_swallowed() {
    let (address, heard) = server(b"y").await;
    let proxy = Proxy::start("x", Speech::Bytes, vec![address], 7).await.unwrap();
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    assert_eq!(say(&mut client, b"1").await.as_deref(), Some(&b"y"[..]));
    proxy.weather(Weather { blackhole: true, ..Weather::default() });
    client.write_all(b"2").await.unwrap();
    let mut answer = [0; 8];
    let told = std::pin::pin!(client.read(&mut answer));
    assert!(futures_are_pending(told), "an answer came out of a black hole");
    assert_eq!(*heard.0.lock().await, b"1");
    proxy.weather(Weather::default());
    assert_eq!(client.read(&mut answer).await.unwrap(), 1);
    assert_eq!(*heard.0.lock().await, b"12");
}

/// Whether it has nothing to say yet, looked at once.
fn futures_are_pending<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
    future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending()
}

#[tokio::test]
async fn who_refuses_is_passed_over_and_nobody_is_a_reset() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = gone.local_addr().unwrap();
    drop(gone);
    let (address, _) = server(b"y").await;
    let proxy = Proxy::start("x", Speech::Bytes, vec![nobody, address], 7).await.unwrap();
    for _ in 0..4 {
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        assert_eq!(say(&mut client, b"x").await.as_deref(), Some(&b"y"[..]));
    }
    let alone = Proxy::start("x", Speech::Bytes, vec![nobody], 7).await.unwrap();
    let mut client = TcpStream::connect(alone.address).await.unwrap();
    assert_eq!(say(&mut client, b"x").await, None);
}
