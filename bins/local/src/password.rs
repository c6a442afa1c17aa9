//! Passwords become hashes here, and nothing else keeps them.

use local_protocol::Password;

use crate::{fault::Fault, files};

/// Some 50 ms a log-in: dovecot remembers it for a while.
const COST: u32 = 10;

/// A hash that dovecot reads, with its scheme before it.
pub(crate) fn hash(password: &Password) -> Result<String, Fault> {
    let mut salt = [0; 16];
    let hex = files::random_hex(16)?;
    for (place, byte) in salt.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *place = u8::from_str_radix(&String::from_utf8_lossy(byte), 16).unwrap_or(0);
    }
    let parts = bcrypt::hash_with_salt(password.expose().as_bytes(), COST, salt)
        .map_err(|error| Fault::failed(format!("the password cannot be hashed: {error}")))?;
    Ok(format!("{{BLF-CRYPT}}{}", parts.format_for_version(bcrypt::Version::TwoY)))
}

/// A password that nobody knows.
pub(crate) fn random() -> Result<Password, Fault> {
    files::random_hex(24)?.try_into().map_err(|_| Fault::failed("a random password is none"))
}
