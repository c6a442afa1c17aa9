//! Words that were checked when they were read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A word that is not what its place asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct InvalidWord(&'static str);

/// A text type that is made by its check alone.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $check:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidWord;
            fn try_from(text: String) -> Result<Self, InvalidWord> {
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(InvalidWord($expected)) }
            }
        }
        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word!(
    /// A host name of at least two labels, in lower case and ASCII (RFC 1123, section 2.1).
    Domain,
    is_domain,
    "a domain such as shop.example.com, in lower case"
);
word!(
    /// A mail address in lower case whose local part is of letters, digits and `. _ -`: the unquoted subset of RFC 5321 that
    /// every mail program takes, and that names a file safely.
    MailAddress,
    is_address,
    "a mail address such as mia@example.com, in lower case"
);
word!(
    /// What a website is called: printable text on one line, at most 100 characters.
    Title,
    |text| is_line(text, 100),
    "a printable text of 1 to 100 characters"
);
word!(
    /// What a game server is called: printable ASCII without quotes and backslashes, at most 60 characters. Its
    /// configuration file has no escapes that could be relied on.
    ServerName,
    is_server_name,
    "1 to 60 printable ASCII characters without quotes, backslashes, semicolons and number signs"
);

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (1..=64).contains(&local.len()) && local.bytes().all(inner) && !dots && is_domain(domain) && text.len() <= 200
}

fn is_line(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control)
}

fn is_server_name(text: &str) -> bool {
    let plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !br#""'\;#"#.contains(&byte);
    !text.trim().is_empty() && text.len() <= 60 && text.bytes().all(plain)
}

/// A password that somebody chose: 8 to 72 bytes on one line. More bytes than that bcrypt does not read. It prints nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Password(String);

impl Password {
    /// The password itself, for whoever sends, hashes or sets it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Password {
    type Error = InvalidWord;
    fn try_from(text: String) -> Result<Self, InvalidWord> {
        let fits = (8..=72).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(InvalidWord("a password of 8 to 72 bytes on one line")) }
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The version of PHP, as Debian 12 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhpVersion {
    /// 8.2.
    #[serde(rename = "8.2")]
    V8_2,
}

impl PhpVersion {
    /// The version as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V8_2 => "8.2",
        }
    }
}

/// A number in a range, checked when it is read.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $low:literal, $high:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub struct $name($inner);

        impl $name {
            /// The number.
            pub const fn get(self) -> $inner {
                self.0
            }
        }
        impl TryFrom<i64> for $name {
            type Error = InvalidWord;
            fn try_from(number: i64) -> Result<Self, InvalidWord> {
                let number = if ($low..=$high).contains(&number) { <$inner>::try_from(number).ok() } else { None };
                number.map(Self).ok_or(InvalidWord($expected))
            }
        }
        impl From<$name> for i64 {
            fn from(number: $name) -> Self {
                Self::from(number.0)
            }
        }
    };
}

number!(
    /// Mebibytes of memory or disk: 16 to 1,048,576 (one tebibyte).
    Mebibytes,
    u32,
    16,
    1_048_576,
    "16 to 1048576 MiB"
);
number!(
    /// How many may play at once: 2 to 64, which is the most that teeworlds takes.
    Slots,
    u8,
    2,
    64,
    "2 to 64 players"
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn a_domain_can_be_no_path_no_line_and_no_option() {
        for good in ["example.com", "a-b.sites.example.com", "xn--bcher-kva.example"] {
            assert_eq!(Domain::try_from(good.to_owned()).unwrap().as_str(), good);
        }
        for bad in
            ["", "com", "../../etc", "a.b/../c", "-a.com", "a..com", "a.com\nserver {}", "A.com", "a.com;", "ä.de"]
        {
            assert!(Domain::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_names_a_file_safely() {
        assert!(MailAddress::try_from("mia.b_c-1@example.com".to_owned()).is_ok());
        for bad in ["mia", "@example.com", "../x@example.com", ".a@example.com", "a..b@example.com", "a:b@example.com"]
        {
            assert!(MailAddress::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_on_a_game_server_ends_no_line_and_no_quote() {
        assert!(ServerName::try_from("Mia's".to_owned()).is_err());
        assert!(ServerName::try_from("Mia 1, the best!".to_owned()).is_ok());
        for bad in ["", " ", "a\nsv_rcon_password x", "a;b", "a\"b", "a\\b", "a#b", "ä"] {
            assert!(ServerName::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
        assert!(Title::try_from("Müllers Seite".to_owned()).is_ok());
        assert!(Title::try_from("a\nb".to_owned()).is_err());
    }

    #[test]
    fn a_password_does_not_print() {
        let password = Password::try_from("correct horse".to_owned()).unwrap();
        assert_eq!(format!("{password:?}"), "Password(…)");
        assert!(Password::try_from("short".to_owned()).is_err());
        assert!(Password::try_from("a".repeat(73)).is_err());
        assert!(Password::try_from("line\nline two".to_owned()).is_err());
    }
}
