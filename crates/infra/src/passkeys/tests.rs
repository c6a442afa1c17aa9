//! Against a device in software: what it signs is taken, and what is wrong with it in any one place is refused.

use accounts::{PasswordHash, Role};
use kernel::{Env, Id, entity};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use sha2::{Digest as _, Sha256};

use super::*;

const SITE: &str = "https://shop.test";
/// Flags of authenticator data (WebAuthn level 2, 6.1): somebody is there, they were verified, a key follows.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const KEY_FOLLOWS: u8 = 0x40;

/// A device with one key.
struct Device {
    key: EcdsaKeyPair,
    owner: Id<entity::User>,
}

/// What it does, and how it may be wrong.
#[derive(Clone, Copy)]
struct Doing {
    site: &'static str,
    name: &'static str,
    flags: u8,
    counter: u32,
}

const RIGHT: Doing = Doing { site: SITE, name: "shop.test", flags: PRESENT | VERIFIED, counter: 5 };

impl Device {
    fn new(owner: Id<entity::User>) -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &rng).unwrap();
        Self { key, owner }
    }

    fn client_data(kind: &str, question: &Question, site: &str) -> Vec<u8> {
        let options: Value = serde_json::from_str(&question.options).unwrap();
        let challenge = &options["publicKey"]["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": site, "crossOrigin": false }).to_string().into_bytes()
    }

    fn data(doing: Doing, flags: u8) -> Vec<u8> {
        [&Sha256::digest(doing.name)[..], &[flags], &doing.counter.to_be_bytes()].concat()
    }

    /// An attestation of the format `none`, in CBOR by hand.
    fn make(&self, question: &Question, doing: Doing) -> String {
        let point = self.key.public_key().as_ref();
        let cose = [&hex("a5010203262001215820"), &point[1..33], &hex("225820"), &point[33..65]].concat();
        let key = [&[0; 16][..], &[0, 4], b"key1", &cose].concat();
        let data = [Self::data(doing, doing.flags | KEY_FOLLOWS), key].concat();
        let head = [&[0xa3, 0x63], &b"fmt"[..], &[0x64], b"none", &[0x67], b"attStmt", &[0xa0, 0x68], b"authData"];
        let length = [0x58, u8::try_from(data.len()).unwrap()];
        let object = [head.concat(), length.to_vec(), data].concat();
        let client = Self::client_data("webauthn.create", question, doing.site);
        let response = json!({ "attestationObject": BASE64.encode(object), "clientDataJSON": BASE64.encode(client) });
        Self::credential(&response)
    }

    fn sign(&self, question: &Question, doing: Doing) -> String {
        let client = Self::client_data("webauthn.get", question, doing.site);
        let data = Self::data(doing, doing.flags);
        let message = [&data[..], &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        let response = json!({
            "authenticatorData": BASE64.encode(data), "clientDataJSON": BASE64.encode(client),
            "signature": BASE64.encode(signature), "userHandle": BASE64.encode(self.owner.uuid().as_bytes()),
        });
        Self::credential(&response)
    }

    fn credential(response: &Value) -> String {
        let id = BASE64.encode(b"key1");
        let credential = json!({
            "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        });
        credential.to_string()
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn user(env: &mut Env) -> User {
    User {
        id: env.id(),
        email: "ada@example.com".parse().unwrap(),
        password: PasswordHash::new(String::new()),
        must_change_password: false,
        password_expires_at: None,
        role: Role::Customer,
        created_at: env.now(),
    }
}

/// A device whose key was taken.
fn registered(passkeys: &WebauthnPasskeys) -> (Device, Passkey) {
    let mut env = Env::system();
    let user = user(&mut env);
    let device = Device::new(user.id);
    let question = passkeys.ask_new(&user, &[]).unwrap();
    let made = passkeys.take_new(&question.state, &device.make(&question, RIGHT)).unwrap();
    assert_eq!(made.credential, b"key1");
    let passkey = Passkey {
        id: env.id(),
        user: user.id,
        credential: made.credential,
        key: made.key,
        name: "Phone".to_owned(),
        created_at: env.now(),
        last_used_at: None,
    };
    (device, passkey)
}

#[test]
fn a_key_is_made_and_signs_and_its_counter_only_rises() {
    let passkeys = WebauthnPasskeys::of_site(SITE);
    let (device, mut key) = registered(&passkeys);
    let listed = passkeys.ask(std::slice::from_ref(&key)).unwrap();
    assert!(listed.options.contains(&format!("\"id\":\"{}\"", BASE64.encode(b"key1"))), "{}", listed.options);
    let mut check = |counter| {
        let question = passkeys.ask(&[]).unwrap();
        let answer = device.sign(&question, Doing { counter, ..RIGHT });
        assert_eq!(passkeys.credential(&answer).unwrap(), key.credential);
        passkeys.check(&question.state, &answer, &key).map(|text| key.key = text)
    };
    check(6).unwrap();
    assert!(matches!(check(6), Err(PasskeyError::Copied)));
    assert!(matches!(check(5), Err(PasskeyError::Copied)));
    check(7).unwrap();
}

#[test]
fn a_new_key_that_is_wrong_in_any_place_is_refused() {
    let passkeys = WebauthnPasskeys::of_site(SITE);
    let user = user(&mut Env::system());
    let device = Device::new(user.id);
    let (question, other) = (passkeys.ask_new(&user, &[]).unwrap(), passkeys.ask_new(&user, &[]).unwrap());
    for (why, answer) in [
        ("another site", device.make(&question, Doing { site: "https://evil.test", ..RIGHT })),
        ("a site beneath", device.make(&question, Doing { site: "https://x.shop.test", ..RIGHT })),
        ("another port", device.make(&question, Doing { site: "https://shop.test:8443", ..RIGHT })),
        ("another name", device.make(&question, Doing { name: "evil.test", ..RIGHT })),
        ("nobody verified", device.make(&question, Doing { flags: PRESENT, ..RIGHT })),
        ("nobody there", device.make(&question, Doing { flags: VERIFIED, ..RIGHT })),
        ("another question", device.make(&other, RIGHT)),
        ("a signature instead", device.sign(&question, RIGHT)),
        ("nonsense", "{}".to_owned()),
    ] {
        let refused = passkeys.take_new(&question.state, &answer);
        assert!(matches!(refused, Err(PasskeyError::Refused(_))), "{why}: {refused:?}");
    }
    passkeys.take_new(&question.state, &device.make(&question, RIGHT)).unwrap();
}

#[test]
fn an_answer_that_is_wrong_in_any_place_is_refused() {
    let passkeys = WebauthnPasskeys::of_site(SITE);
    let (device, key) = registered(&passkeys);
    let (question, other) = (passkeys.ask(&[]).unwrap(), passkeys.ask(&[]).unwrap());
    let next = Doing { counter: 6, ..RIGHT };
    let stranger = Device::new(device.owner);
    let foreign = Device { owner: Env::system().id(), ..registered(&passkeys).0 };
    for (why, answer) in [
        ("another site", device.sign(&question, Doing { site: "https://evil.test", ..next })),
        ("another name", device.sign(&question, Doing { name: "evil.test", ..next })),
        ("nobody verified", device.sign(&question, Doing { flags: PRESENT, ..next })),
        ("another question", device.sign(&other, next)),
        ("another key", stranger.sign(&question, next)),
        ("somebody else's", foreign.sign(&question, next)),
        ("a new key instead", device.make(&question, next)),
    ] {
        let refused = passkeys.check(&question.state, &answer, &key);
        assert!(matches!(refused, Err(PasskeyError::Refused(_))), "{why}: {refused:?}");
    }
    passkeys.check(&question.state, &device.sign(&question, next), &key).unwrap();
}

#[test]
fn browsers_have_passkeys_for_names_over_https_alone() {
    for (site, possible) in [
        ("https://shop.example", true),
        ("https://shop.example:8443", true),
        ("http://localhost:3001", true),
        ("http://shop.example", false),
        ("http://127.0.0.1:3001", false),
        ("https://127.0.0.1", false),
        ("https://[::1]", false),
    ] {
        let passkeys = WebauthnPasskeys::of_site(site);
        assert_eq!(passkeys.possible(), possible, "{site}");
        assert_eq!(passkeys.ask(&[]).is_ok(), possible, "{site}");
    }
}
