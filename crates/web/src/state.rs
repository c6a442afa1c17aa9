//! What every handler is given.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use serde::Serialize;

use crate::{
    assets::Assets,
    render::{Renderer, TemplateError},
    second_door::SecondDoor,
    site::{SessionTokens, Site},
};

/// How the shop presents itself on its pages.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// The shop's name.
    pub shop_name: String,
    /// Where customers write to.
    pub support_email: String,
}

/// The same, as templates read it.
#[derive(Debug, Serialize)]
pub(crate) struct SiteView {
    pub(crate) shop_name: String,
    pub(crate) support_email: String,
    pub(crate) css: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

/// Order pages that may be followed live at once by one process; the others are polled.
const MOST_WATCHERS: usize = 512;

/// Shared by all handlers of one process; holds no state that two processes would have to share.
pub struct WebState<W> {
    pub(crate) world: Arc<W>,
    pub(crate) tokens: Box<dyn SessionTokens>,
    pub(crate) renderer: Renderer,
    pub(crate) assets: Assets,
    pub(crate) site: SiteView,
    pub(crate) secure_cookies: bool,
    pub(crate) second_door: SecondDoor,
    watchers: Arc<AtomicUsize>,
    closing: Arc<AtomicBool>,
}

impl<W: Site> WebState<W> {
    /// Compiles every template. Cookies are `Secure` when the shop's own address is https.
    ///
    /// # Errors
    /// The first template that is broken.
    pub fn new(
        world: Arc<W>,
        tokens: impl SessionTokens + 'static,
        settings: WebSettings,
    ) -> Result<Self, TemplateError> {
        let assets = Assets::new();
        let site = SiteView {
            shop_name: settings.shop_name,
            support_email: settings.support_email,
            css: assets.url("site.css"),
            script: assets.url("site.js"),
            icon: assets.url("icon.svg"),
        };
        let secure_cookies = world.links().site.starts_with("https://");
        Ok(Self {
            world,
            tokens: Box::new(tokens),
            renderer: Renderer::new()?,
            assets,
            site,
            secure_cookies,
            second_door: SecondDoor::default(),
            watchers: Arc::default(),
            closing: Arc::default(),
        })
    }

    /// Ends the live streams within a second, so that a graceful stop of the server need not wait for them.
    pub fn close_streams(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    pub(crate) fn closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// A place for one more live stream, while there is one.
    pub(crate) fn watch(&self) -> Option<Watcher> {
        let enter = |count: usize| (count < MOST_WATCHERS).then(|| count.saturating_add(1));
        let entered = self.watchers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter);
        entered.ok().map(|_| Watcher(Arc::clone(&self.watchers)))
    }
}

/// A live stream's place, given back when dropped.
pub(crate) struct Watcher(Arc<AtomicUsize>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
