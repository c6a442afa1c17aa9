//! One service's page: what it uses, starting and stopping it, its control panel, and whose it is.

use actix_web::http::StatusCode;
use provisioning::RemoteState;

use super::browser::{Browser, Form};

/// A game server that runs, and the path of its page.
async fn running(browser: &Browser) -> String {
    browser.register("rita@example.com").await;
    let mut form = browser.checkout("/order/paper-4gb").await;
    form.insert("server_name", "Block Party".to_owned());
    form.insert("region", "eu-west".to_owned());
    browser.post("/order/paper-4gb", &form).await.location();
    browser.pay().await;
    browser.shop.work(100).await;
    let id = browser.shop.db.with(|store| *store.services.services.keys().next().unwrap());
    format!("/account/services/{id}")
}

fn press(power: &str) -> Form<'static> {
    Form::from([("power", power.to_owned())])
}

#[actix_web::test]
async fn an_owner_sees_what_it_uses_and_starts_and_stops_it() {
    let browser = Browser::new();
    let path = running(&browser).await;
    browser.get("/account").await.says(&path).says("Use and manage");
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("Block Party").says("10.0.0.1:1").says("Stop at once").says("join by address").says("Look again");
    let pressed = browser.post(&format!("{path}/power"), &press("restart")).await;
    assert_eq!(pressed.location(), format!("{path}?done=restart"));
    browser.get(pressed.location()).await.says("It was told to restart");
    let trail: Vec<_> = browser.shop.db.with(|store| store.audit.entries());
    let entry = trail.iter().rev().find(|entry| entry.act == audit::Act::ServicePower).unwrap();
    let facts = format!("{:?}", entry.after);
    assert!(facts.contains("restart") && facts.contains("done"), "{facts}");
    assert_eq!(browser.post(&format!("{path}/power"), &press("explode")).await.status, StatusCode::BAD_REQUEST);
    let leads = browser.get(&format!("{path}/console")).await;
    leads.says("http-equiv=\"refresh\" content=\"0; url=https://panel.example/");
}

#[actix_web::test]
async fn nobody_else_reaches_it() {
    let browser = Browser::new();
    let path = running(&browser).await;
    let other = browser.stranger();
    assert_eq!(other.get(&path).await.location(), format!("/login?next={path}"));
    other.register("otto@example.com").await;
    let calls = browser.shop.providers.0.calls();
    for address in [path.clone(), format!("{path}/console")] {
        let answer = other.get(&address).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        answer.hides("Block Party").hides("panel.example");
    }
    assert_eq!(other.post(&format!("{path}/power"), &press("stop")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get("/account/services/nonsense").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.shop.providers.0.calls(), calls, "its provider was not even asked");
}

#[actix_web::test]
async fn a_provider_that_is_away_takes_nothing_with_it() {
    let browser = Browser::new();
    let path = running(&browser).await;
    browser.shop.providers.0.fail_at(1, false);
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("does not tell just now").says("10.0.0.1:1");
    browser.shop.providers.0.fail_at(1, false);
    let pressed = browser.post(&format!("{path}/power"), &press("stop")).await;
    assert!(pressed.status.is_server_error() || pressed.status == StatusCode::CONFLICT, "{}", pressed.status);
    pressed.hides("It was told to stop").says("role=\"alert\"");
}

#[actix_web::test]
async fn what_does_not_run_is_not_started_by_its_owner() {
    let browser = Browser::new();
    let path = running(&browser).await;
    let id = browser.shop.db.with(|store| *store.services.services.keys().next().unwrap());
    let suspend = async |tx: &mut _| {
        let mut env = flows::Shop::env(&*browser.shop);
        let why = (provisioning::SuspendReason::NonPayment, "the invoice is open");
        flows::ask_suspend(tx, &mut env, id, why, &audit::Actor::System("test".to_owned())).await
    };
    kernel::Transact::transaction(&browser.shop.db, suspend).await.unwrap();
    browser.shop.work(100).await;
    assert_eq!(browser.shop.providers.0.state(id), Some(RemoteState::Suspended));
    browser.get(&path).await.says("Suspended").hides("Stop at once").hides("join by address");
    let pressed = browser.post(&format!("{path}/power"), &press("start")).await;
    assert_eq!(pressed.status, StatusCode::CONFLICT);
    pressed.says("not running just now");
    assert_eq!(browser.shop.providers.0.state(id), Some(RemoteState::Suspended));
}

#[actix_web::test]
async fn an_owner_sets_the_password_of_a_mailbox_and_nothing_keeps_it() {
    let browser = Browser::new();
    let path = running(&browser).await;
    browser.get(&path).await.hides("Set this password");
    let id = browser.shop.db.with(|store| *store.services.services.keys().next().unwrap());
    browser.shop.db.with(|store| store.services.services.get_mut(&id).unwrap().kind = "email".to_owned());
    browser.get(&path).await.says("Set this password").says("It is not kept here".to_lowercase().as_str());
    let (address, password) = (format!("{path}/password"), "a long enough secret");
    let form = |password: &str| Form::from([("password", password.to_owned())]);
    let short = browser.post(&address, &form("short")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    short.says("10 to 64 characters").hides("value=\"short\"");
    let set = browser.post(&address, &form(password)).await;
    assert_eq!(set.location(), format!("{path}?done=password"));
    browser.get(set.location()).await.says("counts from now on");
    let trail = browser.shop.db.with(|store| format!("{:?}", store.audit.entries()));
    assert!(trail.contains("ServicePasswordSet") && !trail.contains(password), "{trail}");
    browser.shop.providers.0.fail_at(1, false);
    browser.post(&address, &form(password)).await.says("role=\"alert\"").hides(password);
    let other = browser.stranger();
    other.register("otto@example.com").await;
    assert_eq!(other.post(&address, &form(password)).await.status, StatusCode::NOT_FOUND);
}

/// Whoever reloads the page without end asks the panel no more than so often; the page itself goes on.
#[actix_web::test]
async fn looking_again_and_again_does_not_wear_the_panel_out() {
    let browser = Browser::new();
    let path = running(&browser).await;
    let before = browser.shop.providers.0.calls();
    for _ in 0..60 {
        assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    }
    browser.get(&path).await.says("does not tell just now").says("10.0.0.1:1");
    let asked = browser.shop.providers.0.calls() - before;
    assert!((10..=30).contains(&asked), "asked {asked} times");
}

#[actix_web::test]
async fn nothing_is_started_and_stopped_where_nothing_runs_and_a_password_is_set_where_there_is_one() {
    let browser = Browser::new();
    let path = running(&browser).await;
    for (kind, starts, signs_in) in
        [("game", true, false), ("hosting", true, true), ("storage", false, true), ("email", false, true)]
    {
        browser.shop.db.with(|store| {
            let id = *store.services.services.keys().next().unwrap();
            kind.clone_into(&mut store.services.services.get_mut(&id).unwrap().kind);
        });
        let page = browser.get(&path).await;
        let (page, how) = if starts { (page.says("Stop at once"), "") } else { (page.hides("Stop at once"), kind) };
        let page = if signs_in { page.says("Set this password") } else { page.hides("Set this password") };
        if how == "storage" {
            page.says("SFTP");
        }
    }
}
