//! A cable between the API and the database that can be pulled, and that tells how much was asked through it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

pub(crate) struct Cable {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicU64>,
    carrying: JoinHandle<()>,
}

impl Cable {
    pub(crate) async fn to(target: String) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), target).await
    }

    /// At an address that was pulled before.
    pub(crate) async fn at(address: SocketAddr, target: String) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        let carrying = actix_web::rt::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                connections.spawn(carry(near, target.clone(), Arc::clone(&count)));
            }
        });
        Self { address, asked, carrying }
    }

    /// Bytes that were sent to the database so far. A statement is some; none are no statement.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Cuts every connection and takes no new one.
    pub(crate) async fn pull(self) {
        self.carrying.abort();
        // Only when the task is gone are its connections closed.
        let _ = self.carrying.await;
    }
}

async fn carry(near: TcpStream, target: String, count: Arc<AtomicU64>) {
    let Ok(far) = TcpStream::connect(target).await else { return };
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    let asking = async {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(read @ 1..) = from_near.read(&mut buffer).await {
            count.fetch_add(read as u64, Ordering::Relaxed);
            if to_far.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = asking => {}
        _ = copy(&mut from_far, &mut to_near) => {}
    }
}
