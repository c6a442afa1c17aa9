//! What every handler is given.

use std::sync::Arc;

use flows::Shop;
use infra::{tokens::Tokens, world::ShopWorld};

use web::{Registration, SessionCookie};

use crate::{cors::Origins, secrets::WebhookSecrets, webhooks::WebhookCounts};

/// Shared by all threads of one process; holds nothing that two processes would have to share.
pub(crate) struct ApiState {
    /// The shop.
    pub(crate) world: Arc<ShopWorld>,
    /// The tokens that clients carry.
    pub(crate) tokens: Tokens,
    /// What webhooks are verified with.
    pub(crate) secrets: WebhookSecrets,
    /// How many came.
    pub(crate) webhooks: Arc<WebhookCounts>,
    /// Other sites that may call.
    pub(crate) origins: Origins,
    /// What authenticator apps show.
    pub(crate) shop_name: String,
    /// How accounts are opened.
    pub(crate) registration: Registration,
    /// What browsers are told of https, where the shop is reached by it.
    pub(crate) strict_transport: Option<&'static str>,
}

impl ApiState {
    /// The cookie that keeps browsers signed in; the pages have the same.
    pub(crate) fn cookie(&self) -> SessionCookie {
        SessionCookie::of_site(&self.world.links().site)
    }

    /// Whether an `Origin` is the shop itself: by its public address, or by the address that was called.
    pub(crate) fn own_origin(&self, origin: &str, host: Option<&str>) -> bool {
        let called = origin.split_once("://").map(|(_, rest)| rest);
        origin.eq_ignore_ascii_case(&self.world.links().site) || (host.is_some() && called == host)
    }
}
