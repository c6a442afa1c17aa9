//! The brand file: name, logo, colour, texts and senders of a shop, so that it looks like itself.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use notify::{Colour, Colours};
use serde::Deserialize;

/// The largest logo, in bytes: it is loaded with the first page.
const LARGEST_LOGO: usize = 48 * 1024;

/// A brand file that was read. Everything in it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrandFile {
    /// The shop's name.
    pub name: Option<String>,
    /// Where customers write to.
    pub support: Option<String>,
    /// The shop's colours.
    pub colours: Option<Colours>,
    /// The shop's logo.
    pub logo: Option<Logo>,
    /// Messages that it says in other words, by language and key.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
    /// Who mails are from.
    pub senders: BrandSenders,
}

/// A picture as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// `svg`, `png` or `webp`.
    pub extension: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// The file.
    pub content: Vec<u8>,
}

/// Senders, as EMAIL_FROM and its kin write them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandSenders {
    /// Of everything that has no sender of its own.
    pub all: Option<String>,
    /// Of the sales department.
    pub sales: Option<String>,
    /// Of the billing department.
    pub billing: Option<String>,
    /// Of the support department.
    pub support: Option<String>,
}

/// Why a brand file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BrandError {
    /// It cannot be read.
    #[error("{path}: {why}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// It is no TOML, or has fields that a brand file has not.
    #[error("{0}")]
    Syntax(toml::de::Error),
    /// A field that cannot be as it is.
    #[error("{field}: {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Option<String>,
    support: Option<String>,
    accent: Option<String>,
    accent_dark: Option<String>,
    logo: Option<PathBuf>,
    #[serde(default)]
    texts: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    senders: BrandSenders,
}

impl BrandFile {
    /// Reads a brand file; its logo is looked for beside it.
    ///
    /// # Errors
    /// [`BrandError`], which names the field.
    pub fn read(path: &Path) -> Result<Self, BrandError> {
        let unreadable = |path: &Path, why| BrandError::Unreadable { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|why| unreadable(path, why))?;
        let raw: Raw = toml::from_str(&text).map_err(BrandError::Syntax)?;
        let logo = match &raw.logo {
            Some(file) => {
                let file = path.parent().unwrap_or_else(|| Path::new("")).join(file);
                let content = std::fs::read(&file).map_err(|why| unreadable(&file, why))?;
                Some(logo(&file, content)?)
            }
            None => None,
        };
        let name = raw.name.map(|name| line("name", name)).transpose()?;
        let colours = colours(raw.accent.as_deref(), raw.accent_dark.as_deref())?;
        Ok(Self { name, support: raw.support, colours, logo, texts: raw.texts, senders: raw.senders })
    }
}

const fn field(field: &'static str, why: String) -> BrandError {
    BrandError::Field { field, why }
}

fn line(name: &'static str, text: String) -> Result<String, BrandError> {
    let text = text.trim().to_owned();
    if text.is_empty() || text.chars().count() > 60 || text.chars().any(char::is_control) {
        return Err(field(name, "expected one line of 1 to 60 characters".to_owned()));
    }
    Ok(text)
}

fn colours(accent: Option<&str>, dark: Option<&str>) -> Result<Option<Colours>, BrandError> {
    let read = |name: &'static str, text: &str| text.parse::<Colour>().map_err(|why| field(name, why.to_string()));
    let dark = dark.map(|text| read("accent_dark", text)).transpose()?;
    match accent.map(|text| read("accent", text)).transpose()? {
        Some(accent) => Colours::of(accent, dark).map(Some).map_err(|why| field("accent", why.to_string())),
        None if dark.is_some() => Err(field("accent_dark", "expected beside accent".to_owned())),
        None => Ok(None),
    }
}

fn logo(path: &Path, content: Vec<u8>) -> Result<Logo, BrandError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let (extension, content_type) = match extension {
        "svg" => ("svg", "image/svg+xml; charset=utf-8"),
        "png" => ("png", "image/png"),
        "webp" => ("webp", "image/webp"),
        other => return Err(field("logo", format!("expected a file of type svg, png or webp, and it is '{other}'"))),
    };
    if content.is_empty() || content.len() > LARGEST_LOGO {
        let why = format!("expected a file of 1 to {LARGEST_LOGO} bytes, and it has {}", content.len());
        return Err(field("logo", why));
    }
    Ok(Logo { extension, content_type, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, logo: Option<(&str, &[u8])>) -> Result<BrandFile, String> {
        let folder = std::env::temp_dir().join(format!("brand-{}-{}", std::process::id(), text.len()));
        std::fs::create_dir_all(&folder).unwrap();
        if let Some((name, content)) = logo {
            std::fs::write(folder.join(name), content).unwrap();
        }
        let path = folder.join("brand.toml");
        std::fs::write(&path, text).unwrap();
        let read = BrandFile::read(&path).map_err(|error| error.to_string());
        std::fs::remove_dir_all(&folder).unwrap();
        read
    }

    #[test]
    fn a_whole_brand_file_is_read() {
        let text = "name = \"Blocky\"\nsupport = \"help@blocky.example\"\naccent = \"#8a2be2\"\nlogo = \"logo.svg\"\n\
            [texts.en]\nplans-headline = \"Blocks\"\n[senders]\nall = \"Blocky <mail@blocky.example>\"\n";
        let brand = read(text, Some(("logo.svg", b"<svg/>"))).unwrap();
        assert_eq!(brand.name.as_deref(), Some("Blocky"));
        assert_eq!(brand.colours.unwrap().light.accent.to_string(), "#8a2be2");
        assert_eq!(brand.logo.unwrap().content, b"<svg/>");
        assert_eq!(brand.texts["en"]["plans-headline"], "Blocks");
        assert_eq!(brand.senders.all.as_deref(), Some("Blocky <mail@blocky.example>"));
        assert_eq!(read("", None).unwrap(), BrandFile::default());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_field() {
        for (text, expected) in [
            ("name = \"\"", "name: expected one line"),
            ("name = \"a\\nb\"", "name: expected one line"),
            ("accent = \"red\"", "accent: expected a colour"),
            ("accent = \"#ffff00\"", "accent: #ffff00 is hard to read"),
            ("accent_dark = \"#ffffff\"", "accent_dark: expected beside accent"),
            ("logo = \"logo.gif\"", "logo: expected a file of type"),
            ("logo = \"nothing.svg\"", "nothing.svg: No such file"),
            ("colour = \"#1c55c9\"", "unknown field `colour`"),
            ("name = ", "TOML parse error"),
        ] {
            let said = read(text, Some(("logo.gif", b"GIF"))).unwrap_err();
            assert!(said.contains(expected), "{text}: {said}");
        }
        let large = vec![0; LARGEST_LOGO + 1];
        assert!(
            read("logo = \"l.png\"", Some(("l.png", &large))).unwrap_err().contains("logo: expected a file of 1 to")
        );
        assert!(BrandFile::read(Path::new("/nowhere/brand.toml")).is_err());
    }
}
