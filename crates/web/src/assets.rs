//! Style sheet, script and icon, embedded; their addresses carry a digest of the content, so browsers keep them for good.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// A file as it is sent.
#[derive(Debug)]
pub(crate) struct Asset {
    name: &'static str,
    /// The name in its address, with the digest.
    hashed: String,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'static str,
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
    pub(crate) fn new() -> Self {
        let assets = FILES.iter().map(|&(name, content_type, content)| Asset {
            name,
            hashed: hashed(name, content),
            content_type,
            content,
        });
        Self(assets.collect())
    }

    /// Where the file is, e.g. `/assets/site.0123456789ab.css`.
    pub(crate) fn url(&self, name: &str) -> String {
        let asset = self.0.iter().find(|asset| asset.name == name);
        format!("/assets/{}", asset.map_or(name, |asset| &asset.hashed))
    }

    /// The file at this address's last part.
    pub(crate) fn find(&self, hashed: &str) -> Option<&Asset> {
        self.0.iter().find(|asset| asset.hashed == hashed)
    }
}

/// The first bytes of the content's digest, in hexadecimal.
pub(crate) fn digest(content: &str, bytes: usize) -> String {
    let digest = Sha256::digest(content.as_bytes());
    digest.iter().take(bytes).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hashed(name: &str, content: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "txt"));
    format!("{stem}.{}.{extension}", digest(content, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_under_its_address_and_no_other() {
        let assets = Assets::new();
        for (name, _, content) in FILES {
            let url = assets.url(name);
            let last = url.rsplit('/').next().unwrap();
            assert_eq!(assets.find(last).map(|asset| asset.content), Some(content));
            assert!(assets.find(name).is_none(), "the plain name would be cached for good");
        }
        assert_ne!(hashed("a.css", "x"), hashed("a.css", "y"));
    }
}
