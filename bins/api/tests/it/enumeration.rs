//! Nobody learns who has an account: not from what is answered, and not from how long it takes.

use std::time::Instant;

use serde_json::{Value, json};

use crate::shop::{Answer, Settings, Shop};

/// Tries of each kind. The area under the curve of two samples of this size that are alike has a standard deviation of 0.026,
/// so that the bounds below are more than five of them away.
const TRIES: usize = 250;
const ALIKE: std::ops::RangeInclusive<f64> = 0.35..=0.65;

/// The chance that one of `a` took longer than one of `b` (Mann and Whitney's U, as a share): a half when nothing can be told
/// from the time.
#[allow(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a share, in a test")]
fn share_longer(a: &[u128], b: &[u128]) -> f64 {
    let doubled = |x: u128, y: u128| if x > y { 2 } else { u64::from(x == y) };
    let wins: u64 = a.iter().flat_map(|x| b.iter().map(move |y| doubled(*x, *y))).sum();
    wins as f64 / (2 * a.len() * b.len()) as f64
}

/// What can be seen of an answer but for what differs between any two.
fn seen(answer: &Answer, email: &str) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
    (answer.status, answer.text.replace(email, "…"), headers)
}

/// A request about an address.
type Body = fn(&str) -> Value;

struct Watch<'a> {
    shop: &'a Shop,
    path: &'static str,
    body: Body,
}

impl Watch<'_> {
    async fn one(&self, email: &str) -> (u128, Answer) {
        let body = (self.body)(email);
        let began = Instant::now();
        let answer = self.shop.post(self.path, &body).await;
        (began.elapsed().as_nanos(), answer)
    }

    /// The times of known and unknown addresses, taken by turns, and which is first by turns too.
    async fn times(&self) -> (Vec<u128>, Vec<u128>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for number in 0..TRIES + 5 {
            let (ada, nobody) = ("ada@example.com".to_owned(), format!("nob{}@example.com", number % 10));
            let (first, second) = if number % 2 == 0 { (&ada, &nobody) } else { (&nobody, &ada) };
            let (one, other) = (self.one(first).await, self.one(second).await);
            assert_eq!(seen(&one.1, first), seen(&other.1, second), "{}", self.path);
            assert!(one.1.status != 429 && one.1.status < 500, "{one:?}");
            // The first ones warm up caches, connections and the hash for nobody.
            if number >= 5 {
                let (of_ada, of_nobody) = if number % 2 == 0 { (one.0, other.0) } else { (other.0, one.0) };
                known.push(of_ada);
                unknown.push(of_nobody);
            }
            // As if there had been time enough since: what is limited is not what is measured here.
            assert!(
                self.shop.sql::<i64>("WITH d AS (DELETE FROM limit_buckets RETURNING 1) SELECT count(*) FROM d").await
                    > 0
            );
        }
        (known, unknown)
    }
}

#[actix_web::test]
async fn neither_answer_nor_time_tells_who_has_an_account() {
    let shop = Shop::open_with(Settings { confirmed: true, ..Settings::default() }).await;
    let known = "WITH u AS (INSERT INTO users SELECT gen_random_uuid(), 'ada@example.com', \
        '$2b$04$abcdefghijklmnopqrstuuJ1SX2WuZyw8Xi9ICGJp5dQQZT4bWTqW', false, NULL, 'customer', now() RETURNING 1) \
        SELECT count(*) FROM u";
    assert_eq!(shop.sql::<i64>(known).await, 1);
    let doors: [(&str, Body); 3] = [
        ("/api/auth/login", |email| json!({ "email": email, "password": "wrong horse" })),
        ("/api/auth/register", |email| json!({ "email": email, "password": "correct horse", "name": "Ada" })),
        ("/api/auth/forgot-password", |email| json!({ "email": email })),
    ];
    for (path, body) in doors {
        let (known, unknown) = Watch { shop: &shop, path, body }.times().await;
        let share = share_longer(&known, &unknown);
        println!("{path}: a known address takes longer in {share:.3} of all pairs");
        assert!(ALIKE.contains(&share), "{path}: {share}");
    }
    shop.close().await;
}

#[test]
fn the_yardstick_sees_a_difference() {
    let slow: Vec<u128> = (0..100).map(|number| 1000 + number).collect();
    let fast: Vec<u128> = (0..100).map(|number| 970 + number).collect();
    assert!(!ALIKE.contains(&share_longer(&slow, &fast)));
    assert!(ALIKE.contains(&share_longer(&slow, &slow)));
}
