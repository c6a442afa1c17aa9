//! The connections of one thread, and who gives way when there are too many.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    rc::{Rc, Weak},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use super::{
    SWEEP,
    connection::{Connection, Doom},
};

/// Memory that may be held for readers who do not read, in the whole process.
const STUCK_BYTES: usize = 64 << 20;
/// So many connections are looked at for one that can give way.
const LOOKS: usize = 64;

/// How many connections there may be.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// In all, by thread.
    per_thread: usize,
    stuck_bytes: usize,
    peers: Option<Arc<Peers>>,
}

impl Limits {
    /// So many in all, shared by so many threads; `per_peer` of 0 is no limit.
    pub(crate) fn new(most: usize, threads: usize, per_peer: usize) -> Self {
        let threads = threads.max(1);
        let peers = (per_peer > 0).then(|| Arc::new(Peers { most: per_peer, open: Mutex::default() }));
        Self { per_thread: most.div_ceil(threads), stuck_bytes: STUCK_BYTES.div_ceil(threads), peers }
    }
}

/// Connections by the address they come from, in the whole process.
#[derive(Debug)]
struct Peers {
    most: usize,
    open: Mutex<BTreeMap<IpAddr, usize>>,
}

impl Peers {
    fn came(&self, peer: IpAddr) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(peer).or_default();
        let fits = *count < self.most;
        if fits {
            *count = count.saturating_add(1);
        }
        fits
    }

    fn left(&self, peer: IpAddr) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&peer) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&peer);
            }
        }
    }
}

/// Where one thread's connections are known.
pub(crate) struct Room {
    limits: Limits,
    open: Cell<usize>,
    all: RefCell<VecDeque<Weak<Connection>>>,
    stuck_bytes: Cell<usize>,
    sweeping: Cell<bool>,
}

impl Room {
    pub(super) fn new(limits: Limits) -> Rc<Self> {
        Rc::new(Self {
            limits,
            open: Cell::new(0),
            all: RefCell::default(),
            stuck_bytes: Cell::new(0),
            sweeping: Cell::new(false),
        })
    }

    /// Lets a connection in. When all places are taken, the one that has been here longest and waits for its client gives
    /// way: who came to send a request is served before who came to wait. `None` when everybody is being served.
    pub(super) fn admit(self: &Rc<Self>, peer: Option<IpAddr>) -> Option<Rc<Connection>> {
        if self.open.get() >= self.limits.per_thread && !self.make_place() {
            return None;
        }
        if let (Some(peers), Some(peer)) = (&self.limits.peers, peer)
            && !peers.came(peer)
        {
            return None;
        }
        let connection = Rc::new(Connection::new(Rc::downgrade(self), peer));
        self.open.set(self.open.get().saturating_add(1));
        self.all.borrow_mut().push_back(Rc::downgrade(&connection));
        self.start_sweeping();
        Some(connection)
    }

    fn make_place(&self) -> bool {
        let mut all = self.all.borrow_mut();
        for _ in 0..LOOKS.min(all.len()) {
            let Some(place) = all.pop_front() else { return false };
            let Some(connection) = place.upgrade().filter(|connection| connection.doom.get().is_none()) else {
                continue;
            };
            if connection.is_waiting() {
                self.no_longer_counts(&connection);
                connection.cut(Doom::GivesWay);
                return true;
            }
            all.push_back(place);
        }
        false
    }

    fn no_longer_counts(&self, connection: &Connection) {
        if connection.counted.replace(false) {
            self.open.set(self.open.get().saturating_sub(1));
        }
    }

    pub(super) fn left(&self, connection: &Connection) {
        self.no_longer_counts(connection);
        if let (Some(peers), Some(peer)) = (&self.limits.peers, connection.peer) {
            peers.left(peer);
        }
    }

    /// The memory that is held for some reader changed. When all of them together are too many, readers give way, those first
    /// that have been here longest.
    pub(super) fn stuck_changed(&self, before: usize, after: usize) {
        self.stuck_bytes.set(self.stuck_bytes.get().saturating_sub(before).saturating_add(after));
        if after <= before {
            return;
        }
        let Some(mut excess) = self.stuck_bytes.get().checked_sub(self.limits.stuck_bytes) else { return };
        for connection in self.all.borrow().iter().filter_map(Weak::upgrade) {
            if excess == 0 {
                return;
            }
            let held = connection.held_bytes();
            if held > 0 && connection.doom.get().is_none() {
                connection.cut(Doom::GivesWay);
                connection.set_stuck(None);
                excess = excess.saturating_sub(held);
            }
        }
    }

    /// A task for as long as there is a room: one for all its connections rather than a timer for each.
    fn start_sweeping(self: &Rc<Self>) {
        if self.sweeping.replace(true) {
            return;
        }
        let room = Rc::downgrade(self);
        actix_web::rt::spawn(async move {
            loop {
                actix_web::rt::time::sleep(SWEEP).await;
                let Some(room) = room.upgrade() else { return };
                room.sweep(Instant::now());
            }
        });
    }

    fn sweep(&self, now: Instant) {
        self.all.borrow_mut().retain(|place| {
            let Some(connection) = place.upgrade() else { return false };
            if connection.is_late(now) {
                connection.cut(Doom::Late);
            }
            true
        });
    }
}
