//! What every handler is given.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use infra::config::BrandFile;
use serde::Serialize;

use crate::{
    assets::{Assets, BRAND, LOGO},
    closed::Door,
    cookie::SessionCookie,
    desk::{Figures, Setting},
    languages,
    render::{Renderer, TemplateError},
    second_door::SecondDoor,
    site::Site,
    usual::Usual,
};

/// How the shop presents itself on its pages.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// The shop's name.
    pub shop_name: String,
    /// Where customers write to.
    pub support_email: String,
    /// How accounts are opened.
    pub registration: Registration,
    /// Logo, colours and texts of the shop's own.
    pub brand: BrandFile,
}

/// How accounts are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// By a mail to the address. Nobody learns whether an address has an account.
    #[default]
    Confirmed,
    /// At once, as the game shop did, for clients that sign in right after registering. It tells who has an account.
    Direct,
}

/// A word that names no way to open accounts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected confirmed or direct")]
pub struct UnknownRegistration;

impl std::str::FromStr for Registration {
    type Err = UnknownRegistration;

    fn from_str(text: &str) -> Result<Self, UnknownRegistration> {
        match text {
            "confirmed" => Ok(Self::Confirmed),
            "direct" => Ok(Self::Direct),
            _ => Err(UnknownRegistration),
        }
    }
}

impl std::fmt::Display for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Confirmed => "confirmed",
            Self::Direct => "direct",
        })
    }
}

/// The same, as templates read it.
#[derive(Debug, Serialize)]
pub(crate) struct SiteView {
    pub(crate) shop_name: String,
    pub(crate) support_email: String,
    pub(crate) css: String,
    pub(crate) script: String,
    pub(crate) icon: String,
    /// The brand's colours.
    pub(crate) brand_css: Option<String>,
    /// The brand's logo.
    pub(crate) logo: Option<String>,
    pub(crate) languages: Vec<LanguageChoice>,
}

/// A language that can be chosen.
#[derive(Debug, Serialize)]
pub(crate) struct LanguageChoice {
    tag: &'static str,
    name: String,
}

/// Order pages that may be followed live at once by one process; the others are polled.
const MOST_WATCHERS: usize = 512;

/// Shared by all handlers of one process; holds no state that two processes would have to share.
pub struct WebState<W> {
    pub(crate) world: Arc<W>,
    pub(crate) renderer: Renderer,
    pub(crate) assets: Assets,
    pub(crate) site: SiteView,
    pub(crate) cookie: SessionCookie,
    pub(crate) registration: Registration,
    pub(crate) second_door: SecondDoor,
    pub(crate) figures: Figures,
    pub(crate) usual: Usual,
    pub(crate) closed: Door,
    pub(crate) settings: Vec<Setting>,
    watchers: Arc<AtomicUsize>,
    closing: Arc<AtomicBool>,
}

impl<W: Site> WebState<W> {
    /// Compiles every template. The cookie is bound to https when the shop's own address is.
    ///
    /// # Errors
    /// The first template that is broken.
    pub fn new(world: Arc<W>, settings: WebSettings) -> Result<Self, TemplateError> {
        let assets = Assets::new(&settings.brand);
        let url = |name: &str| assets.url(name).unwrap_or_default();
        let languages = languages::choices()?;
        let site = SiteView {
            shop_name: settings.shop_name,
            support_email: settings.support_email,
            css: url("site.css"),
            script: url("site.js"),
            icon: assets.url(LOGO).unwrap_or_else(|| url("icon.svg")),
            brand_css: assets.url(BRAND),
            logo: assets.url(LOGO),
            languages: languages.into_iter().map(|(tag, name)| LanguageChoice { tag, name }).collect(),
        };
        let cookie = SessionCookie::of_site(&world.links().site);
        Ok(Self {
            world,
            renderer: Renderer::new(&settings.brand.texts)?,
            assets,
            site,
            cookie,
            registration: settings.registration,
            second_door: SecondDoor::default(),
            figures: Figures::default(),
            usual: Usual::default(),
            closed: Door::default(),
            settings: Vec::new(),
            watchers: Arc::default(),
            closing: Arc::default(),
        })
    }

    /// With how this program is configured, for people of the shop to see.
    #[must_use]
    pub fn with_settings(self, settings: Vec<Setting>) -> Self {
        Self { settings, ..self }
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
