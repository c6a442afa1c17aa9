//! Addresses of the shop's own pages, and the signature of those that open without signing in.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit, Mac};
use kernel::{Id, entity};
use sha2::Sha256;

/// Between an order's id and its signature. Neither holds it, and no address needs to escape it.
const MARK: char = '~';

/// Bytes of a signature: 128 bits are not guessed.
const SIGNATURE: usize = 16;

/// What links are signed with, derived from the installation's key.
#[derive(Clone)]
pub struct LinkKey([u8; 64]);

impl LinkKey {
    /// This key.
    pub fn new(key: [u8; 32]) -> Self {
        // HMAC pads a key with zeros to the hash's block: a key that is padded already cannot be of a wrong length.
        let mut block = [0; 64];
        for (place, byte) in block.iter_mut().zip(key) {
            *place = byte;
        }
        Self(block)
    }

    fn mac(&self, order: Id<entity::Order>) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new((&self.0).into());
        mac.update(order.to_string().as_bytes());
        mac
    }

    fn sign(&self, order: Id<entity::Order>) -> String {
        let bytes: [u8; 32] = self.mac(order).finalize().into_bytes().into();
        bytes.iter().take(SIGNATURE).fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Compares in constant time.
    fn signed(&self, order: Id<entity::Order>, given: &str) -> bool {
        let pair = |at: usize| given.get(at..at.saturating_add(2)).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..SIGNATURE).map(|place| pair(place.saturating_mul(2))).collect();
        let whole = given.len() == SIGNATURE.saturating_mul(2);
        bytes.filter(|_| whole).is_some_and(|bytes| self.mac(order).verify_truncated_left(&bytes).is_ok())
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

/// What a link to an order is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLink {
    /// The order.
    pub order: Id<entity::Order>,
    /// It came from us: by mail, or back from the payment page.
    pub signed: bool,
}

/// Addresses of the shop's own pages, for mails and redirects. `site` has no slash at its end.
#[derive(Debug, Clone)]
pub struct Links {
    /// `https://shop.example`.
    pub site: String,
    /// What links are signed with; the first signs, all are accepted.
    keys: Vec<LinkKey>,
}

impl Links {
    /// The pages of this site, without signatures: for programs that show no pages.
    pub fn new(site: impl Into<String>) -> Self {
        Self { site: site.into(), keys: Vec::new() }
    }

    /// With what links to orders are signed with: the first key signs, all of them are accepted.
    #[must_use]
    pub fn signed_with(self, keys: impl IntoIterator<Item = LinkKey>) -> Self {
        Self { keys: keys.into_iter().collect(), ..self }
    }

    /// The page that follows an order, signed: whoever has the link sees the order without signing in.
    pub fn order(&self, order: Id<entity::Order>) -> String {
        format!("{}{}", self.site, self.order_path(order))
    }

    /// The same without the site.
    pub fn order_path(&self, order: Id<entity::Order>) -> String {
        match self.keys.first() {
            Some(key) => format!("/orders/{order}{MARK}{}", key.sign(order)),
            None => format!("/orders/{order}"),
        }
    }

    /// Reads what stands in the path for an order. `None` for what is no order's id, or has a signature that is not ours.
    pub fn read_order(&self, text: &str) -> Option<OrderLink> {
        let (id, signature) = text.split_once(MARK).map_or((text, None), |(id, signature)| (id, Some(signature)));
        let order = id.parse().ok()?;
        match signature {
            None => Some(OrderLink { order, signed: false }),
            Some(given) => {
                self.keys.iter().any(|key| key.signed(order, given)).then_some(OrderLink { order, signed: true })
            }
        }
    }
    /// The customer's services, behind sign-in.
    pub fn dashboard(&self) -> String {
        format!("{}/account", self.site)
    }
    /// Where one signs in.
    pub fn sign_in(&self) -> String {
        format!("{}/login", self.site)
    }
    /// Where one asks for a new password.
    pub fn forgot_password(&self) -> String {
        format!("{}/forgot-password", self.site)
    }
    /// Where an account is opened that was asked for, with the mailed token.
    pub fn confirm_registration(&self, token: &str) -> String {
        format!("{}/register/confirm?token={token}", self.site)
    }
    /// Where a new password is chosen, with the mailed token.
    pub fn reset_password(&self, token: &str) -> String {
        format!("{}/reset-password?token={token}", self.site)
    }
    /// Where another address is confirmed, with the mailed token.
    pub fn confirm_address(&self, token: &str) -> String {
        format!("{}/account/address/confirm?token={token}", self.site)
    }
    /// The plans.
    pub fn plans(&self) -> String {
        format!("{}/", self.site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Id<entity::Order> {
        format!("ord_{number:032x}").parse().unwrap()
    }

    #[test]
    fn a_signed_link_is_read_and_no_other_signature_is() {
        let links = Links::new("https://shop.example").signed_with([LinkKey::new([1; 32])]);
        let path = links.order_path(id(7));
        let word = path.strip_prefix("/orders/").unwrap();
        assert_eq!(links.read_order(word), Some(OrderLink { order: id(7), signed: true }));
        assert_eq!(links.read_order(&id(7).to_string()), Some(OrderLink { order: id(7), signed: false }));
        let (_, signature) = word.split_once(MARK).unwrap();
        let with = |signature: &str| links.read_order(&format!("{}{MARK}{signature}", id(7)));
        for wrong in ["", "00", &signature[1..], &format!("{signature}0"), &"0".repeat(32), "ü".repeat(16).as_str()] {
            assert_eq!(with(wrong), None, "{wrong}");
        }
        assert_eq!(links.read_order(&format!("{}{MARK}{signature}", id(8))), None, "another order's");
        assert_eq!(links.read_order("nonsense"), None);
    }

    #[test]
    fn links_of_an_older_key_are_accepted_while_it_is_known() {
        let old = Links::new("https://shop.example").signed_with([LinkKey::new([1; 32])]);
        let path = old.order_path(id(7));
        let word = path.strip_prefix("/orders/").unwrap();
        let both = Links::new("https://shop.example").signed_with([LinkKey::new([2; 32]), LinkKey::new([1; 32])]);
        assert!(both.read_order(word).is_some_and(|link| link.signed));
        assert_ne!(both.order_path(id(7)), path);
        assert_eq!(Links::new("https://shop.example").read_order(word), None);
    }
}
