//! A labelled line, such as a server's address.

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A label and its value; the value becomes a link when it is a web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is: `Address`.
    pub label: String,
    /// Its value: `play.example.com:25565`.
    pub value: String,
}

impl Fact {
    /// A line.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }

    /// Only plain web addresses become links; any other scheme stays text.
    fn is_link(&self) -> bool {
        let web = self.value.starts_with("https://") || self.value.starts_with("http://");
        web && !self.value.contains(char::is_whitespace)
    }
}

impl Serialize for Fact {
    /// With `link` beside the fields, which the templates ask for.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fact = serializer.serialize_struct("Fact", 3)?;
        fact.serialize_field("label", &self.label)?;
        fact.serialize_field("value", &self.value)?;
        fact.serialize_field("link", &self.is_link())?;
        fact.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(Fact::new("Panel", "https://panel.example.com/server/1a2b").is_link());
        for text in ["play.example.com:25565", "javascript:alert(1)", "https://a.example and more", "1a2b3c4d"] {
            assert!(!Fact::new("Address", text).is_link(), "{text}");
        }
    }
}
