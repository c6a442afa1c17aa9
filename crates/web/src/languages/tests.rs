use std::collections::{BTreeMap, BTreeSet};

use actix_web::test::TestRequest;
use fluent_bundle::FluentResource;
use kernel::{Currency, Money};
use serde_json::json;

use super::*;
use crate::say::{Fill, say};

fn language(tag: &str) -> Arc<Texts> {
    all().unwrap().into_iter().find(|texts| texts.tag == tag).unwrap()
}

/// Every message of a file with the names of what is filled in.
fn messages(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in file.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if !line.starts_with([' ', '}', '[', '*']) {
            current = line.split_once('=').unwrap().0.trim().to_owned();
            assert!(found.insert(current.clone(), BTreeSet::new()).is_none(), "{current} is there twice");
        }
        let names = line.split('$').skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '-'));
        found.get_mut(&current).unwrap().extend(names.map(|mut parts| parts.next().unwrap().to_owned()));
    }
    found
}

/// The keys that templates and views name.
fn used() -> BTreeSet<String> {
    sources().iter().flat_map(|(_, text)| named(text)).collect()
}

/// The keys that a file names.
fn named(text: &str) -> BTreeSet<String> {
    let openings = ["say(\"", "{{t \"", "(t \""].into_iter();
    let keys = openings.flat_map(|opening| text.split(opening).skip(1)).map(|rest| rest.split('"').next().unwrap());
    keys.filter(|key| !key.is_empty() && !key.contains(' ')).map(str::to_owned).collect()
}

/// Every file of the sources: its path and what is in it.
fn sources() -> Vec<(std::path::PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
    files
}

/// What the languages themselves need.
const OWN: [&str; 6] =
    ["language-name", "decimal-mark", "group-mark", "amount-with-sign", "amount-with-code", "date-and-time"];

#[test]
fn every_language_has_every_message_with_the_same_places_and_no_other() {
    let first = messages(FILES[0].1);
    for (tag, file) in FILES {
        FluentResource::try_new(file.to_owned()).unwrap_or_else(|(_, errors)| panic!("{tag}: {errors:?}"));
        let these = messages(file);
        for (key, places) in &first {
            assert_eq!(these.get(key), Some(places), "{tag}: {key}");
        }
        let others: Vec<_> = these.keys().filter(|key| !first.contains_key(*key)).collect();
        assert!(others.is_empty(), "{tag} alone has {others:?}");
    }
}

#[test]
fn every_message_that_is_named_is_there_and_every_one_that_is_there_is_named() {
    let there: BTreeSet<String> = messages(FILES[0].1).into_keys().collect();
    let mut named = used();
    named.extend(OWN.map(str::to_owned));
    named.retain(|key| !key.starts_with("test-"));
    let missing: Vec<_> = named.difference(&there).collect();
    let unused: Vec<_> = there.difference(&named).collect();
    assert!(missing.is_empty() && unused.is_empty(), "missing: {missing:?}; unused: {unused:?}");
}

#[test]
fn whoever_says_a_message_fills_its_places() {
    let messages = messages(FILES[0].1);
    for (path, text) in sources().iter().filter(|(path, _)| !path.to_string_lossy().contains("tests")) {
        for key in named(text) {
            for place in messages.get(&key).into_iter().flatten() {
                let filled = text.contains(&format!(".with(\"{place}\"")) || text.contains(&format!(" {place}="));
                assert!(filled, "{}: nothing is filled into '{place}' of '{key}'", path.display());
            }
        }
    }
}

#[test]
fn amounts_and_dates_are_written_as_the_language_writes_them() {
    let amount = |tag: &str, minor, currency: &str| {
        let fill = Fill::from(Money::new(minor, currency.parse::<Currency>().unwrap()));
        language(tag).speak(&serde_json::to_value(fill).unwrap()).unwrap()
    };
    assert_eq!(amount("en", 799, "USD"), "$7.99");
    assert_eq!(amount("en", 123_456_789, "USD"), "$1,234,567.89");
    assert_eq!(amount("de", 123_456, "EUR"), "1.234,56\u{a0}€");
    assert_eq!(amount("en", -80, "EUR"), "−€0.80");
    assert_eq!(amount("en", 1200, "JPY"), "1,200 JPY");
    let at = json!({ "at": "2026-03-07T06:02:09Z" });
    assert_eq!(language("en").speak(&at).unwrap(), "7 Mar 2026, 06:02 UTC");
    assert_eq!(language("de").speak(&at).unwrap(), "7. März 2026, 06:02 UTC");
}

#[test]
fn what_cannot_be_said_is_an_error_and_not_an_empty_text() {
    let english = language("en");
    assert!(english.speak(&serde_json::to_value(say("test-unknown")).unwrap()).is_err());
    let nothing_filled_in = json!({ "say": "date-and-time", "with": {} });
    assert!(english.speak(&nothing_filled_in).is_err());
    assert!(english.speak(&Value::Null).is_err());
}

#[test]
fn a_shop_says_messages_in_its_own_words_and_only_those_that_there_are() {
    let own = |language: &str, key: &str, words: &str| {
        let texts = BTreeMap::from([(key.to_owned(), words.to_owned())]);
        with(&BTreeMap::from([(language.to_owned(), texts)]))
    };
    let said = own("en", "plans-headline", "Blocks for everybody\nand their friends").unwrap();
    let headline = |texts: &Texts| texts.message("plans-headline", std::iter::empty()).unwrap();
    assert_eq!(headline(&said[0]), "Blocks for everybody\nand their friends");
    assert_ne!(headline(&said[1]), headline(&said[0]), "German stays as it is");
    for (language, key, words) in
        [("tlh", "plans-headline", "x"), ("en", "plans-headlin", "x"), ("en", "plans-headline", "{ $")]
    {
        assert!(own(language, key, words).is_err(), "{language} {key} {words}");
    }
}

#[test]
fn the_chosen_language_comes_before_the_browsers_and_that_before_ours() {
    let of = |cookie: Option<&str>, accept: Option<&str>| {
        let mut request = TestRequest::default();
        if let Some(cookie) = cookie {
            request = request.insert_header(("cookie", format!("{}={cookie}", COOKIES[1])));
        }
        if let Some(accept) = accept {
            request = request.insert_header(("accept-language", accept));
        }
        of_request(&request.to_http_request())
    };
    assert_eq!(of(None, None), "en");
    assert_eq!(of(None, Some("fr, de-AT;q=0.8, en;q=0.5")), "de");
    assert_eq!(of(Some("en"), Some("de")), "en");
    assert_eq!(of(Some("tlh"), Some("de")), "de");
    assert_eq!(of(None, Some(";;q=x")), "en");
}
