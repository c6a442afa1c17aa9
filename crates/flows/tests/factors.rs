//! Second factors from beginning to end, on the memory stores.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

use accounts::{
    Access, AccessError, AccountStore as _, FactorError, FactorStore as _, PasskeyAnswer, PasskeyError, Permission,
    Role, SecondFactor, SessionClaim, SessionError, StaffFactor, TokenHash, TotpSecret, testing::FakePasskeys,
};
use audit::{Act, Origin};
use chrono::Duration;
use flows::{AccountError, Entrance, NewSession, PasskeyQuestion, Proof, Shop as _, SignedIn, testing::MemoryShop};
use kernel::Transact as _;
use secrecy::{ExposeSecret as _, SecretString};

const EMAIL: &str = "ada@example.com";

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn origin() -> Origin {
    Origin::default()
}

async fn registered(shop: &MemoryShop) -> SignedIn {
    let ada = (EMAIL.parse().unwrap(), "Ada".to_owned());
    flows::register(shop, ada, &secret("long enough"), &origin()).await.unwrap().who
}

async fn password(shop: &MemoryShop) -> Entrance {
    flows::sign_in(shop, &EMAIL.parse().unwrap(), &secret("long enough"), &origin()).await.unwrap()
}

/// The half of a sign-in, by its cookie.
async fn half(shop: &MemoryShop) -> SessionClaim {
    let Entrance::Half { token, .. } = password(shop).await else { panic!("expected half a sign-in") };
    SessionClaim::Carried(TokenHash::of(&token))
}

/// The code that the app of `who` shows now.
async fn code(shop: &MemoryShop, who: &SignedIn) -> SecretString {
    let user = who.user.id;
    let totp = shop.db.transaction(async |tx| tx.totp(user).await).await.unwrap().unwrap();
    TotpSecret::open(shop.sealer(), &totp).unwrap().code_at(shop.env().now()).into()
}

async fn with_app(shop: &MemoryShop) -> (SignedIn, Vec<SecretString>) {
    let who = registered(shop).await;
    flows::begin_app(shop, &who, "Shop").await.unwrap();
    let codes = flows::confirm_app(shop, &who, &code(shop, &who).await, &origin()).await.unwrap().unwrap();
    shop.advance(Duration::seconds(60));
    (who, codes)
}

/// What a device with this key answers.
fn signed(question: &PasskeyQuestion, credential: &str, counter: u32) -> PasskeyAnswer {
    let answer = FakePasskeys::answer(credential, &question.options, counter);
    PasskeyAnswer { challenge: question.challenge, answer }
}

async fn add_passkey(shop: &MemoryShop, who: &SignedIn, credential: &str) -> Result<flows::NewCodes, AccountError> {
    let question = flows::ask_new_passkey(shop, who).await.unwrap();
    flows::add_passkey(shop, who, (&signed(&question, credential, 1), "Phone"), &origin()).await
}

async fn finish(shop: &MemoryShop, half: SessionClaim, factor: SecondFactor) -> Result<NewSession, AccountError> {
    flows::finish_sign_in(shop, half, &factor, &origin()).await
}

fn acts(shop: &MemoryShop) -> Vec<&'static str> {
    shop.db.with(|store| store.audit.entries().iter().map(|entry| entry.act.as_str()).collect())
}

fn is_wrong<T>(result: &Result<T, AccountError>) -> bool {
    matches!(result, Err(AccountError::Factor(FactorError::WrongCode)))
}

#[tokio::test]
async fn an_app_counts_from_its_first_code_on_and_each_code_once() {
    let shop = MemoryShop::new();
    let who = registered(&shop).await;
    let setup = flows::begin_app(&shop, &who, "Shop").await.unwrap();
    assert!(setup.uri.expose_secret().contains(setup.secret.expose_secret()));
    assert!(matches!(password(&shop).await, Entrance::Whole(_)), "before it counts for nothing");
    assert!(is_wrong(&flows::confirm_app(&shop, &who, &secret("000000"), &origin()).await));
    let first = code(&shop, &who).await;
    let codes = flows::confirm_app(&shop, &who, &first, &origin()).await.unwrap().unwrap();
    assert_eq!(codes.len(), 10);
    let again = flows::begin_app(&shop, &who, "Shop").await;
    assert!(matches!(again, Err(AccountError::Factor(FactorError::HasApp))), "nobody swaps it silently");

    let claim = half(&shop).await;
    assert!(is_wrong(&finish(&shop, claim, SecondFactor::Code(first)).await), "it was used to confirm");
    shop.advance(Duration::seconds(30));
    let next = code(&shop, &who).await;
    finish(&shop, claim, SecondFactor::Code(next.clone())).await.unwrap();
    let other = half(&shop).await;
    assert!(is_wrong(&finish(&shop, other, SecondFactor::Code(next)).await), "a code counts once");
    let acts = acts(&shop);
    for act in ["second-factor-refused", "second-factor-added", "recovery-codes-made", "password-accepted", "sign-in"] {
        assert!(acts.contains(&act), "{act}: {acts:?}");
    }
}

#[tokio::test]
async fn half_a_sign_in_opens_nothing_and_is_worth_nothing_afterwards() {
    let shop = MemoryShop::new();
    let (who, _) = with_app(&shop).await;
    let claim = half(&shop).await;
    let nothing = flows::signed_in(&shop, claim).await;
    assert!(matches!(nothing, Err(AccountError::Session(SessionError::SecondFactorDue))), "{nothing:?}");
    assert_eq!(flows::half_signed_in(&shop, claim).await.unwrap().user.id, who.user.id);
    assert!(flows::sessions(&shop, &who).await.unwrap().iter().all(|session| !session.factor_due), "it is not listed");
    let whole = finish(&shop, claim, SecondFactor::Code(code(&shop, &who).await)).await.unwrap();
    assert!(flows::signed_in(&shop, claim).await.is_err(), "its secret is another one");
    assert!(flows::half_signed_in(&shop, claim).await.is_err());
    let carried = SessionClaim::Carried(TokenHash::of(&whole.token));
    assert_eq!(flows::signed_in(&shop, carried).await.unwrap().user.id, who.user.id);
    assert!(flows::half_signed_in(&shop, carried).await.is_err(), "a whole one is no half");

    shop.advance(Duration::seconds(60));
    let late = half(&shop).await;
    shop.advance(Duration::minutes(10));
    let late = finish(&shop, late, SecondFactor::Code(code(&shop, &who).await)).await;
    assert!(matches!(late, Err(AccountError::Session(SessionError::SignedOut))), "it ends soon");
    let given_up = half(&shop).await;
    flows::sign_out(&shop, given_up, &origin()).await.unwrap();
    assert!(flows::half_signed_in(&shop, given_up).await.is_err());
}

#[tokio::test]
async fn a_recovery_code_stands_in_once_and_its_owner_is_told() {
    let shop = MemoryShop::new();
    let (who, codes) = with_app(&shop).await;
    let entered = |index: usize| SecondFactor::entered(&codes[index]);
    let claim = half(&shop).await;
    finish(&shop, claim, entered(0)).await.unwrap();
    let claim = half(&shop).await;
    assert!(is_wrong(&finish(&shop, claim, entered(0)).await), "once");
    finish(&shop, claim, entered(1)).await.unwrap();
    assert_eq!(flows::factors(&shop, &who).await.unwrap().codes_left, 8);
    shop.work(100).await;
    let told = shop.mailer.arrived();
    assert_eq!(told.iter().filter(|mail| mail.text.contains("A recovery code was used")).count(), 2);

    let fresh = flows::new_recovery_codes(&shop, &who, &origin()).await.unwrap();
    let claim = half(&shop).await;
    assert!(is_wrong(&finish(&shop, claim, entered(2)).await), "the former ones are gone");
    finish(&shop, claim, SecondFactor::entered(&fresh[0])).await.unwrap();
    assert!(acts(&shop).contains(&"recovery-code-used"));
}

#[tokio::test]
async fn without_a_factor_the_password_suffices_again_and_no_code_is_left() {
    let shop = MemoryShop::new();
    let (who, codes) = with_app(&shop).await;
    flows::remove_app(&shop, &who, &origin()).await.unwrap();
    assert!(matches!(password(&shop).await, Entrance::Whole(_)));
    let factors = flows::factors(&shop, &who).await.unwrap();
    assert_eq!((factors.any(), factors.codes_left, codes.len()), (false, 0, 10));
    let none = flows::new_recovery_codes(&shop, &who, &origin()).await;
    assert!(matches!(none, Err(AccountError::Factor(FactorError::NothingToRecover))));
    let none = flows::remove_app(&shop, &who, &origin()).await;
    assert!(matches!(none, Err(AccountError::Factor(FactorError::NoSuchFactor))));
    shop.work(100).await;
    assert!(shop.mailer.arrived().iter().any(|mail| mail.text.contains("The authenticator app was removed.")));
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_stands_as_second_factor() {
    let shop = MemoryShop::new();
    let who = registered(&shop).await;
    assert_eq!(add_passkey(&shop, &who, "phone").await.unwrap().unwrap().len(), 10, "codes come with the first factor");
    assert!(add_passkey(&shop, &who, "stick").await.unwrap().is_none(), "and stay with the next");
    let question = flows::ask_sign_in(&shop, &origin()).await.unwrap();
    let answer = signed(&question, "phone", 2);
    let entered = flows::sign_in_with_passkey(&shop, &answer, &origin()).await.unwrap();
    assert_eq!(entered.who.user.id, who.user.id);
    let replayed = flows::sign_in_with_passkey(&shop, &answer, &origin()).await;
    assert!(matches!(replayed, Err(AccountError::Factor(FactorError::ChallengeSpent))));

    let claim = half(&shop).await;
    let question = flows::ask_second_factor(&shop, claim).await.unwrap();
    let elsewhere = flows::sign_in_with_passkey(&shop, &signed(&question, "phone", 3), &origin()).await;
    assert!(matches!(elsewhere, Err(AccountError::Factor(FactorError::ChallengeSpent))), "asked for something else");
    let question = flows::ask_second_factor(&shop, claim).await.unwrap();
    finish(&shop, claim, SecondFactor::Passkey(signed(&question, "stick", 2))).await.unwrap();
}

#[tokio::test]
async fn a_copied_foreign_or_late_passkey_is_refused_and_on_record() {
    let shop = MemoryShop::new();
    let who = registered(&shop).await;
    add_passkey(&shop, &who, "phone").await.unwrap();
    let question = flows::ask_sign_in(&shop, &origin()).await.unwrap();
    flows::sign_in_with_passkey(&shop, &signed(&question, "phone", 5), &origin()).await.unwrap();
    let question = flows::ask_sign_in(&shop, &origin()).await.unwrap();
    let copied = flows::sign_in_with_passkey(&shop, &signed(&question, "phone", 5), &origin()).await;
    assert!(matches!(copied, Err(AccountError::Factor(FactorError::Passkey(PasskeyError::Copied)))), "{copied:?}");
    let refused = shop.db.with(|store| {
        let entries: Vec<audit::Entry> = store.audit.entries();
        entries.into_iter().find(|entry| entry.act == Act::SignInRefused).unwrap()
    });
    assert_eq!(refused.subject.id, who.user.id.to_string());
    assert!(format!("{:?}", refused.after).contains("passkey-copied"), "{refused:?}");
    let question = flows::ask_sign_in(&shop, &origin()).await.unwrap();
    shop.advance(Duration::minutes(5));
    let late = flows::sign_in_with_passkey(&shop, &signed(&question, "phone", 6), &origin()).await;
    assert!(matches!(late, Err(AccountError::Factor(FactorError::ChallengeSpent))));

    let eve = ("eve@example.com".parse().unwrap(), "Eve".to_owned());
    let eve = flows::register(&shop, eve, &secret("long enough"), &origin()).await.unwrap().who;
    assert!(add_passkey(&shop, &eve, "phone").await.is_err(), "a key is one person's");
    let question = flows::ask_new_passkey(&shop, &who).await.unwrap();
    let stolen = flows::add_passkey(&shop, &eve, (&signed(&question, "evil", 1), "Evil"), &origin()).await;
    assert!(matches!(stolen, Err(AccountError::Factor(FactorError::ChallengeSpent))), "asked of somebody else");
    let keys = flows::factors(&shop, &who).await.unwrap().passkeys;
    let theirs = flows::remove_passkey(&shop, &eve, keys[0].id, &origin()).await;
    assert!(matches!(theirs, Err(AccountError::Factor(FactorError::NoSuchFactor))));
    flows::rename_passkey(&shop, &who, keys[0].id, "Old phone").await.unwrap();
    flows::remove_passkey(&shop, &who, keys[0].id, &origin()).await.unwrap();
    assert!(!flows::factors(&shop, &who).await.unwrap().any());
}

#[tokio::test]
async fn proving_anew_takes_what_signing_in_takes_and_renews_the_cookie() {
    let shop = MemoryShop::new();
    let who = registered(&shop).await;
    let by_password = |word: &str, factor| Proof::Password { password: secret(word), factor };
    let access = Access::Proven(Permission::ManageOwnAccount);
    shop.advance(Duration::minutes(11));
    let stale = SignedIn::admit(Some(&who), access, shop.env().now());
    assert_eq!(stale, Err(AccessError::ProveAgain));
    assert!(flows::prove(&shop, &who, &by_password("wrong", None), &origin()).await.is_err());
    let proven = flows::prove(&shop, &who, &by_password("long enough", None), &origin()).await.unwrap();
    let now = SessionClaim::Carried(TokenHash::of(&proven.token));
    let who = flows::signed_in(&shop, now).await.unwrap();
    assert_eq!(SignedIn::admit(Some(&who), access, shop.env().now()), Ok(()));

    flows::begin_app(&shop, &who, "Shop").await.unwrap();
    flows::confirm_app(&shop, &who, &code(&shop, &who).await, &origin()).await.unwrap();
    shop.advance(Duration::seconds(60));
    assert!(is_wrong(&flows::prove(&shop, &who, &by_password("long enough", None), &origin()).await));
    let factor = Some(SecondFactor::Code(code(&shop, &who).await));
    flows::prove(&shop, &who, &by_password("long enough", factor), &origin()).await.unwrap();
    add_passkey(&shop, &who, "phone").await.unwrap();
    let question = flows::ask_proof(&shop, &who).await.unwrap();
    flows::prove(&shop, &who, &Proof::Passkey(signed(&question, "phone", 2)), &origin()).await.unwrap();
    let trail = acts(&shop);
    let count = |act: &str| trail.iter().filter(|it| **it == act).count();
    assert_eq!((count("proven"), count("proof-refused")), (3, 2), "{trail:?}");
}

#[tokio::test]
async fn staff_without_a_factor_reach_nothing_but_adding_one() {
    let mut shop = MemoryShop::new();
    shop.staff_factor = StaffFactor::Required;
    let who = registered(&shop).await;
    assert!(!who.must_add_factor, "customers choose");
    let user = who.user.id;
    shop.db.transaction(async |tx| tx.set_role(user, Role::Admin).await).await.unwrap();
    let who = password(&shop).await.whole().unwrap().who;
    assert!(who.must_add_factor);
    let now = || shop.env().now();
    for access in [Access::May(Permission::SeeOrders), Access::Proven(Permission::ManageOwnAccount)] {
        assert_eq!(SignedIn::admit(Some(&who), access, now()), Err(AccessError::AddFactor));
    }
    assert_eq!(SignedIn::admit(Some(&who), Access::AddFactor, now()), Ok(()));
    flows::begin_app(&shop, &who, "Shop").await.unwrap();
    flows::confirm_app(&shop, &who, &code(&shop, &who).await, &origin()).await.unwrap();
    shop.advance(Duration::seconds(60));
    let whole = finish(&shop, half(&shop).await, SecondFactor::Code(code(&shop, &who).await)).await.unwrap();
    assert_eq!(SignedIn::admit(Some(&whole.who), Access::May(Permission::SeeOrders), now()), Ok(()));
}

#[tokio::test]
async fn a_new_password_by_mail_leaves_the_second_factor_and_the_shop_can_drop_it() {
    let shop = MemoryShop::new();
    with_app(&shop).await;
    flows::ask_for_password(&shop, EMAIL.parse().unwrap(), &origin()).await.unwrap();
    shop.work(100).await;
    let mail = shop.mailer.arrived().pop().unwrap();
    let token = secret(mail.text.split_once("token=").unwrap().1.split_whitespace().next().unwrap());
    flows::reset_password(&shop, &token, &secret("long enough"), &origin()).await.unwrap();
    assert!(matches!(password(&shop).await, Entrance::Half { .. }));

    let by = audit::Actor::operator("Olga");
    let links = shop.links().clone();
    let mut env = shop.env();
    let email = EMAIL.parse().unwrap();
    let dropped = shop.db.transaction(async |tx| flows::drop_factors(tx, &mut env, (&links, &by), &email).await).await;
    assert!(dropped.unwrap().is_some());
    assert!(matches!(password(&shop).await, Entrance::Whole(_)));
    shop.work(100).await;
    assert!(shop.mailer.arrived().iter().any(|mail| mail.text.contains("We removed the authenticator app")));
    let nobody = "nobody@example.com".parse().unwrap();
    let none = shop.db.transaction(async |tx| flows::drop_factors(tx, &mut env, (&links, &by), &nobody).await).await;
    assert!(none.unwrap().is_none());
}

#[tokio::test]
async fn who_changes_how_one_signs_in_signs_everybody_else_out() {
    let shop = MemoryShop::new();
    let first = registered(&shop).await;
    let second = password(&shop).await.whole().unwrap();
    let carried = SessionClaim::Carried(TokenHash::of(&second.token));
    add_passkey(&shop, &first, "phone").await.unwrap();
    assert!(flows::signed_in(&shop, carried).await.is_err());
    let named = SessionClaim::Named(first.session().unwrap());
    assert!(flows::signed_in(&shop, named).await.is_ok());
}
