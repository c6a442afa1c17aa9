//! A socket that is watched: reads no more than is wanted, knows when an answer is not taken, ends when told to.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::rt::net::TcpStream;
use rustix::net::sockopt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    ANSWER, HEAD_BYTES, READ_AHEAD, SEND_BUFFER,
    connection::{Connection, Phase},
};

const HEAD_TOO_LARGE: &[u8] =
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A connection's socket.
pub(crate) struct Guarded {
    socket: TcpStream,
    connection: Rc<Connection>,
    /// What may be read of a head until it has been looked at.
    allowance: usize,
}

impl Guarded {
    pub(super) fn new(socket: TcpStream, connection: Rc<Connection>) -> Self {
        // What cannot be set is a matter of comfort: the deadlines here do not depend on it. The time-out frees what the
        // kernel still holds for a peer that does not take it after we have closed.
        let _ = sockopt::set_tcp_user_timeout(&socket, u32::try_from(ANSWER.as_millis()).unwrap_or(u32::MAX));
        let _ = sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER);
        let _ = socket.set_nodelay(true);
        Self { socket, connection, allowance: READ_AHEAD }
    }

    pub(super) const fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }

    /// Whether it may go on. When not, what the kernel still holds is thrown away rather than kept for a slow reader.
    fn check(&self, context: &Context<'_>) -> io::Result<()> {
        if self.connection.doom.get().is_some() {
            return Err(self.reset(ErrorKind::TimedOut));
        }
        self.connection.remember(context);
        Ok(())
    }

    fn reset(&self, kind: ErrorKind) -> io::Error {
        let _ = sockopt::set_socket_linger(&self.socket, Some(Duration::ZERO));
        kind.into()
    }

    fn put_off(&self) -> Poll<io::Result<()>> {
        self.connection.put_off.set(true);
        Poll::Pending
    }

    fn poll_some(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>, most: usize) -> Poll<io::Result<usize>> {
        let length = buffer.remaining().min(most);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(length));
        ready!(Pin::new(&mut self.socket).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        Poll::Ready(Ok(read))
    }

    /// While a head is awaited: in parts, so that a client cannot pile up requests, and not for ever.
    fn poll_head(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let so_far = self.connection.head_bytes.get();
        if so_far >= HEAD_BYTES {
            // Whoever sends so much may not be listening; nobody waits for that.
            let _ = self.socket.try_write(HEAD_TOO_LARGE);
            return Poll::Ready(Err(ErrorKind::InvalidData.into()));
        }
        if self.allowance == 0 {
            self.allowance = READ_AHEAD;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let read = ready!(self.poll_some(cx, buffer, self.allowance))?;
        self.allowance = self.allowance.saturating_sub(read);
        self.connection.heard(read);
        Poll::Ready(Ok(()))
    }

    /// While a request is worked on: a little of the next one, so that a client that goes away is noticed.
    fn poll_ahead(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let left = READ_AHEAD.saturating_sub(self.connection.head_bytes.get());
        if left == 0 {
            return self.put_off();
        }
        let read = ready!(self.poll_some(cx, buffer, left))?;
        self.connection.heard(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        if this.connection.is_stuck() {
            // Who does not read what they asked for need not ask for more.
            return this.put_off();
        }
        match this.connection.phase.get() {
            Phase::Head => this.poll_head(cx, buffer),
            Phase::Ours => this.poll_ahead(cx, buffer),
            Phase::Body | Phase::Rest => Pin::new(&mut this.socket).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let written = Pin::new(&mut this.socket).poll_write(cx, bytes);
        if written.is_pending() {
            this.connection.set_stuck(Some(bytes.len()));
        }
        written
    }

    /// Called when everything was written.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        let connection = &this.connection;
        if connection.is_stuck() {
            connection.set_stuck(None);
            connection.put_off.set(false);
            cx.waker().wake_by_ref();
        }
        connection.flushed(cx);
        Pin::new(&mut this.socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        Pin::new(&mut this.socket).poll_shutdown(cx)
    }
}
