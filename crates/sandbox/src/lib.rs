//! Strict stand-ins for Stripe (with its payment page), Pterodactyl and an SMTP inbox, with fault knobs.
//!
//! One process, everything in memory, three services behind two ports:
//!
//! * `/stripe/v1/…` the Stripe API, `/pay/{session}` its payment page, and signed webhooks to a configured address;
//! * `/panel/api/application/…` (and the little of `/panel/api/client/…` that a dashboard needs) the Pterodactyl panel;
//! * `/hosting/{name}/…` hosting panels: WHM, DirectAdmin, HestiaCP, Proxmox VE, mailcow;
//! * an SMTP server on its own port, whose mails are read at `/inbox` and `/inbox.json`;
//! * `/control/…` the knobs: faults, the truth about what happened, payments by hand, reset. `/` links everything.
//!
//! It is deliberately independent of the rest of the workspace: it knows Stripe and Pterodactyl from their contracts
//! alone, refuses what they refuse, and never shares Hostwright's own idea of either.
//!
//! # Fault rules
//!
//! `POST /control/faults` takes `{target, kind, method?, path_contains?, body_contains?,
//! event_type?, times?, status?, ms?, count?, voice?,
//! saved?}`; `times` 0 (or none) means until the rule is removed, and the oldest rule that matches a call fires.
//!
//! | kind | what happens |
//! | --- | --- |
//! | `delay` | waits `ms`, then works as usual, even when the client has hung up by then |
//! | `fail` | refuses with `status`, without effect (webhook: a try fails without being made) |
//! | `fail_after_effect` | takes effect, then answers `status` |
//! | `hang_after_effect` | takes effect, says nothing for `ms`, then closes the connection |
//! | `drop` | closes the connection without effect (webhook: the event is never sent) |
//! | `duplicate` | webhook: `count` more deliveries |
//! | `reorder` | webhook: held back until `count` have gathered or `ms` have passed, then shuffled |
//!
//! `voice` says who speaks: `service`, `html` (a proxy in front of Stripe or the panel), `daemon` (the panel relaying its
//! daemon). `saved` says whether an idempotency key replays Stripe's failure; unless set, only a 500 after effect is, for
//! that is Stripe itself failing while it executes. With SMTP `path_contains` is matched against the recipient.
//!
//! # Starting one
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
mod hosting;
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

pub use options::{EventVersion, Options, PanelFlavour, RetrySpacing};
pub use running::{Running, Sandbox, StartError};
