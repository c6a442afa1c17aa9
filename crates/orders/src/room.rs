//! What a provider said of the room that is left for a product, and how many of it are promised already.
//!
//! No panel reserves anything. So the shop counts what it promised and what is not made yet, and asks whether one more fits
//! beside that, before anybody pays. What was said is kept for a short while: it spares the panel, and the shop shows it.

use std::time::Duration;

use kernel::{Id, Slug, Timestamp, entity};

/// How long «no» is good for without asking again.
pub const ROOM_FRESH: Duration = Duration::from_secs(30);
/// How long the shop goes on saying that there is no room, unless it hears otherwise.
pub const FULL_STANDS: Duration = Duration::from_mins(10);

/// Where one of a product would run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The product.
    pub product: Id<entity::Product>,
    /// The region; `None` where the product has none.
    pub region: Option<Slug>,
}

/// What the provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSeen {
    /// Where.
    pub place: Place,
    /// How many were promised when it was asked.
    pub promised: u32,
    /// Whether there was room for one more beside them.
    pub fits: bool,
    /// What it said where there was none.
    pub detail: String,
    /// When.
    pub seen_at: Timestamp,
}

impl RoomSeen {
    /// Clocks differ: what was seen in a moment to come was seen just now.
    fn age(&self, now: Timestamp) -> Duration {
        (now - self.seen_at).to_std().unwrap_or_default()
    }

    /// Whether it need not be asked again: there was no room a moment ago, and no fewer are promised now. That there was room says
    /// nothing of the next one, since what was promised then may be made by now.
    pub fn is_still_full(&self, now: Timestamp, promised: u32) -> bool {
        !self.fits && promised >= self.promised && self.age(now) < ROOM_FRESH
    }

    /// How many might be promised in all when it was asked.
    pub fn most(&self) -> u32 {
        self.promised.saturating_add(u32::from(self.fits))
    }

    /// Whether the shop says that there is no room.
    pub fn is_full(&self, now: Timestamp) -> bool {
        !self.fits && self.age(now) < FULL_STANDS
    }
}
