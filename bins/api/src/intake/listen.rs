//! A listener whose connections are watched.

use std::{
    fmt,
    future::ready,
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
};

use actix_http::{HttpService, Request, Response, body::MessageBody};
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{Error, dev::AppConfig, rt::net::TcpStream};

use super::{HEAD, KEEP_ALIVE, LINGER, Limits, connection::Connection, guarded::Guarded, room::Room};

/// How long requests that are under way get to end when the server stops, in seconds.
const SHUTDOWN_S: u64 = 20;
/// Connections of one thread, for actix. Ours is the limit that counts: actix's would make clients wait to be accepted.
const BEYOND_ALL: usize = 1 << 20;

/// Connections that the kernel keeps until they are accepted; the standard library asks for 128, and who comes when they are
/// full waits a second or more.
const BACKLOG: i32 = 4096;

/// Listens at an address.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}

/// Where clients come in.
pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    pub(crate) threads: usize,
    pub(crate) limits: Limits,
}

/// Serves an application at a door, as `actix_web::HttpServer` does, with sockets of ours.
pub(crate) fn serve<F, I, S, B>(door: Door, app: F) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error>,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    let Door { listener, threads, limits } = door;
    let address = listener.local_addr()?;
    let builder = ServerBuilder::new().workers(threads).max_concurrent_connections(BEYOND_ALL);
    let builder = builder.disable_signals().shutdown_timeout(SHUTDOWN_S);
    let stopping = builder.graceful_shutdown_signal();
    // Called once by each thread.
    let door = move || {
        let room = Room::new(limits.clone());
        let stopping = stopping.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD)
            .client_disconnect_timeout(LINGER)
            .local_addr(address)
            .on_connect_ext(|socket: &Guarded, data| {
                data.insert::<Rc<Connection>>(Rc::clone(socket.connection()));
            })
            .h1(map_config(app().into_factory().map_err(|error| error.into().error_response()), |()| {
                AppConfig::default()
            }));
        let admit = move |socket: TcpStream| {
            let peer = socket.peer_addr().ok();
            let admitted = room.admit(peer.map(|peer| peer.ip()));
            let guarded = admitted.map(|connection| (Guarded::new(socket, connection), peer));
            ready(guarded.ok_or(()))
        };
        fn_service(admit).and_then(http.map_err(|_| ()))
    };
    Ok(builder.listen(format!("http-{address}"), listener, door)?.run())
}
