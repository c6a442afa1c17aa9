//! The passwords that are tried first.

use std::sync::LazyLock;

use secrecy::{ExposeSecret, SecretString};

/// The 10,000 most frequent passwords of eight characters or more in zxcvbn 4.5's list (MIT licence), in lower case and in
/// the order of their bytes.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Whether everybody tries this one first, however it is capitalised.
pub(crate) fn is_common(password: &SecretString) -> bool {
    let lower = SecretString::from(password.expose_secret().to_lowercase());
    COMMON.binary_search(&lower.expose_secret()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_sorted_and_of_passwords_that_are_long_enough() {
        assert_eq!(COMMON.len(), 10_000);
        assert!(COMMON.is_sorted_by(|a, b| a < b), "a binary search finds each of them");
        assert!(COMMON.iter().all(|one| one.chars().count() >= 8 && one.to_lowercase() == **one));
    }

    #[test]
    fn common_passwords_are_known_in_any_case_and_others_are_not() {
        let known = |text: &str| is_common(&SecretString::from(text));
        for common in ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "trustno1", "!qaz2wsx", "zzzzzzz1"]
        {
            assert!(known(common), "{common}");
        }
        for rare in ["correct horse", "password of mine", "", "tide-harbour-violin", "kV7#mQ<2&p=xR9+T"] {
            assert!(!known(rare), "{rare}");
        }
    }
}
