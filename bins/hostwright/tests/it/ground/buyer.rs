//! Somebody who buys, patiently: what is not answered is sent again, under the same key.

use serde_json::{Value, json};

use super::desk::{Ask, Desk, text};

/// What is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goods {
    /// By a guest, with the coupon, as the hosting shop's clients do.
    Hosting,
    /// By a registered customer, as the game shop's clients do.
    Game,
}

/// Somebody.
pub(crate) struct Buyer {
    desk: Desk,
    goods: Goods,
    pub(crate) email: String,
    number: u16,
}

/// An order with its payment page.
#[derive(Debug, Clone)]
pub(crate) struct Purchase {
    pub(crate) goods: Goods,
    pub(crate) email: String,
    pub(crate) order: String,
    pub(crate) session: String,
    /// The buyer has a password of their own: [`PASSWORD`].
    pub(crate) settled: bool,
}

/// The password of those who chose one themselves.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl Buyer {
    pub(crate) fn new(desk: Desk, goods: Goods, number: u16) -> Self {
        let who = if goods == Goods::Game { "player" } else { "guest" };
        Self { desk, goods, email: format!("{who}-{number}@example.com"), number }
    }

    /// Registers where that is needed, and orders.
    pub(crate) async fn order(self) -> Purchase {
        let token = if self.goods == Goods::Game { Some(self.register().await) } else { None };
        let (body, key) = (self.wish(), format!("key-of-{}", self.email));
        let ask =
            Ask { path: "/api/checkout/create-session", token: token.as_deref(), key: Some(&key), body: Some(&body) };
        let started = self.desk.done(&ask).await;
        let (order, session) = (text(&started, "orderId"), text(&started, "sessionId"));
        Purchase { goods: self.goods, email: self.email, order, session, settled: self.goods == Goods::Game }
    }

    /// Orders and pays.
    pub(crate) async fn buy(self) -> Purchase {
        let desk = self.desk.clone();
        let purchase = self.order().await;
        desk.pay(&purchase.session).await;
        purchase
    }

    /// The token. An account that is there already was made by a first try whose answer got lost.
    async fn register(&self) -> String {
        let account = json!({ "email": self.email, "password": PASSWORD, "name": "Petra Player" });
        let reply = self.desk.insist(&Ask { path: "/api/auth/register", body: Some(&account), ..Ask::default() }).await;
        assert!(matches!(reply.status, 201 | 409), "{reply:?}");
        sign_in(&self.desk, &self.email, PASSWORD).await.0
    }

    fn wish(&self) -> Value {
        match self.goods {
            Goods::Hosting => json!({
                "planId": "starter", "billingCycle": "monthly", "trialActive": false, "couponCode": "WELCOME10",
                "customer": { "name": "Gerda Guest", "email": self.email },
                "domain": { "mode": "subdomain", "value": format!("site-{}", self.number) },
            }),
            Goods::Game => json!({
                "plan_id": "paper-4gb", "item_type": "game", "term": "monthly", "region": "us-central",
                "server_name": format!("World {}", self.number),
            }),
        }
    }
}

/// The token, and whether the password must be changed.
pub(super) async fn sign_in(desk: &Desk, email: &str, password: &str) -> (String, bool) {
    let login = json!({ "email": email, "password": password });
    let answer = desk.done(&Ask { path: "/api/auth/login", body: Some(&login), ..Ask::default() }).await;
    (text(&answer, "token"), answer["user"]["mustChangePassword"].as_bool().unwrap())
}
