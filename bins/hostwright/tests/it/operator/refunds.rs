//! Money that an operator sends back from the command line.

use crate::ground::{Goods, Ground, until};

async fn refunded(ground: &Ground) -> i64 {
    let sql = "SELECT coalesce(sum(amount), 0)::bigint FROM refunds WHERE status = 'succeeded'";
    ground.sql.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_and_then_the_rest_goes_back_and_what_is_too_much_is_refused() {
    let ground = Ground::open().await;
    let order = ground.sell(Goods::Hosting).await.order;
    assert!(ground.refused(&format!("orders refund {order} --amount 3.505 --reason x")).contains("amount like 3.50"));
    assert!(ground.refused(&format!("orders refund {order} --amount 999 --reason x")).contains("at most 7.19 USD"));
    let told = ground.told(&format!("orders refund {order} --amount 2 --reason slow --as Ada"));
    assert!(told.starts_with("2.00 USD is being sent back"), "{told}");
    until("the part is gone", async || (refunded(&ground).await == 200).then_some(())).await;
    ground.told(&format!("orders refund {order} --reason rest --as Ada"));
    until("the rest is gone", async || (refunded(&ground).await == 719).then_some(())).await;
    let shown = ground.told(&format!("orders show {order}"));
    for word in ["refunded", "Ada", "slow", "rest", "refunded-running"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(ground.refused(&format!("orders refund {order} --reason again")).contains("nothing"));
    let sql = "SELECT count(*) FROM audit_log WHERE act = 'refund-asked' AND actor = 'Ada'";
    let acts: i64 = ground.sql.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(acts, 2);
}
