//! Buying as customers do: over HTTP, in both shapes that clients use.

use std::time::Duration;

use infra::http::HttpClient;
use kernel::{Env, Timestamp};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{PATIENCE, Plan, show};
use crate::failure::Failed;

/// A purchase under way.
pub(crate) struct Purchase {
    pub(crate) title: &'static str,
    pub(crate) order: String,
    email: String,
    mails: usize,
}

/// One call; an answer that is no success is an error with its body.
async fn call(
    http: &HttpClient,
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<Value, Failed> {
    let step = || format!("{method} {url}");
    let parsed: reqwest::Url = url.parse().map_err(|error| Failed::new(step(), error))?;
    let mut request = http.request(method.clone(), parsed);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = http.send(request).await.map_err(|error| Failed::new(step(), error))?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if !answer.status.is_success() {
        return Err(Failed::new(step(), format!("{}: {}", answer.status, text.chars().take(400).collect::<String>())));
    }
    serde_json::from_str(&text).map_err(|error| Failed::new(step(), error))
}

fn text(value: &Value, name: &str) -> Result<String, Failed> {
    let found = value.get(name).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| Failed::new("read the answer", format!("it has no '{name}': {value}")))
}

/// A name that no earlier demo used.
fn unique(name: &str) -> String {
    let token = Env::system().token();
    format!("{name}-{}", token.expose_secret().chars().take(8).collect::<String>())
}

/// A registered customer buys a game server, as the game shop's clients do.
pub(crate) async fn game_server(plan: &Plan, http: &HttpClient) -> Result<Purchase, Failed> {
    show::step("A customer registers, signs in and orders a Minecraft server");
    let (api, email) = (plan.api_url(), format!("{}@example.com", unique("player")));
    let password = Env::system().secret(20).expose_secret().to_owned();
    let account = json!({ "email": email, "password": password, "name": "Petra Player" });
    let asked = call(http, Method::POST, &format!("{api}/api/auth/register"), None, Some(&account)).await?;
    // Whoever is signed in at once needs no mail (REGISTRATION=direct).
    let confirmed = asked.get("token").is_none();
    if confirmed {
        show::step("The link in a mail opens the account");
        let token = mailed_token(plan, http, &email).await?;
        let confirm = json!({ "token": token, "password": password });
        call(http, Method::POST, &format!("{api}/api/auth/register/confirm"), None, Some(&confirm)).await?;
    }
    let login = json!({ "email": email, "password": password });
    let signed_in = call(http, Method::POST, &format!("{api}/api/auth/login"), None, Some(&login)).await?;
    let token = text(&signed_in, "token")?;
    let order = json!({
        "plan_id": "paper-4gb", "item_type": "game", "term": "monthly", "region": "us-central",
        "server_name": "Block Party",
    });
    let url = format!("{api}/api/checkout/create-session");
    let session = call(http, Method::POST, &url, Some(&token), Some(&order)).await?;
    pay(plan, http, &session).await?;
    let mails = if confirmed { 3 } else { 2 };
    Ok(Purchase { title: "Game server", order: text(&session, "orderId")?, email, mails })
}

/// A guest buys web hosting with a coupon, as the hosting shop's clients do.
pub(crate) async fn hosting(plan: &Plan, http: &HttpClient) -> Result<Purchase, Failed> {
    show::step("A guest orders web hosting with the coupon WELCOME10");
    let email = format!("{}@example.com", unique("guest"));
    let order = json!({
        "planId": "starter", "billingCycle": "monthly", "trialActive": false, "couponCode": "WELCOME10",
        "customer": { "name": "Gerda Guest", "email": email },
        "domain": { "mode": "subdomain", "value": unique("gerda") },
    });
    let url = format!("{}/api/checkout/create-session", plan.api_url());
    let session = call(http, Method::POST, &url, None, Some(&order)).await?;
    pay(plan, http, &session).await?;
    Ok(Purchase { title: "Web hosting", order: text(&session, "orderId")?, email, mails: 3 })
}

/// A guest buys a virtual server, which a stand-in for a cluster makes.
pub(crate) async fn machine(plan: &Plan, http: &HttpClient) -> Result<Purchase, Failed> {
    show::step("A guest orders a virtual server");
    let email = format!("{}@example.com", unique("vera"));
    let order = json!({
        "planId": "vps-now", "billingCycle": "monthly", "trialActive": false,
        "customer": { "name": "Vera Virtual", "email": email },
    });
    let url = format!("{}/api/checkout/create-session", plan.api_url());
    let session = call(http, Method::POST, &url, None, Some(&order)).await?;
    pay(plan, http, &session).await?;
    Ok(Purchase { title: "Virtual server", order: text(&session, "orderId")?, email, mails: 3 })
}

async fn pay(plan: &Plan, http: &HttpClient, session: &Value) -> Result<(), Failed> {
    let page = text(session, "url")?;
    if plan.real().stripe {
        println!("  Pay here, with a test card: {page}");
        return Ok(());
    }
    show::step(&format!("Paying at {page}"));
    let url = format!("{}/control/stripe/sessions/{}/pay", plan.sandbox_url(), text(session, "sessionId")?);
    call(http, Method::POST, &url, None, Some(&json!({ "outcome": "paid" }))).await?;
    Ok(())
}

/// Shows an order's history as it happens until its service runs. Returns how long it took from being paid to its
/// provider being asked.
pub(crate) async fn follow(plan: &Plan, http: &HttpClient, purchase: &Purchase) -> Result<Option<Duration>, Failed> {
    let url = format!("{}/api/orders/{}", plan.api_url(), purchase.order);
    // A person pays at the real Stripe, and that takes as long as it takes.
    let patience = if plan.real().stripe { Duration::from_hours(1) } else { PATIENCE };
    let deadline = Instant::now() + patience;
    let mut shown: Vec<(Timestamp, String)> = Vec::new();
    loop {
        let answer = call(http, Method::GET, &url, None, None).await?;
        let order = answer.get("order").cloned().unwrap_or_default();
        for entry in order.get("timeline").and_then(Value::as_array).into_iter().flatten().skip(shown.len()) {
            shown.push(show_entry(purchase, shown.first().map(|(at, _)| *at), entry)?);
        }
        match order.get("status").and_then(Value::as_str).unwrap_or_default() {
            "provisioned" => return Ok(pickup(&shown)),
            bad @ ("needs_attention" | "cancelled" | "expired" | "refunded") => {
                return Err(Failed::new(purchase.title, format!("order {} is {bad}", purchase.order)));
            }
            waiting if Instant::now() > deadline => {
                let reason = format!("order {} is still '{waiting}' after {patience:?}", purchase.order);
                return Err(Failed::new(purchase.title, reason));
            }
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

fn show_entry(purchase: &Purchase, first: Option<Timestamp>, entry: &Value) -> Result<(Timestamp, String), Failed> {
    let at: Timestamp = text(entry, "at")?.parse().map_err(|error| Failed::new("read a timeline", error))?;
    let event = text(entry, "event")?;
    let since = (at - first.unwrap_or(at)).to_std().unwrap_or_default();
    show::event(purchase.title, since, &event, entry.get("detail").and_then(Value::as_str).unwrap_or_default());
    Ok((at, event))
}

fn pickup(shown: &[(Timestamp, String)]) -> Option<Duration> {
    let at = |name: &str| shown.iter().find(|(_, event)| event == name).map(|(at, _)| *at);
    (at("provisioning")? - at("paid")?).to_std().ok()
}

/// Waits until every mail of the purchases has arrived in the sandbox's inbox, or was taken by the real mail server.
pub(crate) async fn mails_arrived(plan: &Plan, http: &HttpClient, purchases: &[&Purchase]) -> Result<(), Failed> {
    show::step("Mails");
    let deadline = Instant::now() + PATIENCE;
    for purchase in purchases {
        loop {
            let subjects = arrived(plan, http, purchase).await?;
            if subjects.len() >= purchase.mails {
                for subject in subjects {
                    println!("  {:<14} {subject}", purchase.title);
                }
                break;
            }
            if Instant::now() > deadline {
                let reason = format!("{} of {} mails to {} arrived", subjects.len(), purchase.mails, purchase.email);
                return Err(Failed::new("mails", reason));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

async fn arrived(plan: &Plan, http: &HttpClient, purchase: &Purchase) -> Result<Vec<String>, Failed> {
    if plan.real().smtp {
        return crate::orders::mails_sent(&plan.database, &purchase.order).await;
    }
    let mails = inbox(plan, http, &purchase.email).await?;
    mails.iter().map(|mail| text(mail, "subject")).collect()
}

async fn inbox(plan: &Plan, http: &HttpClient, email: &str) -> Result<Vec<Value>, Failed> {
    let url = format!("{}/inbox.json?to={email}", plan.sandbox_url());
    let inbox = call(http, Method::GET, &url, None, None).await?;
    Ok(inbox.as_array().or_else(|| inbox.get("mails").and_then(Value::as_array)).cloned().unwrap_or_default())
}

/// The token of the link in the first mail to an address.
async fn mailed_token(plan: &Plan, http: &HttpClient, email: &str) -> Result<String, Failed> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(mail) = inbox(plan, http, email).await?.first() {
            let words = text(mail, "text")?;
            let token = words.split_once("token=").map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default());
            return token.map(str::to_owned).ok_or_else(|| Failed::new("mails", format!("no link in {words}")));
        }
        if Instant::now() > deadline {
            return Err(Failed::new("mails", format!("no mail to {email} arrived")));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
