//! One connection: what it waits for, since when, and whether that is too long.

use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    rc::Weak,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use super::{ANSWER, BODY, GRACE, HEAD, KEEP_ALIVE, room::Room};

/// What a connection holds beside the bytes of an answer that is not taken: buffers' spare room, requests sent ahead.
const AROUND_AN_ANSWER: usize = 40 << 10;

/// Whom a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The client, for the head of a request.
    Head,
    /// The client, for a request's body.
    Body,
    /// Us, for an answer.
    Ours,
    /// The client, for the rest of a body that nobody reads.
    Rest,
}

/// Why a connection is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doom {
    /// It took too long.
    Late,
    /// Another one needs its place, or the memory that its answer waits in.
    GivesWay,
}

/// An answer that the kernel does not take.
#[derive(Debug, Clone, Copy)]
struct Stuck {
    since: Instant,
    bytes: usize,
}

/// The state that the socket, the requests on it and the room share; all on one thread.
pub(crate) struct Connection {
    pub(super) room: Weak<Room>,
    pub(super) peer: Option<IpAddr>,
    pub(super) phase: Cell<Phase>,
    since: Cell<Instant>,
    /// Whether a request was answered before; then doing nothing is keeping alive.
    used: Cell<bool>,
    /// When the first byte of a head came.
    begun: Cell<Option<Instant>>,
    /// Bytes of that head, or read ahead of it.
    pub(super) head_bytes: Cell<usize>,
    stuck: Cell<Option<Stuck>>,
    /// An answer began and is not in the kernel's hands.
    pub(super) unflushed: Cell<bool>,
    /// A request waits for that.
    queueing: Cell<bool>,
    /// The rest of the request's body is read by nobody.
    pub(super) abandoned: Cell<bool>,
    pub(super) doom: Cell<Option<Doom>>,
    /// Whether it still counts as open.
    pub(super) counted: Cell<bool>,
    /// Reading was put off, and the task must be woken when it may go on.
    pub(super) put_off: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Connection {
    pub(super) fn new(room: Weak<Room>, peer: Option<IpAddr>) -> Self {
        Self {
            room,
            peer,
            phase: Cell::new(Phase::Head),
            since: Cell::new(Instant::now()),
            used: Cell::new(false),
            begun: Cell::new(None),
            head_bytes: Cell::new(0),
            stuck: Cell::new(None),
            unflushed: Cell::new(false),
            abandoned: Cell::new(false),
            queueing: Cell::new(false),
            doom: Cell::new(None),
            counted: Cell::new(true),
            put_off: Cell::new(false),
            waker: RefCell::new(None),
        }
    }

    /// Somebody else's turn. A request that begins has its head behind it.
    pub(super) fn enter(&self, phase: Phase) {
        if self.phase.replace(phase) == Phase::Head {
            self.head_bytes.set(0);
            self.begun.set(None);
            self.used.set(true);
        }
        self.since.set(Instant::now());
        if phase == Phase::Head && self.head_bytes.get() > 0 {
            self.begun.set(Some(self.since.get()));
        }
        if self.put_off.take() {
            self.wake();
        }
    }

    /// Bytes of a head arrived.
    pub(super) fn heard(&self, bytes: usize) {
        self.head_bytes.set(self.head_bytes.get().saturating_add(bytes));
        if self.phase.get() == Phase::Head && self.begun.get().is_none() {
            self.begun.set(Some(Instant::now()));
        }
    }

    /// Ready when the answer before is in the kernel's hands.
    pub(super) fn poll_flushed(&self) -> Poll<()> {
        self.queueing.set(self.unflushed.get());
        if self.unflushed.get() { Poll::Pending } else { Poll::Ready(()) }
    }

    /// The answer is in the kernel's hands.
    pub(super) fn flushed(&self, context: &Context<'_>) {
        self.unflushed.set(false);
        if self.queueing.take() {
            context.waker().wake_by_ref();
        }
    }

    /// Whether it waits for the client, so that ending it undoes no work of ours.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_stuck() || self.phase.get() != Phase::Ours
    }

    /// Whether its reader does not take an answer.
    pub(super) fn is_stuck(&self) -> bool {
        self.stuck.get().is_some()
    }

    /// Memory that is held because of that: the answer, and what stands around it.
    pub(super) fn held_bytes(&self) -> usize {
        self.stuck.get().map_or(0, |stuck| stuck.bytes.saturating_add(AROUND_AN_ANSWER))
    }

    /// The kernel does not take these bytes, or took all.
    pub(super) fn set_stuck(&self, bytes: Option<usize>) {
        let before = self.held_bytes();
        let stuck =
            bytes.map(|bytes| Stuck { since: self.stuck.get().map_or_else(Instant::now, |stuck| stuck.since), bytes });
        self.stuck.set(stuck);
        let after = self.held_bytes();
        if before != after
            && let Some(room) = self.room.upgrade()
        {
            room.stuck_changed(before, after);
        }
    }

    /// Whether it took longer than it may.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        let over = |since: Instant, most: Duration| now.saturating_duration_since(since) > most;
        if self.stuck.get().is_some_and(|stuck| over(stuck.since, ANSWER)) {
            return true;
        }
        match self.phase.get() {
            Phase::Head => match (self.begun.get(), self.used.get()) {
                (Some(begun), _) => over(begun, HEAD.saturating_add(GRACE)),
                (None, false) => over(self.since.get(), HEAD.saturating_add(GRACE)),
                (None, true) => over(self.since.get(), KEEP_ALIVE.saturating_add(GRACE)),
            },
            Phase::Body | Phase::Rest => over(self.since.get(), BODY.saturating_add(GRACE)),
            Phase::Ours => false,
        }
    }

    /// Ends it: its task is woken and finds out.
    pub(super) fn cut(&self, doom: Doom) {
        if self.doom.get().is_none() {
            self.doom.set(Some(doom));
            self.wake();
        }
    }

    pub(super) fn remember(&self, context: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        if waker.as_ref().is_none_or(|known| !known.will_wake(context.waker())) {
            *waker = Some(context.waker().clone());
        }
    }

    pub(super) fn wake(&self) {
        // Cloned, so that nothing is borrowed while the runtime is called.
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.set_stuck(None);
        if let Some(room) = self.room.upgrade() {
            room.left(self);
        }
    }
}
