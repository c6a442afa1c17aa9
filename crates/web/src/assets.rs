//! Style sheet, script and icon, embedded, and what the brand brings; their addresses carry a digest of the content, so
//! browsers keep them for good.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, Write as _},
};

use actix_web::web::Bytes;
use flate2::{Compression, write::GzEncoder};
use infra::config::{BrandFile, Logo};
use notify::{Colours, Tone};
use sha2::{Digest, Sha256};

/// A file as it is sent.
#[derive(Debug)]
pub(crate) struct Asset {
    name: &'static str,
    /// The name in its address, with the digest.
    hashed: String,
    pub(crate) content_type: &'static str,
    pub(crate) content: Bytes,
    /// The same, gzipped; `None` where that makes it no smaller.
    pub(crate) gzipped: Option<Bytes>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Assets(Vec<Asset>);

const FILES: [(&str, &str, &str); 3] = [
    ("site.css", "text/css; charset=utf-8", include_str!("static/site.css")),
    ("site.js", "text/javascript; charset=utf-8", include_str!("static/site.js")),
    ("icon.svg", "image/svg+xml; charset=utf-8", include_str!("static/icon.svg")),
];

impl Assets {
    pub(crate) fn new(brand: &BrandFile) -> Self {
        let own = FILES
            .iter()
            .map(|&(name, content_type, content)| asset((name, name), content_type, Cow::Borrowed(content.as_bytes())));
        let colours = brand.colours.map(|colours| {
            asset((BRAND, "brand.css"), "text/css; charset=utf-8", Cow::Owned(style_sheet(&colours).into_bytes()))
        });
        let logo = brand.logo.clone().map(|Logo { extension, content_type, content }| {
            asset((LOGO, &format!("logo.{extension}")), content_type, Cow::Owned(content))
        });
        Self(own.chain(colours).chain(logo).collect())
    }

    /// Where the file is, e.g. `/assets/site.0123456789ab.css`; `None` where the brand brings no such file.
    pub(crate) fn url(&self, name: &str) -> Option<String> {
        let asset = self.0.iter().find(|asset| asset.name == name)?;
        Some(format!("/assets/{}", asset.hashed))
    }

    /// The file at this address's last part.
    pub(crate) fn find(&self, hashed: &str) -> Option<&Asset> {
        self.0.iter().find(|asset| asset.hashed == hashed)
    }
}

/// The brand's colours.
pub(crate) const BRAND: &str = "brand";
/// The brand's logo.
pub(crate) const LOGO: &str = "logo";

fn asset((name, file): (&'static str, &str), content_type: &'static str, content: Cow<'static, [u8]>) -> Asset {
    let hashed = hashed(file, &content);
    let content = match content {
        Cow::Borrowed(content) => Bytes::from_static(content),
        Cow::Owned(content) => Bytes::from(content),
    };
    let gzipped = gzip(&content).ok().filter(|gzipped| gzipped.len() < content.len()).map(Bytes::from);
    Asset { name, hashed, content_type, content, gzipped }
}

/// Done once, when the server starts, so that it may take as long as it takes.
fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

/// The properties of `site.css` that the brand replaces.
fn style_sheet(colours: &Colours) -> String {
    let set = |Tone { accent, on_accent, tint }: &Tone| {
        format!(
            ":root {{ --accent: {accent}; --on-accent: {on_accent}; --accent-tint: {tint}; --work: {accent}; --work-tint: {tint}; }}"
        )
    };
    let (light, dark) = (set(&colours.light), set(&colours.dark));
    format!("{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n")
}

/// The first bytes of the content's digest, in hexadecimal.
pub(crate) fn digest(content: &[u8], bytes: usize) -> String {
    let digest = Sha256::digest(content);
    digest.iter().take(bytes).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hashed(name: &str, content: &[u8]) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "txt"));
    format!("{stem}.{}.{extension}", digest(content, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_under_its_address_and_no_other() {
        let assets = Assets::new(&BrandFile::default());
        for (name, _, content) in FILES {
            let url = assets.url(name).unwrap();
            let last = url.rsplit('/').next().unwrap();
            assert_eq!(assets.find(last).map(|asset| &*asset.content), Some(content.as_bytes()));
            assert!(assets.find(last).unwrap().gzipped.as_ref().unwrap().len() < content.len(), "{name}");
            assert!(assets.find(name).is_none(), "the plain name would be cached for good");
        }
        assert_eq!((assets.url(BRAND), assets.url(LOGO)), (None, None));
        assert_ne!(hashed("a.css", b"x"), hashed("a.css", b"y"));
    }

    #[test]
    fn a_brand_brings_its_colours_and_its_logo() {
        let logo = Logo { extension: "svg", content_type: "image/svg+xml; charset=utf-8", content: b"<svg/>".to_vec() };
        let colours = Colours::of("#8a2be2".parse().unwrap(), None).unwrap();
        let brand = BrandFile { colours: Some(colours), logo: Some(logo), ..BrandFile::default() };
        let assets = Assets::new(&brand);
        let url = assets.url(LOGO).unwrap();
        assert!(url.starts_with("/assets/logo.") && url.rsplit('.').next() == Some("svg"), "{url}");
        let css = assets.url(BRAND).unwrap();
        let css = assets.find(css.rsplit('/').next().unwrap()).unwrap();
        let text = String::from_utf8(css.content.to_vec()).unwrap();
        assert!(text.starts_with(":root { --accent: #8a2be2; --on-accent: #ffffff;"), "{text}");
    }
}
