//! What is asked for by mail: who gets which link, how long it counts, and what is seen when no mail comes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use accounts::{AnswerRequest, LinkError};
use audit::Origin;
use chrono::Duration;
use flows::{AccountError, testing::MemoryShop};
use secrecy::SecretString;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn ask(shop: &MemoryShop, email: &str) {
    let ada = (email.parse().unwrap(), "Ada".to_owned());
    flows::ask_to_register(shop, ada, &secret("long enough"), &Origin::default()).await.unwrap();
}

/// Of the link in the latest mail.
fn mailed_token(shop: &MemoryShop) -> SecretString {
    let mail = shop.mailer.arrived().pop().unwrap();
    secret(mail.text.split_once("token=").unwrap().1.split_whitespace().next().unwrap())
}

async fn confirm(shop: &MemoryShop, token: &SecretString) -> Result<(), AccountError> {
    let entered = flows::confirm_registration(shop, token, &secret("long enough"), &Origin::default()).await;
    entered.map(|_| ())
}

#[tokio::test]
async fn a_link_counts_until_its_end_and_once() {
    let shop = MemoryShop::new();
    ask(&shop, "ada@example.com").await;
    shop.work(10).await;
    let late = mailed_token(&shop);
    shop.advance(Duration::hours(24));
    assert!(matches!(confirm(&shop, &late).await, Err(AccountError::Link(LinkError::Spent))));
    ask(&shop, "ada@example.com").await;
    shop.work(10).await;
    let token = mailed_token(&shop);
    shop.advance(Duration::hours(24) - Duration::seconds(1));
    confirm(&shop, &token).await.unwrap();
    assert!(matches!(confirm(&shop, &token).await, Err(AccountError::Link(LinkError::Spent))));
    assert_eq!(shop.db.with(|store| store.accounts.users.len()), 1);
    assert!(shop.db.with(|store| store.accounts.sealed.is_empty()), "no link is kept once its mail is out");
}

/// Two asked for one address, and both links came back: the first opens the account.
#[tokio::test]
async fn an_address_is_opened_once() {
    let shop = MemoryShop::new();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        ask(&shop, "ada@example.com").await;
        shop.work(10).await;
        tokens.push(mailed_token(&shop));
    }
    confirm(&shop, &tokens[1]).await.unwrap();
    assert!(matches!(confirm(&shop, &tokens[0]).await, Err(AccountError::Link(LinkError::Spent))));
    assert_eq!(shop.db.with(|store| store.accounts.users.len()), 1);
}

#[tokio::test]
async fn a_request_that_nobody_could_answer_is_a_case_until_it_is_answered() {
    let shop = MemoryShop::new();
    ask(&shop, "ada@example.com").await;
    let request = shop.db.with(|store| store.accounts.requests.values().next().unwrap().id);
    flows::request_is_dead(&shop, AnswerRequest { request }, "out of tries").await.unwrap();
    let open = || shop.db.with(|store| store.cases.open().map(|case| case.reason.clone()).collect::<Vec<_>>());
    assert!(open()[0].contains("was sent no mail: out of tries"), "{:?}", open());
    shop.advance(Duration::minutes(20));
    shop.work(10).await;
    assert_eq!(open(), Vec::<String>::new(), "the mail is on its way");
    confirm(&shop, &mailed_token(&shop)).await.unwrap();
}
