//! Signing in and out, and temporary passwords.

use actix_web::http::StatusCode;

use super::browser::{Browser, Form};

fn credentials(email: &str, password: &str, next: &str) -> Form<'static> {
    Form::from([("email", email.to_owned()), ("password", password.to_owned()), ("next", next.to_owned())])
}

#[actix_web::test]
async fn signing_in_leads_where_one_wanted_to_go_and_nowhere_else() {
    let browser = Browser::new();
    assert_eq!(browser.get("/account").await.location(), "/login?next=/account");
    browser.register("rita@example.com").await;
    let right = |next| credentials("Rita@example.com", "long enough", next);
    for (next, expected) in [
        ("/orders/x", "/orders/x"),
        ("//evil.example", "/account"),
        ("https://evil.example", "/account"),
        ("", "/account"),
    ] {
        let answer = browser.stranger().post("/login", &right(next)).await;
        assert_eq!(answer.location(), expected, "{next:?}");
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("hw_session=ses_"), "{cookie}");
        assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    }
}

#[actix_web::test]
async fn wrong_credentials_are_told_alike_and_the_password_is_not_sent_back() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let stranger = browser.stranger();
    let mut bodies = Vec::new();
    for (email, password) in
        [("rita@example.com", "wrong one"), ("nobody@example.com", "wrong one"), ("not-an-address", "wrong one")]
    {
        let answer = stranger.post("/login", &credentials(email, password, "/account")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.says("is wrong").hides("wrong one");
        bodies.push(answer.body.replace(email, ""));
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
}

#[actix_web::test]
async fn signing_out_ends_the_session_on_the_server() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let session = browser.shop.db.with(|store| store.accounts.sessions.keys().next().copied().unwrap());
    let answer = browser.post("/logout", &Form::new()).await;
    assert_eq!(answer.location(), "/");
    assert!(answer.header("set-cookie").starts_with("hw_session=; Path=/; Max-Age=0"));
    let request = actix_web::test::TestRequest::get().uri("/account");
    let old = request.insert_header(("cookie", format!("hw_session={session}")));
    assert_eq!(browser.stranger().send(old).await.location(), "/login?next=/account");
    assert_eq!(browser.post("/logout", &Form::new()).await.location(), "/", "twice changes nothing");
}

#[actix_web::test]
async fn a_temporary_password_opens_nothing_but_its_change() {
    let browser = Browser::new();
    let path = browser.order("/order/starter").await;
    browser.pay().await;
    browser.shop.work(100).await;
    let temporary = browser.shop.db.with(|store| {
        let user = store.accounts.users.values().next().unwrap();
        user.password.as_str().strip_prefix("fake:").unwrap().to_owned()
    });
    let form = credentials("gerda@example.com", &temporary, &path);
    assert_eq!(browser.post("/login", &form).await.location(), "/account/password");
    assert_eq!(browser.get("/account").await.location(), "/account/password");
    assert_eq!(browser.get("/order/starter").await.location(), "/account/password");
    browser.get(&path).await.hides("10.0.0.1").hides("gerda@example.com");
    browser.get("/account/password").await.says("Choose your own password");
    let change = |current: &str, new: &str| Form::from([("current", current.to_owned()), ("new", new.to_owned())]);
    for (current, new, expected) in [
        ("guess", "my own password", "This is not your present password."),
        (temporary.as_str(), "short", "8 to 128 characters"),
        (temporary.as_str(), temporary.as_str(), "another password"),
    ] {
        let answer = browser.post("/account/password", &change(current, new)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.says(expected);
    }
    let answer = browser.post("/account/password", &change(&temporary, "my own password")).await;
    assert_eq!(answer.location(), "/account");
    browser.get("/account").await.says("10.0.0.1:1");
    browser.get(&path).await.says("10.0.0.1:1").says("gerda@example.com");
}

#[actix_web::test]
async fn opening_an_account_says_what_is_wrong() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let form = |name: &str, email: &str, password: &str| {
        Form::from([("name", name.to_owned()), ("email", email.to_owned()), ("password", password.to_owned())])
    };
    let stranger = browser.stranger();
    for (form, status, expected) in [
        (form("", "new@example.com", "long enough"), StatusCode::UNPROCESSABLE_ENTITY, "enter your name"),
        (form("Eva", "new@", "long enough"), StatusCode::UNPROCESSABLE_ENTITY, "e-mail address such as"),
        (form("Eva", "new@example.com", "short"), StatusCode::UNPROCESSABLE_ENTITY, "8 to 128 characters"),
        (form("Eva", "RITA@example.com", "long enough"), StatusCode::CONFLICT, "has an account already"),
    ] {
        let answer = stranger.post("/register", &form).await;
        assert_eq!(answer.status, status);
        answer.says(expected).hides("long enough");
    }
    assert_eq!(browser.get("/login?next=/orders/x").await.location(), "/orders/x", "signed in already");
}
