//! Faults at chosen places instead of by chance: for the exhaustive runs.

use crate::core::{Ask, SECOND, Side, Who};

/// What is done at a chosen effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The process ends before it.
    CrashBefore,
    /// The process ends after it.
    CrashAfter,
    /// It takes effect, and its answer is lost.
    ReplyLost,
    /// The process stands still before it and goes on as a zombie.
    FreezeBefore,
    /// The process stands still after it and goes on as a zombie.
    FreezeAfter,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::CrashBefore, Self::CrashAfter, Self::ReplyLost, Self::FreezeBefore, Self::FreezeAfter];
}

/// Deeds by the number of the effect, and how many effects there were.
#[derive(Debug, Clone, Default)]
pub struct Script {
    deeds: Vec<(u32, Deed)>,
    on: bool,
    effects: u32,
    /// How many of the deeds were done.
    pub(crate) done: usize,
}

/// Longer than a worker may be silent.
const STILL: u64 = 15 * SECOND;

impl Script {
    /// Does these.
    pub fn new(deeds: Vec<(u32, Deed)>) -> Self {
        Self { deeds, on: true, ..Self::default() }
    }

    /// Does nothing and counts nothing.
    pub const fn off() -> Self {
        Self { deeds: Vec::new(), on: false, effects: 0, done: 0 }
    }

    /// Whether it counts effects.
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// Effects so far.
    pub const fn effects(&self) -> u32 {
        self.effects
    }

    /// What a task meets at its next place.
    pub(crate) fn at(&mut self, who: &mut Who, side: Side) -> Option<Ask> {
        if !self.on {
            return None;
        }
        if side == Side::Before {
            self.effects += 1;
            who.effect = self.effects;
        }
        let place = self.deeds.iter().position(|(at, deed)| *at == who.effect && deed.side() == side)?;
        let (_, deed) = self.deeds.swap_remove(place);
        self.done += 1;
        match deed {
            Deed::CrashBefore | Deed::CrashAfter => Some(Ask::Kill),
            Deed::FreezeBefore | Deed::FreezeAfter => Some(Ask::Freeze(STILL)),
            Deed::ReplyLost => {
                who.loses_reply = true;
                None
            }
        }
    }
}

impl Deed {
    const fn side(self) -> Side {
        match self {
            Self::CrashBefore | Self::ReplyLost | Self::FreezeBefore => Side::Before,
            Self::CrashAfter | Self::FreezeAfter => Side::After,
        }
    }
}
