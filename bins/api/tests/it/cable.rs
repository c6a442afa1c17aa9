//! A cable between the API and the database that can be pulled.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

pub(crate) struct Cable {
    pub(crate) address: SocketAddr,
    carrying: JoinHandle<()>,
}

impl Cable {
    pub(crate) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let carrying = actix_web::rt::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let target = target.clone();
                connections.spawn(async move {
                    let Ok(mut far) = TcpStream::connect(target).await else { return };
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { address, carrying }
    }

    /// Cuts every connection and takes no new one.
    pub(crate) async fn pull(self) {
        self.carrying.abort();
        // Only when the task is gone are its connections closed.
        let _ = self.carrying.await;
    }
}
