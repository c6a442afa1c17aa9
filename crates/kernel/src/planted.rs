//! Bugs on purpose. Each safeguard asks here whether it shall be left out; only a build with `--cfg planted` can say yes,
//! so that the simulation can prove that it notices (docs/decisions/0011).

/// Whether the bug of this name is planted. Always `false`, at no cost, without `--cfg planted`.
#[cfg(not(planted))]
#[inline(always)]
#[allow(clippy::inline_always, reason = "it must vanish, in unoptimised builds too")]
pub const fn planted(_name: &str) -> bool {
    false
}

#[cfg(planted)]
pub use on_purpose::{plant, planted};

#[cfg(planted)]
mod on_purpose {
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<&'static str> = const { Cell::new("") };
    }

    /// Plants one bug in this thread, in place of the one before; an empty name plants none.
    pub fn plant(name: &'static str) {
        PLANTED.set(name);
    }

    /// Whether the bug of this name is planted in this thread.
    pub fn planted(name: &str) -> bool {
        PLANTED.get() == name
    }
}
