//! The shop's own address and name.

use accounts::WelcomeMail;
use clap::Args;
use notify::Brand;
use orders::Links;

use super::{Problems, address};

/// The shop.
#[derive(Debug, Clone, Args)]
pub struct SiteConfig {
    /// Where customers find the shop, without a slash at the end.
    #[arg(long, env = "PUBLIC_SITE_URL")]
    pub public_site_url: Option<String>,
    /// The older name of PUBLIC_SITE_URL.
    #[arg(long, env = "FRONTEND_URL", hide = true)]
    pub frontend_url: Option<String>,
    /// The shop's name.
    #[arg(long, env = "SHOP_NAME", default_value = "Hostwright")]
    pub shop_name: String,
    /// Where customers write to.
    #[arg(long, env = "SUPPORT_EMAIL", default_value = "support@example.com")]
    pub support_email: String,
    /// What the welcome mail of somebody who bought without an account hands over: a «link» behind which a password is
    /// chosen, or a temporary «password». The same for api and worker.
    #[arg(long, env = "WELCOME", default_value_t)]
    pub welcome: WelcomeMail,
}

impl SiteConfig {
    /// Addresses of the shop's pages.
    pub fn links(&self, problems: &mut Problems) -> Option<Links> {
        let text = self.public_site_url.as_ref().or(self.frontend_url.as_ref());
        let site = text.map_or("http://127.0.0.1:3001", |text| text.trim_end_matches('/')).to_owned();
        match site.parse::<reqwest::Url>() {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Some(Links { site }),
            Ok(_) | Err(_) => {
                problems.note("PUBLIC_SITE_URL", "expected an address such as https://shop.example");
                None
            }
        }
    }

    /// How mails present the shop.
    pub fn brand(&self, links: &Links, problems: &mut Problems) -> Option<Brand> {
        let support = address("SUPPORT_EMAIL", &self.support_email, problems)?;
        Some(Brand { shop_name: self.shop_name.clone(), site_url: links.site.clone(), support_email: support.into() })
    }
}
