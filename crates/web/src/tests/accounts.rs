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
        assert!(cookie.starts_with("__Host-hw_session="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
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
    let login = browser.stranger().post("/login", &credentials("rita@example.com", "long enough", "")).await;
    let cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
    let with_cookie = |path: &str| {
        let request = actix_web::test::TestRequest::default().uri(path);
        request.insert_header(("cookie", cookie.clone()))
    };
    let stranger = browser.stranger();
    stranger.send(with_cookie("/account")).await.says("Where you are signed in");
    let answer = browser.post("/logout", &Form::new()).await;
    assert_eq!(answer.location(), "/");
    assert!(answer.header("set-cookie").starts_with("__Host-hw_session=; Path=/; Max-Age=0"));
    assert_eq!(answer.header("clear-site-data"), r#""cache", "storage""#);
    assert_eq!(browser.get("/account").await.location(), "/login?next=/account");
    browser.stranger().send(with_cookie("/account")).await.says("Where you are signed in");
    let own = with_cookie("/logout").method(actix_web::http::Method::POST);
    assert_eq!(browser.stranger().send(own).await.location(), "/");
    let old = browser.stranger().send(with_cookie("/account")).await;
    assert_eq!(old.location(), "/login?next=/account", "the cookie's token is worth nothing any more");
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
        (form("Eva", "RITA@example.com", "long enough"), StatusCode::OK, "Look into your mail"),
    ] {
        let answer = stranger.post("/register", &form).await;
        assert_eq!(answer.status, status);
        answer.says(expected).hides("long enough");
    }
    assert_eq!(browser.get("/login?next=/orders/x").await.location(), "/orders/x", "signed in already");
}

#[actix_web::test]
async fn nobody_learns_from_a_page_who_has_an_account() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let stranger = browser.stranger();
    let mut answers = Vec::new();
    for email in ["rita@example.com", "nobody@example.com"] {
        let entered = ("email", email.to_owned());
        let register = [("name", "Eva".to_owned()), entered.clone(), ("password", "another one".to_owned())];
        let registered = stranger.post("/register", &Form::from(register)).await;
        let forgot = stranger.post("/forgot-password", &Form::from([entered])).await;
        answers.push([registered, forgot].map(|answer| (answer.status, answer.body)));
    }
    assert_eq!(answers[0], answers[1]);
    browser.shop.work(100).await;
    let mails = browser.shop.db.with(|store| {
        store.mails.mails.values().map(|mail| format!("{} to {}", mail.template, mail.to)).collect::<Vec<_>>()
    });
    for expected in [
        "already_registered to rita@example.com",
        "reset_password to rita@example.com",
        "confirm_registration to nobody@example.com",
    ] {
        assert!(mails.iter().any(|mail| mail == expected), "{expected}: {mails:?}");
    }
    assert!(!mails.contains(&"reset_password to nobody@example.com".to_owned()), "{mails:?}");
}

/// Whoever enters somebody else's address gets nothing by it, not even when its owner opens the link.
#[actix_web::test]
async fn a_link_opens_an_account_for_who_chose_its_password() {
    let browser = Browser::new();
    let stranger = browser.stranger();
    let wish =
        [("name", "Eve".to_owned()), ("email", "rita@example.com".to_owned()), ("password", "of a stranger".into())];
    stranger.post("/register", &Form::from(wish)).await.says("Look into your mail");
    let link = browser.mailed_link().await;
    let token = browser.get(&link).await.value("token");
    let open = |password: &str| Form::from([("token", token.clone()), ("password", password.to_owned())]);
    let refused = browser.post("/register/confirm", &open("of the owner")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("not the password that you chose").hides("of the owner");
    assert!(browser.shop.db.with(|store| store.accounts.users.is_empty()), "opening the link opens no account");
    browser.register("rita@example.com").await;
    let late = stranger.post("/register/confirm", &open("of a stranger")).await;
    late.says("does not count any more");
    assert_eq!(browser.shop.db.with(|store| store.accounts.users.len()), 1);
}

#[actix_web::test]
async fn a_forgotten_password_is_replaced_once_and_signs_everybody_out() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let stranger = browser.stranger();
    let entered = Form::from([("email", "rita@example.com".to_owned())]);
    stranger.post("/forgot-password", &entered).await.says("Look into your mail");
    let link = browser.mailed_link().await;
    assert!(link.starts_with("/reset-password?token="), "{link}");
    let token = stranger.get(&link).await.value("token");
    let choose = |password: &str| Form::from([("token", token.clone()), ("password", password.to_owned())]);
    stranger.post("/reset-password", &choose("short")).await.says("8 to 128 characters");
    let guessable = stranger.post("/reset-password", &choose("Example.com 1")).await;
    assert_eq!(guessable.status, 422);
    guessable.says("there is too little in this password");
    let done = stranger.post("/reset-password", &choose("quite another one")).await;
    done.says("Your password is changed");
    assert_eq!(done.header("set-cookie"), "", "the link signs nobody in");
    stranger.post("/reset-password", &choose("yet another one")).await.says("does not count any more");
    assert_eq!(browser.get("/account").await.location(), "/login?next=/account", "every device is signed out");
    stranger.post("/login", &credentials("rita@example.com", "long enough", "")).await.says("is wrong");
    let new = stranger.post("/login", &credentials("rita@example.com", "quite another one", "")).await;
    assert_eq!(new.location(), "/account");
    browser.shop.work(100).await;
    let told = browser.shop.mailer.arrived().pop().unwrap();
    assert!(told.subject.contains("was changed"), "{told:?}");
}

#[actix_web::test]
async fn an_address_is_changed_by_a_mail_to_the_new_one() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let ask =
        |email: &str, password: &str| Form::from([("email", email.to_owned()), ("password", password.to_owned())]);
    browser.post("/account/address", &ask("new@example.com", "a guess")).await.says("not your present password");
    browser.post("/account/address", &ask("new@", "long enough")).await.says("such as name@example.com");
    browser.post("/account/address", &ask("new@example.com", "long enough")).await.says("Look into your mail");
    let link = browser.mailed_link().await;
    let stranger = browser.stranger();
    let to_login = stranger.get(&link).await.location().to_owned();
    assert!(to_login.starts_with("/login?next=/account/address/confirm%3Ftoken%3D"), "{to_login}");
    let token = Form::from([("token", browser.get(&link).await.value("token"))]);
    stranger.register("eve@example.com").await;
    stranger.post("/account/address/confirm", &token).await.says("does not count any more");
    browser.post("/account/address/confirm", &token).await.says("you sign in with new@example.com");
    browser.get("/account").await.says("new@example.com");
    let old = stranger.post("/login", &credentials("rita@example.com", "long enough", "")).await;
    old.says("is wrong");
    browser.shop.work(100).await;
    let told = browser.shop.mailer.arrived().pop().unwrap();
    assert_eq!((told.to.as_str(), told.subject.contains("address")), ("rita@example.com", true), "{told:?}");
}

#[actix_web::test]
async fn sign_ins_are_listed_and_ended_by_their_owner_alone() {
    let browser = Browser::new();
    browser.register("rita@example.com").await;
    let phone = browser.stranger();
    phone.post("/login", &credentials("rita@example.com", "long enough", "")).await.location();
    let page = browser.get("/account").await;
    page.says("This device").says("Sign it out");
    let other = Form::from([("session", page.value("session"))]);
    let eve = browser.stranger();
    eve.register("eve@example.com").await;
    assert_eq!(eve.post("/account/sessions/end", &other).await.status, StatusCode::NOT_FOUND);
    phone.get("/account").await.says("Rita");
    assert_eq!(browser.post("/account/sessions/end", &other).await.location(), "/account");
    assert_eq!(phone.get("/account").await.location(), "/login?next=/account");
    browser.get("/account").await.hides("Sign it out");
    phone.post("/login", &credentials("rita@example.com", "long enough", "")).await.location();
    assert_eq!(phone.post("/account/sessions/end-all", &Form::new()).await.location(), "/login");
    assert_eq!(browser.get("/account").await.location(), "/login?next=/account");
    eve.get("/account").await.says("eve@example.com");
}
