//! What strangers may send to the webhook and as a bearer token, fuzzed (docs/CONTRIBUTING.md).

use std::{collections::BTreeSet, fs, path::PathBuf};

use checkout::PaymentGateway as _;
use chrono::{DateTime, Duration};
use hmac::{Hmac, KeyInit, Mac};
use infra::{
    stripe::{StripeGateway, StripeSettings, WEBHOOK_TOLERANCE, verify, verify_header},
    tokens::{TOKEN_MINUTES, TokenError, Tokens},
};
use kernel::{Id, Timestamp};
use proptest::{prop_assert, prop_assert_eq};
use secrecy::SecretString;
use sha2::Sha256;
use testkit::fuzz::{corpus, fuzz};

const SECRET: &str = "whsec_of_the_fuzzing";

fn now() -> Timestamp {
    DateTime::from_timestamp(1_795_687_200, 0).unwrap()
}

fn signature(time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The header in the first line, the body in the rest.
fn split(input: &[u8]) -> (String, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    (String::from_utf8_lossy(&input[..end]).into_owned(), input.get(end + 1..).unwrap_or_default())
}

#[test]
fn whatever_webhook_verifies_was_signed_by_us() {
    // All that was ever signed with the secret.
    let mut signed: BTreeSet<(String, Vec<u8>)> = BTreeSet::new();
    for input in corpus("webhook_signature") {
        let (header, body) = split(&input);
        let times = header.split(',').filter_map(|part| part.strip_prefix("t=")).map(str::to_owned);
        signed.extend(times.filter(|time| header.contains(&signature(time, body))).map(|time| (time, body.to_vec())));
    }
    assert!(signed.len() >= 4, "the corpus has signed ones: {signed:?}");
    let secrets = [SecretString::from("whsec_another"), SecretString::from(SECRET)];
    fuzz("webhook_signature", Vec::new(), |input| {
        let (header, body) = split(input);
        let outcome = verify(&header, body, &secrets, now(), WEBHOOK_TOLERANCE);
        let time = header.split(',').find_map(|part| part.strip_prefix("t=")).unwrap_or_default();
        if outcome.is_ok() {
            prop_assert!(signed.contains(&(time.to_owned(), body.to_vec())), "a forgery verifies");
            prop_assert_eq!(verify_header(&header, now(), WEBHOOK_TOLERANCE), Ok(()), "its header alone was refused");
        }
        let later = now() + Duration::seconds(602);
        prop_assert!(verify(&header, body, &secrets, later, WEBHOOK_TOLERANCE).is_err(), "it can be replayed");
        prop_assert!(verify(&header, body, &[SecretString::from("")], now(), WEBHOOK_TOLERANCE).is_err(), "no secret");
        Ok(())
    });
}

/// The events of the contract, in two versions of the API.
fn events() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stripe_events"));
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn whatever_event_comes_is_stored_whole_and_read_or_refused() {
    let settings = StripeSettings {
        secret_key: "sk_test_x".into(),
        api_base: "http://127.0.0.1:1".to_owned(),
        outgoing: infra::outgoing::Outgoing::default(),
    };
    let gateway = StripeGateway::new(settings).unwrap();
    let events = events();
    assert!(events.len() > 20, "the fixtures are there");
    fuzz("stripe_event", events, |raw| {
        let stored = gateway.envelope(raw, now());
        prop_assert_eq!(&stored.raw, raw);
        let texts = [Some(&stored.id), Some(&stored.kind), stored.api_version.as_ref(), stored.object.as_ref()];
        for text in texts.into_iter().flatten() {
            // PostgreSQL takes neither, and a log would be broken by them.
            prop_assert!(!text.contains(char::is_control) && text.chars().count() <= 255, "{text:?}");
        }
        match gateway.decode(raw) {
            Ok(event) => prop_assert_eq!((event.id, event.kind), (stored.id, stored.kind), "it is stored as another"),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        Ok(())
    });
}

#[test]
fn whatever_token_reads_was_issued_by_us() {
    let tokens = Tokens::new(&SecretString::from("a key of the fuzzing that is long enough"));
    let id = |number: u128| uuid::Uuid::from_u128(number);
    let issue = |number| tokens.issue(Id::from_uuid(id(number)), Id::from_uuid(id(9)), now()).unwrap();
    let issued = [issue(1), issue(2)];
    let others = Tokens::new(&SecretString::from("another key that is long enough as well"));
    let foreign = others.issue(Id::from_uuid(id(1)), Id::from_uuid(id(9)), now()).unwrap();
    let mut seeds: Vec<Vec<u8>> = issued.iter().map(|token| token.clone().into_bytes()).collect();
    seeds.push(foreign.into_bytes());
    fuzz("bearer_token", seeds, |input| {
        let token = String::from_utf8_lossy(input);
        let ours = issued.iter().position(|known| *known == token);
        match tokens.read(&token, now()) {
            Ok(session) => {
                let number = ours.map(|place| place as u128 + 1);
                prop_assert_eq!(Some(session), number.map(|number| Id::from_uuid(id(number))), "a changed token reads");
            }
            Err(error) => prop_assert!(ours.is_none() && error == TokenError::Invalid, "{error}"),
        }
        let end = now() + Duration::minutes(TOKEN_MINUTES);
        prop_assert!(tokens.read(&token, end).is_err(), "it outlives its time");
        Ok(())
    });
}
