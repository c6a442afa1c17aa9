//! A plan of which there is one left, and two who want it.

use super::chrome::{self, Chrome, DESK, PHONE};
use crate::ground::Ground;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_too_late_for_the_last_one_is_told_before_paying_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    ground.sql.execute("UPDATE products SET stock = 1 WHERE code = 'starter'", &[]).await.unwrap();
    let mut late = Chrome::open("soldout", DESK).await;
    late.goto(&ground.desk.api).await;
    late.sees("Only 1 left").await;
    late.click("a[href^='/order/starter']").await;
    late.fill("name", "Linus Late").await;
    late.fill("email", "linus@example.com").await;

    let first = Chrome::open("soldout-first", PHONE).await;
    first.goto(&format!("{}/order/starter", ground.desk.api)).await;
    first.fill("name", "Gerda Guest").await;
    first.fill("email", "gerda@example.com").await;
    first.click("button.main[value='order']").await;
    first.arrives("/pay/").await;

    late.click("button.main[value='order']").await;
    late.sees("Starter is sold out").await;
    assert!(late.address().await.contains("/order/starter"), "no payment page");
    assert_eq!(late.entered("name").await, "Linus Late");
    late.shot("checkout").await;
    late.press("See the other plans").await;
    late.sees("Sold out").await;
    assert_eq!(late.text_of(".plan .gone").await, "Sold out");
    late.shot("plans").await;

    first.press("by card").await;
    first.arrives("/orders/ord_").await;
    first.sees("Ready to use").await;
    let sold: i64 = ground.sql.query_one("SELECT count(*) FROM orders", &[]).await.unwrap().get(0);
    assert_eq!(sold, 1);
    first.close().await;
    late.close().await;
}
