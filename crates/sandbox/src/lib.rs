//! Strict stand-ins for Stripe (with its payment page), Pterodactyl and an SMTP inbox, with fault knobs.
//!
//! One process, everything in memory, three services behind two ports:
//!
//! * `/stripe/v1/…` the Stripe API, `/pay/{session}` its payment page, and signed webhooks to a configured address;
//! * `/panel/api/application/…` (and the little of `/panel/api/client/…` that a dashboard needs) the Pterodactyl panel;
//! * an SMTP server on its own port, whose mails are read at `/inbox` and `/inbox.json`;
//! * `/control/…` the knobs: faults, the truth about what happened, payments by hand, reset. `/` links everything.
//!
//! It is deliberately independent of the rest of the workspace: it knows Stripe and Pterodactyl from their contracts
//! alone, refuses what they refuse, and never shares Hostwright's own idea of either.
//!
//! ```no_run
//! # async fn demo() -> Result<(), sandbox::StartError> {
//! let running = sandbox::Sandbox::start(sandbox::Options::default()).await?;
//! println!("Stripe at {}/stripe", running.base_url());
//! running.stop().await;
//! # Ok(())
//! # }
//! ```

mod clock;
mod control;
mod dice;
mod faults;
mod http;
mod inbox;
mod json;
mod options;
mod pages;
mod panel;
mod running;
mod smtp;
mod stripe;
mod webhooks;
mod world;

pub use options::{EventVersion, Options, RetrySpacing};
pub use running::{Running, Sandbox, StartError};
