//! The table of secrets: versions, spans, and nothing readable in it.

use accounts::{PasswordHash, Passwords, Sealer};
use audit::Actor;
use chrono::TimeDelta;
use infra::{
    db::PgTx,
    passwords::BcryptPasswords,
    secrets::{
        Batch, Credentials, Keys, NewSecret, PANEL_API_KEY, PASSWORD_PEPPER, PepperError, SEALED, SMTP_PASSWORD,
        SecretBox, SecretError, UnlockError, Unlocked, WEBHOOK_SECRET, active_secrets, add_secret, chain_keys,
        keep_chain_keys_in, reseal_in, retire_secret, sealed_otherwise, secret_versions, unlock,
    },
};
use kernel::{Id, Transact, entity};
use secrecy::{ExposeSecret, SecretString};
use testkit::noon;

use crate::shop::Shop;

fn sealer(key: &str) -> SecretBox {
    SecretBox::new(&SecretString::from(key.repeat(32))).unwrap()
}

fn new(plain: &str, from_hours: i64, until_hours: Option<i64>) -> NewSecret {
    NewSecret {
        name: WEBHOOK_SECRET.to_owned(),
        plain: SecretString::from(plain),
        not_before: noon() + TimeDelta::hours(from_hours),
        not_after: until_hours.map(|hours| noon() + TimeDelta::hours(hours)),
    }
}

async fn active_at(shop: &Shop, hours: i64) -> Vec<String> {
    let at = noon() + TimeDelta::hours(hours);
    let found = active_secrets(&shop.db, &sealer("k"), WEBHOOK_SECRET, at).await.unwrap();
    found.iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

#[tokio::test]
async fn versions_count_in_their_spans_newest_first() {
    let shop = Shop::bare().await;
    assert_eq!(add_secret(&shop.db, &sealer("k"), &new("whsec_old", 0, Some(10))).await.unwrap(), 1);
    assert_eq!(add_secret(&shop.db, &sealer("k"), &new("whsec_new", 5, None)).await.unwrap(), 2);
    assert_eq!(active_at(&shop, -1).await, Vec::<String>::new());
    assert_eq!(active_at(&shop, 1).await, ["whsec_old"]);
    assert_eq!(active_at(&shop, 7).await, ["whsec_new", "whsec_old"], "both while one is rotated");
    assert_eq!(active_at(&shop, 10).await, ["whsec_new"]);
    assert!(retire_secret(&shop.db, WEBHOOK_SECRET, 2, noon() + TimeDelta::hours(20)).await.unwrap());
    assert!(!retire_secret(&shop.db, WEBHOOK_SECRET, 3, noon()).await.unwrap(), "there is no third");
    assert_eq!(active_at(&shop, 20).await, Vec::<String>::new());
    assert_eq!(secret_versions(&shop.db).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_newest_credential_that_counts_goes_before_the_environments() {
    let shop = Shop::bare().await;
    let kept = async |hours| {
        let kept = Credentials::read(&shop.db, &sealer("k"), noon() + TimeDelta::hours(hours)).await.unwrap();
        let plain = |secret: Option<&SecretString>| secret.map(|secret| secret.expose_secret().to_owned());
        (plain(kept.panel()), plain(kept.mail()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(kept(0).await, (None, None), "the environment's are used");
    for (name, plain, from) in
        [(PANEL_API_KEY, "ptla_old", 0), (PANEL_API_KEY, "ptla_new", 5), (SMTP_PASSWORD, "pass", 0)]
    {
        let secret = NewSecret { name: name.to_owned(), ..new(plain, from, None) };
        add_secret(&shop.db, &sealer("k"), &secret).await.unwrap();
    }
    assert_eq!(kept(1).await, (some("ptla_old"), some("pass")));
    assert_eq!(kept(6).await, (some("ptla_new"), some("pass")));
    retire_secret(&shop.db, PANEL_API_KEY, 2, noon() + TimeDelta::hours(7)).await.unwrap();
    assert_eq!(kept(8).await, (some("ptla_old"), some("pass")), "the one before counts on until it is retired");
    assert!(Credentials::read(&shop.db, &sealer("x"), noon()).await.is_err(), "another key opens none");
}

#[tokio::test]
async fn nothing_readable_is_stored_and_another_key_opens_nothing() {
    let shop = Shop::bare().await;
    add_secret(&shop.db, &sealer("k"), &new("whsec_canary", 0, None)).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM secrets WHERE secrets::text LIKE '%canary%'").await, 0);
    assert!(active_secrets(&shop.db, &sealer("x"), WEBHOOK_SECRET, noon()).await.is_err());
}

#[tokio::test]
async fn a_sealed_value_does_not_open_as_another_version() {
    let shop = Shop::bare().await;
    add_secret(&shop.db, &sealer("k"), &new("whsec_1", 0, None)).await.unwrap();
    shop.sql().await.batch_execute("UPDATE secrets SET version = 2").await.unwrap();
    assert!(active_secrets(&shop.db, &sealer("k"), WEBHOOK_SECRET, noon()).await.is_err());
}

fn keys(current: &str, old: &[&str]) -> Keys {
    let key = |letter: &str| SecretString::from(letter.repeat(32));
    Keys { current: key(current), old: old.iter().map(|letter| key(letter)).collect() }
}

fn ring(current: &str, old: &[&str]) -> SecretBox {
    SecretBox::ring(&keys(current, old)).unwrap()
}

fn passwords(unlocked: &Unlocked) -> BcryptPasswords {
    BcryptPasswords::new(4, unlocked.pepper.clone()).unwrap()
}

/// Seals `count` values that wait for their mail.
async fn waiting(shop: &Shop, sealer: &SecretBox, count: u128) {
    let sql = shop.sql().await;
    for number in 1..=count {
        let id: Id<entity::SealedSecret> = Id::from_uuid(uuid::Uuid::from_u128(number));
        let ciphertext = sealer.seal(&flows::seal_context(id), &SecretString::from(format!("link {number}"))).unwrap();
        let insert = "INSERT INTO sealed_secrets (id, sealed, expires_at) VALUES ($1::text::uuid, $2, now() + '1 day')";
        sql.execute(insert, &[&id.uuid().to_string(), &ciphertext.0]).await.unwrap();
    }
}

async fn next(shop: &Shop, sealer: &SecretBox, place: usize, after: &str) -> Batch {
    let work = async |tx: &mut PgTx| reseal_in(tx, sealer, &SEALED[place], after).await;
    shop.db.transaction::<_, SecretError>(work).await.unwrap()
}

async fn left(shop: &Shop, sealer: &SecretBox, place: usize) -> i64 {
    shop.db.transaction(async |tx: &mut PgTx| sealed_otherwise(tx, sealer, &SEALED[place]).await).await.unwrap()
}

#[tokio::test]
async fn an_interrupted_rotation_goes_on_where_it_was() {
    let shop = Shop::bare().await;
    waiting(&shop, &sealer("k"), 250).await;
    let ring = ring("n", &["k"]);
    assert_eq!(left(&shop, &ring, 1).await, 250);
    let first = next(&shop, &ring, 1, "").await;
    assert_eq!((first.resealed, first.stuck.len()), (100, 0));
    // The second batch is done and not committed.
    let torn = async |tx: &mut PgTx| {
        reseal_in(tx, &ring, &SEALED[1], first.last.as_deref().unwrap()).await?;
        Err::<(), _>(SecretError::Store(kernel::StoreError::bug("interrupted")))
    };
    shop.db.transaction(torn).await.unwrap_err();
    assert_eq!(left(&shop, &ring, 1).await, 150);
    // Whoever begins again begins at the beginning, and two of them do not harm each other.
    let (one, two) = tokio::join!(next(&shop, &ring, 1, ""), next(&shop, &ring, 1, ""));
    assert!(one.resealed + two.resealed >= 100, "{one:?} {two:?}");
    while next(&shop, &ring, 1, "").await.resealed > 0 {}
    assert_eq!(left(&shop, &ring, 1).await, 0);
    let sql = shop.sql().await;
    let rows = sql.query("SELECT id::text, sealed FROM sealed_secrets", &[]).await.unwrap();
    for row in &rows {
        let id: Id<entity::SealedSecret> = row.get::<_, String>(0).parse().unwrap();
        let plain = sealer("n").open(&flows::seal_context(id), &accounts::Sealed(row.get(1))).unwrap();
        assert_eq!(plain.expose_secret(), format!("link {}", id.uuid().as_u128()), "with the new key alone");
    }
    assert_eq!(rows.len(), 250);
}

#[tokio::test]
async fn what_no_key_opens_is_named_and_passed_over() {
    let shop = Shop::bare().await;
    add_secret(&shop.db, &sealer("k"), &new("whsec_1", 0, None)).await.unwrap();
    add_secret(&shop.db, &sealer("x"), &new("whsec_2", 0, None)).await.unwrap();
    add_secret(&shop.db, &sealer("k"), &new("whsec_3", 0, None)).await.unwrap();
    let batch = next(&shop, &ring("n", &["k"]), 0, "").await;
    assert_eq!(batch.resealed, 2);
    assert_eq!(batch.stuck, [(format!("{WEBHOOK_SECRET}:2"), sealer("x").key_id().to_owned())]);
    assert_eq!(next(&shop, &ring("n", &["k"]), 0, batch.last.as_deref().unwrap()).await, Batch::default());
    let kept = secret_versions(&shop.db).await.unwrap();
    let of = |version: i32| kept.iter().find(|one| one.version == version).unwrap().kid.clone();
    assert_eq!(of(1), sealer("n").key_id());
    assert_eq!(of(2), sealer("x").key_id());
}

#[tokio::test]
async fn passwords_outlive_the_key_they_were_hashed_under() {
    let shop = Shop::bare().await;
    let first = unlock(&shop.db, &keys("k", &[]), "test").await.unwrap();
    let hash = passwords(&first).hash(&"correct horse".into()).await.unwrap();
    let right = async |unlocked: &Unlocked, hash: &PasswordHash| {
        passwords(unlocked).verify(&"correct horse".into(), Some(hash)).await.unwrap()
    };
    let both = unlock(&shop.db, &keys("n", &["k"]), "test").await.unwrap();
    assert!(right(&both, &hash).await);
    assert_eq!(next(&shop, &both.sealer, 0, "").await.resealed, 1);
    assert!(right(&unlock(&shop.db, &keys("n", &[]), "test").await.unwrap(), &hash).await);
    let added = "SELECT count(*) FROM audit_log WHERE act = 'secret-added' AND subject = 'password_pepper'";
    assert_eq!(shop.count(added).await, 1);

    let other = Shop::bare().await;
    let fresh = unlock(&other.db, &keys("n", &[]), "test").await.unwrap();
    assert!(!right(&fresh, &hash).await, "another pepper");
}

/// Before peppers were kept, it followed from the key: whoever starts with a new one at once must not lose all passwords.
#[tokio::test]
async fn the_pepper_is_made_from_the_key_that_was_in_use() {
    let shop = Shop::bare().await;
    let user = "INSERT INTO users (id, email, password_hash, must_change_password, role, created_at) \
                VALUES (gen_random_uuid(), 'a@example.com', 'x', false, 'customer', now())";
    shop.sql().await.batch_execute(user).await.unwrap();
    let unclear = unlock(&shop.db, &keys("n", &["k"]), "test").await.unwrap_err();
    assert!(matches!(unclear, UnlockError::Pepper(PepperError::WhichKey)), "{unclear:?}");
    let link = "INSERT INTO audit_chain VALUES (1, gen_random_uuid(), $1, decode(repeat('00', 32), 'hex'))";
    shop.sql().await.execute(link, &[&sealer("k").key_id()]).await.unwrap();
    let missing = unlock(&shop.db, &keys("n", &[]), "test").await.unwrap_err();
    assert!(matches!(&missing, UnlockError::Pepper(PepperError::KeyMissing(id)) if id == sealer("k").key_id()));
    let both = unlock(&shop.db, &keys("n", &["k"]), "test").await.unwrap();
    let alone = Shop::bare().await;
    let before = unlock(&alone.db, &keys("k", &[]), "test").await.unwrap();
    let hash = passwords(&before).hash(&"correct horse".into()).await.unwrap();
    assert!(passwords(&both).verify(&"correct horse".into(), Some(&hash)).await.unwrap());
}

#[tokio::test]
async fn the_audit_trail_is_proven_without_the_keys_of_its_past() {
    let shop = Shop::bare().await;
    let both = ring("n", &["k", "j"]);
    let keep =
        async |tx: &mut PgTx| keep_chain_keys_in(tx, &both, &mut kernel::Env::system(), &Actor::system("test")).await;
    for _ in 0..2 {
        shop.db.transaction::<_, SecretError>(keep).await.unwrap();
    }
    assert_eq!(shop.count("SELECT count(*) FROM secrets WHERE name LIKE 'audit%'").await, 2, "once each");
    let found = shop.db.transaction::<_, SecretError>(async |tx: &mut PgTx| chain_keys(tx, &sealer("n")).await).await;
    let found = found.unwrap();
    for letter in ["n", "k", "j"] {
        let (wanted, head) = (sealer(letter), audit::Head::START);
        let same = found.iter().find(|key| key.id() == wanted.key_id()).unwrap();
        assert_eq!(same.link(head, b"entry"), wanted.chain_key().link(head, b"entry"), "{letter}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_with_names_and_without_values() {
    let shop = Shop::bare().await;
    unlock(&shop.db, &keys("k", &[]), "test").await.unwrap();
    add_secret(&shop.db, &sealer("k"), &new("whsec_canary", 0, None)).await.unwrap();
    let ended = NewSecret { not_after: Some(noon() - TimeDelta::days(9000)), ..new("old", -24 * 9001, None) };
    add_secret(&shop.db, &sealer("x"), &ended).await.unwrap();
    unlock(&shop.db, &keys("k", &[]), "test").await.expect("what has ended need not open");
    let said = unlock(&shop.db, &keys("n", &["m"]), "test").await.unwrap_err().to_string();
    for words in ["stripe_webhook_secret version 1", "password_pepper version 1", sealer("k").key_id()] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("version 2") && !said.contains("canary"), "{said}");
    assert_eq!(PASSWORD_PEPPER, "password_pepper", "a name of the database's, for ever");
}

/// Somebody with an authenticator app that was sealed under this key.
async fn app(shop: &Shop, sealer: &SecretBox) {
    let ciphertext = sealer.seal("an app's", &SecretString::from("secret")).unwrap();
    let insert = "WITH u AS (INSERT INTO users (id, email, password_hash, must_change_password, role, created_at) \
        VALUES (gen_random_uuid(), 'a@example.com', 'x', false, 'customer', now()) RETURNING id) \
        INSERT INTO user_totp (user_id, sealed, created_at) SELECT id, $1, now() FROM u";
    shop.sql().await.execute(insert, &[&ciphertext.0]).await.unwrap();
}

#[tokio::test]
async fn an_app_that_no_key_opens_keeps_programs_from_starting_and_a_mail_does_not() {
    let shop = Shop::bare().await;
    unlock(&shop.db, &keys("k", &[]), "test").await.unwrap();
    waiting(&shop, &sealer("x"), 2).await;
    unlock(&shop.db, &keys("k", &[]), "test").await.expect("mails die by themselves");
    app(&shop, &sealer("j")).await;
    let refused = unlock(&shop.db, &keys("k", &[]), "test").await.unwrap_err();
    assert!(matches!(refused, UnlockError::Foreign { count: 1, .. }), "{refused:?}");
    let said = refused.to_string();
    for words in ["authenticator apps: 1 are sealed", sealer("j").key_id(), sealer("k").key_id(), "SECRETS_KEYS_OLD"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    unlock(&shop.db, &keys("k", &["j"]), "test").await.unwrap();
}
