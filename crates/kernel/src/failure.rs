//! One classification of what went wrong, for the HTTP status and for retry-or-give-up alike.

/// What kind of failure something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The request is wrong; sending it again changes nothing.
    Invalid,
    /// Not allowed for this caller.
    Forbidden,
    /// Nobody is signed in, or the credentials are wrong.
    Unauthenticated,
    /// There is no such thing.
    NotFound,
    /// It clashes with the present state.
    Conflict,
    /// It was tried too often; later it may be tried again.
    Limited,
    /// Something outside does not answer now; later it may.
    Unavailable,
    /// An outside service refused or answered nonsense.
    Upstream,
    /// Our own mistake.
    Bug,
}

/// An error that knows its kind and its stable code.
pub trait Failure: std::error::Error {
    /// Decides status and retry.
    fn kind(&self) -> FailureKind;
    /// Stable, kebab-case, for programs: `unknown-plan`.
    fn code(&self) -> &'static str;
    /// Whole seconds after which it is worth another try, where that is known.
    fn retry_after(&self) -> Option<u32> {
        None
    }
}
