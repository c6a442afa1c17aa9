//! Whose server it becomes.

use provisioning::{Provider, ProviderError};
use serde_json::json;

use crate::{
    buyer_key, order, provider,
    stub::{StubPanel, contract_error},
};

#[tokio::test]
async fn a_partly_equal_address_is_somebody_else() {
    let panel = StubPanel::start();
    let order = order(1);
    let stranger = panel.add_user("notbob@x.com", None);
    provider(&panel).create(&order).await.unwrap();
    assert_ne!(panel.servers()[0]["user"], json!(stranger));
    assert_eq!(panel.users().len(), 2);
    assert_eq!(panel.users()[0]["external_id"], json!(null));
    assert_eq!(panel.users()[1]["email"], "bob@x.com");
}

#[tokio::test]
async fn every_page_is_read_and_case_does_not_matter() {
    let panel = StubPanel::start();
    for count in 0..5 {
        panel.add_user(&format!("{count}bob@x.com"), None);
    }
    let bob = panel.add_user("Bob@X.com", None);
    let order = order(2);
    provider(&panel).create(&order).await.unwrap();
    assert_eq!(panel.servers()[0]["user"], json!(bob));
    assert_eq!(panel.users().len(), 6);
}

#[tokio::test]
async fn a_user_without_a_key_gets_ours_and_keeps_the_rest() {
    let panel = StubPanel::start();
    let bob = panel.add_user("bob@x.com", None);
    let order = order(3);
    provider(&panel).create(&order).await.unwrap();
    let user = &panel.users()[0];
    assert_eq!(user["external_id"], buyer_key(&order));
    assert_eq!(
        (&user["username"], &user["first_name"], &user["last_name"]),
        (&json!("user1"), &json!("First"), &json!("Last"))
    );
    assert_eq!(panel.writes(), [format!("PATCH /users/{bob}"), "POST /servers".to_owned()]);
}

#[tokio::test]
async fn a_user_of_another_system_is_left_alone() {
    let panel = StubPanel::start();
    panel.add_user("bob@x.com", Some("17"));
    let error = provider(&panel).create(&order(4)).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused { detail } if detail.contains("external id")), "{error}");
    assert!(panel.writes().is_empty());
}

#[tokio::test]
async fn a_user_name_that_is_taken_leads_to_another_one() {
    let panel = StubPanel::start();
    panel.fail("POST", "/users", contract_error("username_taken"));
    provider(&panel).create(&order(5)).await.unwrap();
    assert_eq!(panel.writes(), ["POST /users", "POST /users", "POST /servers"]);
    let calls = panel.calls();
    let names: Vec<_> = calls.iter().filter(|call| call.path.ends_with("/users") && call.method == "POST").collect();
    assert_ne!(names[0].body["username"], names[1].body["username"]);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_looked_for_again() {
    let panel = StubPanel::start();
    let order = order(6);
    // Somebody makes the user between our look and our create.
    panel.fail_after("POST", "/users", contract_error("email_taken"));
    provider(&panel).create(&order).await.unwrap();
    assert_eq!(panel.users().len(), 1);

    let hidden = StubPanel::start();
    hidden.fail("POST", "/users", contract_error("email_taken"));
    let error = provider(&hidden).create(&order).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { .. }), "{error}");
    assert!(hidden.servers().is_empty());
}

#[tokio::test]
async fn two_customers_with_one_address_do_not_share_a_user() {
    let panel = StubPanel::start();
    let provider = provider(&panel);
    provider.create(&order(7)).await.unwrap();
    let error = provider.create(&order(8)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { .. }), "{error}");
    assert_eq!(panel.servers().len(), 1);
}
