//! The shop's own address and name.

use std::path::PathBuf;

use accounts::WelcomeMail;
use clap::Args;
use notify::Brand;
use orders::Links;

use super::{BrandFile, Problems, address};

/// The shop.
#[derive(Debug, Clone, Args)]
pub struct SiteConfig {
    /// Where customers find the shop, without a slash at the end.
    #[arg(long, env = "PUBLIC_SITE_URL")]
    pub public_site_url: Option<String>,
    /// The older name of PUBLIC_SITE_URL.
    #[arg(long, env = "FRONTEND_URL", hide = true)]
    pub frontend_url: Option<String>,
    /// A file with the shop's name, logo, colour, texts and senders, which go before the variables for them: see brand.toml.
    #[arg(long, env = "BRAND_FILE")]
    pub brand_file: Option<PathBuf>,
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
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Some(Links::new(site)),
            Ok(_) | Err(_) => {
                problems.note("PUBLIC_SITE_URL", "expected an address such as https://shop.example");
                None
            }
        }
    }

    /// The brand file; an empty one where there is none.
    pub fn brand_file(&self, problems: &mut Problems) -> Option<BrandFile> {
        let Some(path) = self.brand_file.as_ref().filter(|path| !path.as_os_str().is_empty()) else {
            return Some(BrandFile::default());
        };
        problems.take("BRAND_FILE", BrandFile::read(path))
    }

    /// How mails and pages present the shop.
    pub fn brand(&self, links: &Links, file: &BrandFile, problems: &mut Problems) -> Option<Brand> {
        let support =
            file.support.as_ref().map_or(("SUPPORT_EMAIL", &self.support_email), |text| ("BRAND_FILE: support", text));
        let support = address(support.0, support.1, problems)?;
        Some(Brand {
            shop_name: file.name.clone().unwrap_or_else(|| self.shop_name.clone()),
            site_url: links.site.clone(),
            support_email: support.into(),
            colours: file.colours.unwrap_or_default(),
        })
    }
}
