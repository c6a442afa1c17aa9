//! One customer: comes, orders, pays or does not, and asks again when nobody answers.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    Street, count,
    desk::{Ask, Reply},
};
use crate::{
    dice::Dice,
    history::{Entry, Op, Phase},
};

const PASSWORD: &str = "correct horse battery";
/// Patient customers ask for so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// What somebody is like; all of it is drawn when they come.
pub(super) struct Buyer {
    street: Street,
    number: u32,
    email: String,
    /// A game server, as a registered customer; else hosting, as a guest.
    plays: bool,
    /// Goes away when the first try is not answered.
    hasty: bool,
    /// Clicks twice.
    nervous: bool,
    payment: Payment,
    pause: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payment {
    Card,
    /// Confirmed by the bank some time later.
    Delayed,
    Never,
}

/// How a request ended, seen by the customer.
enum Heard {
    Yes(Value),
    No(String),
    Nothing(String),
}

impl Buyer {
    pub(super) fn new(street: Street, number: u32, (dice, players): (&Dice, u64)) -> Self {
        let plays = dice.permille(players);
        let payment = match dice.below(100) {
            0..10 => Payment::Never,
            10..15 => Payment::Delayed,
            _ => Payment::Card,
        };
        let who = if plays { "player" } else { "guest" };
        Self {
            street,
            number,
            email: format!("{who}-{number}@example.com"),
            plays,
            hasty: dice.permille(100),
            nervous: dice.permille(60),
            payment,
            pause: Duration::from_millis(dice.between(60, 220)),
        }
    }

    pub(super) async fn visit(self) {
        let token = if self.plays {
            match self.register().await {
                Some(token) => Some(token),
                None => return,
            }
        } else {
            None
        };
        let Some(session) = self.order(token.as_deref()).await else { return };
        if self.payment == Payment::Never {
            return;
        }
        sleep(self.pause).await;
        self.pay(&session).await;
    }

    fn note(&self, op: Op, phase: Phase, told: (Option<String>, Option<String>, Option<String>)) {
        let (order, session, note) = told;
        let (buyer, email) = (self.number, self.email.clone());
        self.street.history.note(Entry { at_us: 0, buyer, email, op, phase, order, session, note });
    }

    /// The token. An account that is there already was made by a first try whose answer got lost.
    async fn register(&self) -> Option<String> {
        self.note(Op::Register, Phase::Invoke, (None, None, None));
        let account = json!({ "email": self.email, "password": PASSWORD, "name": "Petra Player" });
        let ask = Ask { path: "/api/auth/register", token: None, key: None, body: &account };
        if let Heard::Nothing(why) = self.insist(ask).await {
            self.note(Op::Register, Phase::Info, (None, None, Some(why)));
            return None;
        }
        let login = json!({ "email": self.email, "password": PASSWORD });
        let ask = Ask { path: "/api/auth/login", token: None, key: None, body: &login };
        match self.insist(ask).await {
            Heard::Yes(body) => {
                self.note(Op::Register, Phase::Ok, (None, None, None));
                body.get("token").and_then(Value::as_str).map(str::to_owned)
            }
            Heard::No(why) | Heard::Nothing(why) => {
                self.note(Op::Register, Phase::Fail, (None, None, Some(why)));
                None
            }
        }
    }

    /// The session to pay.
    async fn order(&self, token: Option<&str>) -> Option<String> {
        self.note(Op::Order, Phase::Invoke, (None, None, None));
        let (body, key) = (self.wish(), format!("key-of-{}", self.email));
        let ask = Ask { path: "/api/checkout/create-session", token, key: Some(&key), body: &body };
        let heard = if self.nervous {
            // Both clicks are the same order; either answer will do.
            let (first, second) = tokio::join!(self.insist(ask), self.insist(ask));
            if matches!(first, Heard::Yes(_)) { first } else { second }
        } else {
            self.insist(ask).await
        };
        let text = |body: &Value, name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        match heard {
            Heard::Yes(body) => {
                count(&self.street.counts.placed);
                let (order, session) = (text(&body, "orderId"), text(&body, "sessionId"));
                self.note(Op::Order, Phase::Ok, (order, session.clone(), None));
                session
            }
            Heard::No(why) => {
                count(&self.street.counts.refused);
                self.note(Op::Order, Phase::Fail, (None, None, Some(why)));
                None
            }
            Heard::Nothing(why) => {
                count(&self.street.counts.unknown);
                self.note(Op::Order, Phase::Info, (None, None, Some(why)));
                None
            }
        }
    }

    /// The payment page is Stripe's and not what is being tried here, so it is always there.
    async fn pay(&self, session: &str) {
        self.note(Op::Pay, Phase::Invoke, (None, Some(session.to_owned()), None));
        let desk = &self.street.desk;
        let mut paid = desk.pay(session, if self.payment == Payment::Delayed { "async" } else { "paid" }).await;
        if self.payment == Payment::Delayed && paid.is_ok() {
            sleep(Duration::from_secs(2)).await;
            paid = desk.confirm(session).await;
        }
        let (phase, why) = match paid {
            Ok(()) => {
                count(&self.street.counts.paid);
                (Phase::Ok, None)
            }
            Err(error) => (Phase::Info, Some(error.to_string())),
        };
        self.note(Op::Pay, phase, (None, Some(session.to_owned()), why));
    }

    /// Asks until there is an answer, as real clients do: the same request under the same key.
    async fn insist(&self, ask: Ask<'_>) -> Heard {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(100);
        loop {
            let why = match self.street.desk.ask(ask).await {
                Ok(Reply { status: 200..300, body }) => return Heard::Yes(body),
                Ok(Reply { status, body }) if status < 500 && status != 429 => {
                    return Heard::No(format!("{status} {body}"));
                }
                Ok(reply) => format!("{} {}", reply.status, reply.body),
                Err(error) => error.to_string(),
            };
            if self.hasty || Instant::now() > deadline {
                return Heard::Nothing(why);
            }
            // Who stands at a door that closes tries for a moment and leaves.
            if self.street.closing.load(Ordering::Relaxed) {
                pause = pause.min(Duration::from_millis(300));
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    fn wish(&self) -> Value {
        let number = self.number;
        if self.plays {
            return json!({
                "plan_id": "paper-4gb", "item_type": "game", "term": "monthly", "region": "us-central",
                "server_name": format!("World {number}"),
            });
        }
        json!({
            "planId": "starter", "billingCycle": "monthly", "trialActive": false, "couponCode": "WELCOME10",
            "customer": { "name": "Gerda Guest", "email": self.email },
            "domain": { "mode": "subdomain", "value": format!("site-{number}") },
        })
    }
}
