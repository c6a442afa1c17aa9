//! Names of roles.

use std::{fmt, str::FromStr};

/// The longest name that PostgreSQL keeps whole, in bytes.
const LONGEST: usize = 63;

/// The name of a role, which can stand in a statement as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName(String);

/// It cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a role's name is made of a to z, 0 to 9 and _, begins with a letter, has at most 63 of them, and is not one that PostgreSQL keeps for itself (public, none, pg_…)"
)]
pub struct RoleNameError;

impl RoleName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleName {
    type Err = RoleNameError;

    fn from_str(text: &str) -> Result<Self, RoleNameError> {
        let letter = |byte: u8| byte.is_ascii_lowercase();
        let plain = text.bytes().all(|byte| letter(byte) || byte.is_ascii_digit() || byte == b'_');
        let begins = text.bytes().next().is_some_and(letter);
        let kept = matches!(text, "public" | "none") || text.starts_with("pg_");
        let fits = plain && begins && !kept && text.len() <= LONGEST;
        if fits { Ok(Self(text.to_owned())) } else { Err(RoleNameError) }
    }
}

/// Quoted, since a name may also be a word of SQL.
impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_be_more_than_a_name_is_none() {
        for name in ["hostwright_api", "api2", "user"] {
            assert_eq!(name.parse::<RoleName>().map(|role| role.to_string()), Ok(format!("\"{name}\"")));
        }
        let long = "a".repeat(64);
        for name in ["", "2api", "_api", "Api", "a-b", "a b", "a\"b", "a;b", "public", "none", "pg_monitor", "é", &long]
        {
            assert_eq!(name.parse::<RoleName>(), Err(RoleNameError), "{name:?}");
        }
    }
}
