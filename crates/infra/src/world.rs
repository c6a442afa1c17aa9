//! The real world, as flows are given it: PostgreSQL, Stripe, bcrypt, the providers, the mail server.

use accounts::{KnownWords, PasswordError, StaffFactor, WelcomeMail};
use audit::{ChainKey, PseudonymKey};
use flows::{Hosting, Shop, Workshop};
use kernel::Env;
use limits::Limits;
use notify::{Brand, RenderError, Renderer};
use orders::Links;

use crate::{
    db::{Db, PgTx},
    passkeys::WebauthnPasskeys,
    passwords::BcryptPasswords,
    providers::ProviderList,
    secrets::{SecretBox, Unlocked},
    smtp::SmtpMailer,
    stripe::StripeGateway,
};

/// What selling needs. The API has one.
pub struct ShopWorld {
    db: Db,
    gateway: StripeGateway,
    passwords: BcryptPasswords,
    sealer: SecretBox,
    passkeys: WebauthnPasskeys,
    staff_factor: StaffFactor,
    welcome: WelcomeMail,
    known_words: KnownWords,
    links: Links,
    limits: Limits,
    providers: ProviderList,
}

/// The world cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// Password hashing.
    #[error("passwords cannot be hashed")]
    Passwords(#[source] PasswordError),
    /// A mail template is broken.
    #[error("the mail templates are broken")]
    Templates(#[from] RenderError),
}

impl ShopWorld {
    /// Puts it together.
    ///
    /// # Errors
    /// [`WorldError`] when the cost cannot be used.
    pub fn new(
        db: Db,
        gateway: StripeGateway,
        unlocked: Unlocked,
        bcrypt_cost: u32,
        links: Links,
    ) -> Result<Self, WorldError> {
        let Unlocked { sealer, pepper } = unlocked;
        let passwords = BcryptPasswords::new(bcrypt_cost, pepper).map_err(WorldError::Passwords)?;
        let passkeys = WebauthnPasskeys::of_site(&links.site);
        let limits = Limits::on(sealer.limit_key().clone());
        let links = links.signed_with(sealer.link_keys());
        let staff_factor = StaffFactor::default();
        let welcome = WelcomeMail::default();
        let known_words = KnownWords::of(links.site.split_once("://").map(|(_, host)| host));
        let providers = ProviderList::default();
        Ok(Self {
            db,
            gateway,
            passwords,
            sealer,
            passkeys,
            staff_factor,
            welcome,
            known_words,
            links,
            limits,
            providers,
        })
    }

    /// With the operator's choice about staff's second factors; they are required otherwise.
    #[must_use]
    pub fn with_staff_factor(self, staff_factor: StaffFactor) -> Self {
        Self { staff_factor, ..self }
    }

    /// With the operator's choice of what a guest's welcome mail hands over; a link otherwise.
    #[must_use]
    pub fn with_welcome(self, welcome: WelcomeMail) -> Self {
        Self { welcome, ..self }
    }

    /// With the shop's name, which no password may lean on.
    #[must_use]
    pub fn named(self, shop_name: &str) -> Self {
        Self { known_words: self.known_words.and([shop_name]), ..self }
    }

    /// With whom to ask about running services; nobody otherwise.
    #[must_use]
    pub fn with_providers(self, providers: ProviderList) -> Self {
        Self { providers, ..self }
    }

    /// The same without limits on how often anything may be tried; for load tests.
    #[must_use]
    pub fn without_limits(self) -> Self {
        Self { limits: Limits::off(), ..self }
    }
}

impl Shop for ShopWorld {
    type Tx = PgTx;
    type Db = Db;
    type Gateway = StripeGateway;
    type Passwords = BcryptPasswords;
    type Sealer = SecretBox;
    type Passkeys = WebauthnPasskeys;

    fn db(&self) -> &Db {
        &self.db
    }
    fn gateway(&self) -> &StripeGateway {
        &self.gateway
    }
    fn passwords(&self) -> &BcryptPasswords {
        &self.passwords
    }
    fn sealer(&self) -> &SecretBox {
        &self.sealer
    }
    fn passkeys(&self) -> &WebauthnPasskeys {
        &self.passkeys
    }
    fn staff_factor(&self) -> StaffFactor {
        self.staff_factor
    }
    fn welcome(&self) -> WelcomeMail {
        self.welcome
    }
    fn known_words(&self) -> &KnownWords {
        &self.known_words
    }
    fn pseudonyms(&self) -> &PseudonymKey {
        self.sealer.pseudonyms()
    }
    fn limits(&self) -> &Limits {
        &self.limits
    }
    fn links(&self) -> &Links {
        &self.links
    }
    fn env(&self) -> Env {
        Env::system()
    }
}

impl Hosting for ShopWorld {
    type Providers = ProviderList;

    fn providers(&self) -> &ProviderList {
        &self.providers
    }
}

/// What delivering needs besides. The worker has one.
pub struct WorkerWorld {
    shop: ShopWorld,
    mailer: SmtpMailer,
    renderer: Renderer,
    brand: Brand,
}

impl WorkerWorld {
    /// Puts it together.
    ///
    /// # Errors
    /// [`WorldError::Templates`] when a mail template is broken.
    pub fn new(shop: ShopWorld, mailer: SmtpMailer, brand: Brand) -> Result<Self, WorldError> {
        Ok(Self { shop, mailer, renderer: Renderer::new()?, brand })
    }
}

impl Shop for WorkerWorld {
    type Tx = PgTx;
    type Db = Db;
    type Gateway = StripeGateway;
    type Passwords = BcryptPasswords;
    type Sealer = SecretBox;
    type Passkeys = WebauthnPasskeys;

    fn db(&self) -> &Db {
        self.shop.db()
    }
    fn gateway(&self) -> &StripeGateway {
        self.shop.gateway()
    }
    fn passwords(&self) -> &BcryptPasswords {
        self.shop.passwords()
    }
    fn sealer(&self) -> &SecretBox {
        self.shop.sealer()
    }
    fn passkeys(&self) -> &WebauthnPasskeys {
        self.shop.passkeys()
    }
    fn staff_factor(&self) -> StaffFactor {
        self.shop.staff_factor()
    }
    fn welcome(&self) -> WelcomeMail {
        self.shop.welcome()
    }
    fn known_words(&self) -> &KnownWords {
        self.shop.known_words()
    }
    fn pseudonyms(&self) -> &PseudonymKey {
        self.shop.pseudonyms()
    }
    fn limits(&self) -> &Limits {
        self.shop.limits()
    }
    fn links(&self) -> &Links {
        self.shop.links()
    }
    fn env(&self) -> Env {
        self.shop.env()
    }
}

impl Hosting for WorkerWorld {
    type Providers = ProviderList;

    fn providers(&self) -> &ProviderList {
        self.shop.providers()
    }
}

impl Workshop for WorkerWorld {
    type Mailer = SmtpMailer;

    fn mailer(&self) -> &SmtpMailer {
        &self.mailer
    }
    fn chain_key(&self) -> &ChainKey {
        self.shop.sealer.chain_key()
    }
    fn renderer(&self) -> &Renderer {
        &self.renderer
    }
    fn brand(&self) -> &Brand {
        &self.brand
    }
}
