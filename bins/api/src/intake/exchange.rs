//! One request and its answer, for the connection that they are on: whose turn it is, and the time a body may take. Around
//! everything else, so that no route is without it.

use std::{
    future::poll_fn,
    io::ErrorKind,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    middleware::Next,
    rt::time::{Sleep, sleep},
    web::Bytes,
};
use futures_util::Stream;

use super::{
    BODY,
    connection::{Connection, Phase},
};

/// Watches a request. On a connection that nobody watches, as in tests without a socket, it does nothing.
pub(crate) async fn exchange(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Watched<BoxBody>>, Error> {
    let connection = request.conn_data::<Rc<Connection>>().cloned();
    let Some(connection) = connection else {
        let response = next.call(request).await?;
        return Ok(response.map_body(|_, body| Watched { body: body.boxed(), _turn: None }));
    };
    // Requests may be sent ahead; the next is begun when the answer to the one before is out of our memory.
    poll_fn(|_| connection.poll_flushed()).await;
    let turn = Turn(Rc::clone(&connection));
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        connection.enter(Phase::Ours);
    } else {
        connection.enter(Phase::Body);
        let timed =
            TimedBody { payload, connection: Rc::clone(&connection), late: Box::pin(sleep(BODY)), ended: false };
        request.set_payload(Payload::Stream { payload: Box::pin(timed) });
    }
    let response = next.call(request).await?;
    connection.unflushed.set(true);
    Ok(response.map_body(|_, body| Watched { body: body.boxed(), _turn: Some(turn) }))
}

/// A body that must have come in time, whoever reads it.
struct TimedBody {
    payload: Payload,
    connection: Rc<Connection>,
    late: Pin<Box<Sleep>>,
    ended: bool,
}

impl Stream for TimedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        // The time is looked at also when there is something to read: a steady trickle must end, too.
        if this.late.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::Io(ErrorKind::TimedOut.into()))));
        }
        let next = Pin::new(&mut this.payload).poll_next(cx);
        if let Poll::Ready(None) = next {
            this.ended = true;
            this.connection.enter(Phase::Ours);
        }
        next
    }
}

impl Drop for TimedBody {
    /// Nobody reads on. What still comes is thrown away, after the answer and not for long.
    fn drop(&mut self) {
        if !self.ended {
            self.connection.abandoned.set(true);
            self.connection.enter(Phase::Ours);
        }
    }
}

/// Our turn; when it ends it is the client's again.
struct Turn(Rc<Connection>);

impl Drop for Turn {
    fn drop(&mut self) {
        let rest = self.0.abandoned.take();
        self.0.enter(if rest { Phase::Rest } else { Phase::Head });
    }
}

/// An answer's body, which is dropped when the last of it was handed on.
pub(crate) struct Watched<B> {
    body: B,
    _turn: Option<Turn>,
}

impl<B: MessageBody + Unpin> MessageBody for Watched<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(cx)
    }
}
