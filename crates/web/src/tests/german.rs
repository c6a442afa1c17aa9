//! The pages for who asks for German: no English is left on them but the catalogue's.

use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

use actix_web::{
    http::{Method, StatusCode},
    test::TestRequest,
};
use cases::CaseKind;
use flows::testing::MemoryShop;
use provisioning::{ProviderError, RemoteRef, ServiceState, testing::Fault};

use super::{
    browser::{Answer, Browser, Form, state},
    factors::code,
    stories::{USUAL, facts, states, visits},
};
use crate::views::order::live;

/// What is in nearly every English sentence, and in no German one.
const ENGLISH: &str = "the The your Your you You and And is of to To with this This it It for or be Sign sign Please please \
                       password account order Order Nothing";

/// The sample catalogue's own texts.
const OPERATORS: [&str; 2] = ["One site.", "A Minecraft server."];

/// What people see or hear of a page: texts, and the attributes that hold some.
fn read_out(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<').skip(1) {
        let (tag, rest) = part.split_once('>').unwrap();
        for name in ["aria-label", "title", "content", "data-tab", "data-known", "data-failed", "data-broken-off"] {
            let opening = format!(" {name}=\"");
            let value = tag.split_once(opening.as_str()).and_then(|(_, value)| value.split_once('"'));
            writeln!(text, "{}", value.map_or("", |(value, _)| value)).unwrap();
        }
        for said in tag.split(" data-said-").skip(1) {
            writeln!(text, "{}", said.split('"').nth(1).unwrap()).unwrap();
        }
        writeln!(text, "{rest}").unwrap();
    }
    OPERATORS.iter().fold(text, |text, words| text.replace(words, ""))
}

/// Texts of the English file: whole, or the pieces between what is filled in, where they are long enough to tell.
static MESSAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let german = include_str!("../../messages/de.ftl");
    let lines = include_str!("../../messages/en.ftl").lines().filter(|line| !line.starts_with('#'));
    let texts = lines.map(|line| line.split_once(" = ").map_or(line, |(_, text)| text));
    let pieces = texts.flat_map(|text| text.split(['{', '}', ']'])).map(str::trim);
    let telling = pieces.filter(|piece| piece.contains(' ') && piece.len() > 9 && !piece.contains('$'));
    telling.filter(|piece| !german.contains(piece)).map(|piece| piece.replace('\'', "&#x27;")).collect()
});

fn assert_german(what: &str, html: &str) {
    let text = read_out(html);
    for message in MESSAGES.iter() {
        assert!(!text.contains(message), "{what} says {message:?}:\n{text}");
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '@').collect();
    for english in ENGLISH.split_whitespace() {
        assert!(!words.contains(&english), "{what} says {english:?}:\n{text}");
    }
}

/// Somebody at a browser that asks for German.
struct German(Browser);

impl German {
    async fn ask(&self, request: TestRequest) -> Answer {
        self.0.send(request.insert_header(("accept-language", "de-CH, de;q=0.9, en;q=0.1"))).await
    }

    fn check(what: &str, answer: &Answer) {
        assert!(answer.body.starts_with("<!doctype html>\n<html lang=\"de\">"), "{what}: {}", answer.body);
        assert_eq!(answer.header("content-language"), "de", "{what}");
        assert_german(what, &answer.body);
    }

    async fn get(&self, path: &str) -> Answer {
        let answer = self.ask(TestRequest::get().uri(path)).await;
        Self::check(path, &answer);
        answer
    }

    async fn post(&self, path: &str, form: &[(&'static str, &str)], status: StatusCode) -> Answer {
        let mut entered = Form::new();
        entered.extend(form.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let request = TestRequest::post().uri(path).insert_header(("sec-fetch-site", "same-origin"));
        let answer = self.ask(request.set_form(entered)).await;
        assert_eq!(answer.status, status, "{path} {form:?}");
        Self::check(path, &answer);
        answer
    }
}

const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[actix_web::test]
async fn what_anybody_may_see_is_german_throughout() {
    let german = German(Browser::new());
    for path in [
        "/",
        "/?cycle=triennial",
        "/order/starter",
        "/order/starter?cycle=triennial&coupon=WELCOME10",
        "/order/paper-4gb",
        "/login",
        "/register",
        "/register/confirm?token=x",
        "/forgot-password",
        "/reset-password?token=x",
    ] {
        assert_eq!(german.get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/nowhere", "/orders/x", "/order/nope"] {
        assert_eq!(german.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let other = german.ask(TestRequest::default().method(Method::DELETE).uri("/login")).await;
    assert_eq!((other.status, other.header("content-language")), (StatusCode::METHOD_NOT_ALLOWED, "de"));
    German::check("another method", &other);
    other.says("Diese Adresse nimmt GET, HEAD, POST an.");
    let foreign = TestRequest::post().uri("/login").insert_header(("sec-fetch-site", "cross-site"));
    German::check("a foreign form", &german.ask(foreign).await);
}

#[actix_web::test]
async fn what_is_wrong_with_a_form_is_said_in_german() {
    let german = German(Browser::new());
    german.post("/login", &[("email", "x@example.com"), ("password", "guess")], WRONG).await;
    german.post("/register", &[("email", "x"), ("name", "")], WRONG).await;
    german.post("/register", &[("email", "x@example.com"), ("name", "X"), ("password", "short")], WRONG).await;
    german.post("/register/confirm", &[("token", "x"), ("password", "long enough")], WRONG).await;
    german.post("/forgot-password", &[("email", "x")], WRONG).await;
    german.post("/forgot-password", &[("email", "x@example.com")], StatusCode::OK).await;
    german.post("/reset-password", &[("token", "x"), ("password", "long enough one")], WRONG).await;
    for entered in [
        &[("name", ""), ("email", "x"), ("domain_mode", "own"), ("coupon", "NOPE")][..],
        &[("name", "X"), ("email", "x@example.com"), ("coupon", "SPRING24"), ("cycle", "monthly")],
        &[("name", "X"), ("email", "x@example.com"), ("coupon", "GAME5"), ("cycle", "monthly")],
        &[("name", "X"), ("email", "x@example.com"), ("cycle", "yearly"), ("subdomain", "../x")],
        &[("name", "X"), ("email", "x@example.com"), ("cycle", "monthly"), ("subdomain", "../x")],
    ] {
        german.post("/order/starter", entered, WRONG).await;
    }
    let game = [("name", "X"), ("email", "x@example.com"), ("cycle", "monthly"), ("region", "mars"), ("trial", "1")];
    german.post("/order/paper-4gb", &game, WRONG).await;
    let trial = [("action", "show"), ("cycle", "monthly"), ("trial", "1"), ("coupon", "WELCOME10")];
    german.post("/order/starter", &trial, StatusCode::OK).await;
    let busy = loop {
        let request = TestRequest::post().uri("/forgot-password").insert_header(("sec-fetch-site", "same-origin"));
        let answer = german.ask(request.set_form(Form::from([("email", "x@example.com".to_owned())]))).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
    };
    German::check("too many tries", &busy);
    busy.says("Zu viele Versuche. Bitte versuchen Sie es in 10 Minuten wieder.");
}

#[actix_web::test]
async fn what_a_customer_sees_is_german_throughout() {
    let german = German(Browser::new());
    german.0.register("rita@example.com").await;
    let path = german.0.order("/order/paper-4gb").await;
    german.get(&format!("{path}/pay")).await;
    german.get(&path).await;
    german.0.pay().await;
    german.0.shop.work(100).await;
    german.get(&path).await.says("Das steht auch in").says("Adresse");
    let events = german.ask(TestRequest::get().uri(&format!("{path}/events?seen=old"))).await;
    assert_german("the stream", &events.body);
    for path in [
        "/account",
        "/account/address",
        "/account/address/confirm?token=x",
        "/account/password",
        "/account/privacy",
        "/account/privacy/erase",
        "/account/prove",
        "/account/security",
        "/account/security/passkeys",
    ] {
        assert_eq!(german.get(path).await.status, StatusCode::OK, "{path}");
    }
    let service = german.0.shop.db.with(|store| *store.services.services.keys().next().unwrap());
    let service = format!("/account/services/{service}");
    assert_eq!(german.get(&service).await.status, StatusCode::OK);
    german.get(&format!("{service}?done=stop")).await.says("Das Anhalten wurde veranlasst");
    german.get(&format!("{service}/console")).await;
    let id = german.0.shop.db.with(|store| *store.services.services.keys().next().unwrap());
    german.0.shop.db.with(|store| store.services.services.get_mut(&id).unwrap().kind = "email".to_owned());
    german.get(&service).await.says("Passwort setzen");
    german.post(&format!("{service}/password"), &[("password", "kurz")], WRONG).await;
    german.get(&format!("{service}?done=password")).await;
    german.0.shop.providers.0.fail_at(1, false);
    german.get(&service).await.says("sagt es gerade nicht");
    german.0.post("/account/security/app", &Form::new()).await.location();
    german.get("/account/security/app").await;
    german.post("/account/security/app/confirm", &[("code", "000000")], WRONG).await;
    german.post("/account/security/passkeys/rename", &[("name", "x")], StatusCode::NOT_FOUND).await;
    german.post("/account/address", &[("email", "new@example.com"), ("password", "guess")], WRONG).await;
    german.post("/account/address", &[("email", "new@example.com"), ("password", "long enough")], StatusCode::OK).await;
    german.post("/account/address/confirm", &[("token", "x")], WRONG).await;
    german.post("/account/password", &[("current", "guess"), ("new", "another one")], WRONG).await;
    german.post("/account/prove", &[("password", "guess")], WRONG).await;
    german.post("/account/privacy/erase", &[], StatusCode::OK).await.says("Ihr Konto ist gelöscht");
}

#[actix_web::test]
async fn the_second_factor_is_asked_for_in_german() {
    let german = German(Browser::new());
    german.0.register("rita@example.com").await;
    german.0.post("/account/security/app", &Form::new()).await.location();
    let code = code(&german.0).await;
    german.post("/account/security/app/confirm", &[("code", &code)], StatusCode::OK).await.says("nur dieses eine Mal");
    german.get("/account/security").await.says("noch 10");
    german.get("/account/prove").await.says("oder ein Wiederherstellungscode");
    let phone = German(german.0.stranger());
    let right =
        [("email", "rita@example.com"), ("password", "long enough")].map(|(name, value)| (name, value.to_owned()));
    phone.0.post("/login", &Form::from(right)).await.location();
    phone.get("/login/second-factor").await;
    phone.post("/login/second-factor", &[("code", "000000")], WRONG).await.says("Dieser Code gilt nicht.");
}

#[actix_web::test]
async fn every_state_of_an_order_is_told_in_german() {
    let web = state(&Arc::new(MemoryShop::new()));
    let remote = || RemoteRef { id: "1".to_owned(), identifier: "a".to_owned() };
    let services = [
        ServiceState::Provisioning,
        ServiceState::Installing(remote()),
        ServiceState::Uncertain,
        ServiceState::Active(remote()),
    ];
    let all = "placed payment_page_opened payment_page_failed payment_failed paid provisioning installing delivery_waits \
               provisioned needs_attention gave_up delivery_retried refunded refunded_in_full paid_twice dispute_opened \
               dispute_closed expired cancelled refund_asked refund_of_all_asked refund_failed refund_retried";
    let all: Vec<&str> = all.split_whitespace().collect();
    for order_state in states() {
        for (service, events) in services.iter().flat_map(|state| [(state, &all[..]), (state, &["placed", "paid"])]) {
            let mut facts = facts(order_state.clone(), Some(service.clone()), events).await;
            facts.order.disputed = true;
            facts.cases = CaseKind::ALL.to_vec();
            for visit in visits() {
                let part = web.renderer.part(("order_live", "de"), &live(&facts, visit, USUAL)).unwrap();
                assert_german(&format!("{order_state:?} {service:?} {visit:?}"), &part);
            }
        }
    }
}

#[actix_web::test]
async fn an_order_that_a_person_must_finish_is_told_in_german() {
    let german = German(Browser::new());
    let path = german.0.order("/order/starter").await;
    german.0.pay().await;
    german.0.shop.providers.0.plan(Fault::Before(ProviderError::Refused { detail: "no egg".to_owned() }));
    german.0.shop.work(100).await;
    german.get(&path).await.says("Jemand von uns stellt Ihre Bestellung fertig").hides("no egg");
}
