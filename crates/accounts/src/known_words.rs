//! Words that anybody could guess of an account: the shop's and its owner's.

use secrecy::{ExposeSecret, SecretString};

/// Shorter ones are in every second pass phrase.
const SHORTEST: usize = 4;
/// Passwords hold no NUL.
const TAKEN_OUT: &str = "\0";

/// Words that a password must not lean on (OWASP ASVS 5.0, 6.1.2 and 6.2.11): the shop's name and the labels of its host, the
/// customer's address and name. Each part of letters and digits is a word of its own, of four characters or more, in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownWords(Vec<String>);

impl KnownWords {
    /// The words of these texts.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::default().and(texts)
    }

    /// These and the words of more texts.
    #[must_use]
    pub fn and<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let parts = texts.into_iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        let long = parts.filter(|word| word.chars().count() >= SHORTEST).map(str::to_lowercase);
        let mut words: Vec<String> = self.0.iter().cloned().chain(long).collect();
        // The longest first: of «hostwright» nothing is left when «host» is known too.
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        Self(words)
    }

    /// How many characters of a password are left when every known word is taken out of it; `None` where none is in it.
    pub(crate) fn rest_of(&self, password: &SecretString) -> Option<usize> {
        let whole = password.expose_secret().to_lowercase();
        // Something stays in a word's place, so that what stood around it is not put together to another one.
        let rest = self.0.iter().fold(whole.clone(), |text, word| text.replace(word.as_str(), TAKEN_OUT));
        (rest != whole).then(|| rest.replace(TAKEN_OUT, "").chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_wherever_they_stand() {
        let words = KnownWords::of(["https://shop.hostwright.example", "Ada Lovelace"]).and(["ada.l@example.com"]);
        let rest = |password: &str| words.rest_of(&SecretString::from(password));
        assert_eq!(rest("Hostwright2026!"), Some(5));
        assert_eq!(rest("LOVELACElovelace"), Some(0));
        assert_eq!(rest("exhostwrightample"), Some(7), "what is left is not put together to words");
        assert_eq!(rest("correct horse battery"), None);
        assert_eq!(rest("ada ada ada ada"), None, "too short to be a word");
        assert_eq!(KnownWords::default().rest_of(&SecretString::from("anything")), None);
    }
}
