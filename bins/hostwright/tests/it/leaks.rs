//! No secret and no customer's address is ever written into a log.

use serde_json::{Value, json};

use crate::ground::{Ask, Goods, Ground, PASSWORD, Wishes, mailed_password, prove, text, until};

/// Ours say all they can, the others what they say in a shop.
const LEVELS: &str = "info,accounts=debug,api=debug,audit=debug,cases=debug,catalog=debug,checkout=debug,flows=debug,\
                      hostwright=debug,infra=debug,kernel=debug,limits=debug,notify=debug,orders=debug,outbound=debug,\
                      provisioning=debug,web=debug,worker=debug";

const SETTINGS: [(&str, &str); 5] = [
    ("RUST_LOG", LEVELS),
    ("JWT_SECRET", "canary-of-the-tokens-0123456789abcdef"),
    ("SECRETS_KEY", "canary-of-the-secrets-0123456789abcdef"),
    ("SMTP_USER", "canary-mailer"),
    ("SMTP_PASS", "canary-of-the-mail-server"),
];

/// Whatever must not be in a log, with what it is.
struct Canaries(Vec<(String, String)>);

impl Canaries {
    fn add(&mut self, what: &str, value: impl Into<String>) -> String {
        let value = value.into();
        assert!(value.len() >= 8, "{what} is too short to be found by: {value}");
        self.0.push((what.to_owned(), value.clone()));
        value
    }
}

/// The token of the link in the newest mail to an address, once there are so many.
async fn linked(ground: &Ground, email: &str) -> String {
    until(&format!("a link is mailed to {email}"), async || {
        let mails = ground.desk.inbox(email).await;
        let mut texts = mails.iter().rev().filter_map(|mail| mail["text"].as_str());
        let token = texts.find_map(|text| text.split_once("token="))?.1;
        Some(token.split_whitespace().next().unwrap_or_default().to_owned())
    })
    .await
}

struct Visitor<'a> {
    ground: &'a Ground,
    canaries: Canaries,
}

impl Visitor<'_> {
    async fn ask(&self, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let reply = self.ground.desk.insist(&Ask { path, token, body: Some(body), ..Ask::default() }).await;
        (reply.status, reply.body)
    }

    /// A sign-in; the bearer token is in the answer, the browser's in a cookie.
    async fn sign_in(&mut self, email: &str, password: &str) -> String {
        let url = format!("{}/api/auth/login", self.ground.desk.api);
        let body = json!({ "email": email, "password": password }).to_string();
        infra::http::install_tls_provider();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(url).header("content-type", "application/json").body(body);
        let answer = request.send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        let value = cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
        self.canaries.add("a cookie", value.clone());
        let token = serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap();
        let token = self.canaries.add("a bearer token", text(&token, "token"));
        // The cookie is used, too: in the query, where nobody should put it, and as it should be.
        let page = format!("{}/account?token={value}", self.ground.desk.api);
        let page = client.get(page).header("cookie", format!("hw_session={value}")).send().await.unwrap();
        assert!(page.status().as_u16() < 500, "{page:?}");
        token
    }

    /// Wrong and right passwords, a reset, another address, a key for machines, an event that nobody signed.
    async fn use_account(&mut self, email: &str) {
        let wrong = self.canaries.add("a wrong password", "canary wrong password");
        let login = "/api/auth/login";
        assert_eq!(self.ask(login, None, &json!({ "email": email, "password": wrong })).await.0, 401);
        self.sign_in(email, PASSWORD).await;
        assert_eq!(self.ask("/api/auth/forgot-password", None, &json!({ "email": email })).await.0, 202);
        let link = linked(self.ground, email).await;
        let link = self.canaries.add("a link's token", link);
        let chosen = self.canaries.add("a password that was chosen", "canary horse battery");
        let reset = json!({ "token": link, "newPassword": chosen });
        assert_eq!(self.ask("/api/auth/reset-password", None, &reset).await.0, 200);
        assert_eq!(self.ask("/api/auth/reset-password", None, &reset).await.0, 400, "it counts once");
        let token = self.sign_in(email, &chosen).await;
        let other = self.canaries.add("another address", "canary-other@example.com");
        let change = json!({ "email": other, "password": chosen });
        let (status, answer) = self.ask("/api/auth/change-address", Some(&token), &change).await;
        assert!(matches!(status, 202 | 400), "{answer}");
        let wish = json!({ "name": "monitoring", "scopes": "services:read" });
        let (status, key) = self.ask("/api/auth/keys/make", Some(&token), &wish).await;
        assert_eq!(status, 201, "{key}");
        let key = self.canaries.add("a key for machines", text(&key, "secret"));
        self.ground.desk.done(&Ask { path: "/api/services", token: Some(&key), ..Ask::default() }).await;
        let forged = self.canaries.add("a token that is none", "canary.forged.token");
        assert_eq!(self.ask("/api/auth/token", Some(&forged), &json!({})).await.0, 401);
        assert_eq!(self.ask("/api/webhooks/stripe", None, &json!({ "id": "evt_canary" })).await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_and_no_address_is_in_a_log() {
    let settings = SETTINGS.map(|(name, value)| (name, value.to_owned())).to_vec();
    let ground = Ground::open_with(Wishes { settings, ..Wishes::default() }).await;
    let mut visitor = Visitor { ground: &ground, canaries: Canaries(Vec::new()) };
    visitor.canaries.add("a password", PASSWORD);
    let secret = ["JWT_SECRET", "SECRETS_KEY", "SMTP_PASS", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"];
    for name in secret.into_iter().chain(["PTERODACTYL_API_KEY"]) {
        visitor.canaries.add(name, ground.env()[name].clone());
    }
    let sold = [ground.buyer(Goods::Game).buy().await, ground.buyer(Goods::Hosting).buy().await];
    for purchase in &sold {
        visitor.canaries.add("an address", purchase.email.clone());
    }
    let temporary = mailed_password(&ground, &sold[1].email).await;
    visitor.canaries.add("a temporary password", temporary);
    prove(&ground, &sold).await;
    visitor.use_account(&sold[0].email).await;
    visitor
        .ask("/api/auth/register", None, &json!({ "email": sold[0].email, "password": PASSWORD, "name": "A" }))
        .await;
    // What a command line or a mistyped setting gives away would be in the log of a start.
    let Canaries(canaries) = visitor.canaries;
    let mut ground = ground;
    ground.kill(crate::ground::Victim::Both, "to see a start").await;
    let logs = ground.logs();
    for sign in ["answered", "DEBUG", "INFO", "---- started"] {
        assert!(logs.contains(sign), "the programs log: {sign}");
    }
    for (what, canary) in canaries {
        let leaks: Vec<&str> = logs.lines().filter(|line| line.contains(&canary)).collect();
        assert!(leaks.is_empty(), "{what} is in the log ({canary}): {leaks:#?}");
    }
}
