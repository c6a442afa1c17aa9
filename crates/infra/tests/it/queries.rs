//! What pages and lists read.

use infra::{
    db::PgTx,
    queries::{OrderFilter, checkout_session, events_list, game_servers, health, order_page, orders_list, services},
};
use kernel::{StoreError, Transact};
use orders::{OrderSession, OrderStore, SessionState};
use provisioning::{AccessField, RemoteRef, ServiceState, ServiceStore};
use testkit::{fixed_env, noon};

use crate::shop::Shop;

#[tokio::test]
async fn an_orders_page_has_all_that_came_of_it() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (order, payment) = shop.paid(&mut env, "starter").await;
    let page = order_page(&shop.db, order.id).await.unwrap().unwrap();
    assert_eq!(page.order, order);
    assert_eq!(page.payments, [payment]);
    let events: Vec<&str> = page.timeline.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(events, ["placed", "paid", "delivery_requested"]);
    assert_eq!(page.service.unwrap().state, ServiceState::Pending);
    let mails: Vec<&str> = page.mails.iter().map(|mail| mail.template.as_str()).collect();
    assert!(mails.contains(&"order_confirmation") && mails.contains(&"welcome"), "{mails:?}");
    assert_eq!(order_page(&shop.db, env.id()).await.unwrap(), None);
}

#[tokio::test]
async fn orders_are_listed_newest_first_page_by_page() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(shop.placed(&mut env, "starter").await.0.id);
    }
    ids.sort();
    ids.reverse();
    let first = orders_list(&shop.db, &OrderFilter::default(), 3).await.unwrap();
    let before = first.last().map(|line| line.id);
    let second = orders_list(&shop.db, &OrderFilter { before, ..OrderFilter::default() }, 3).await.unwrap();
    let seen: Vec<_> = first.iter().chain(&second).map(|line| line.id).collect();
    assert_eq!(seen, ids);
    let (paid, _) = shop.paid(&mut env, "starter").await;
    let status = Some("paid".to_owned());
    let found = orders_list(&shop.db, &OrderFilter { status, ..OrderFilter::default() }, 10).await.unwrap();
    assert_eq!(found.iter().map(|line| line.id).collect::<Vec<_>>(), [paid.id]);
    assert_eq!((found[0].plan.as_str(), found[0].total.minor()), ("starter", 799));
    let customer = paid.buyer.customer;
    let found = orders_list(&shop.db, &OrderFilter { customer, ..OrderFilter::default() }, 10).await.unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_customer_sees_their_services_and_game_servers() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (site, _) = shop.paid(&mut env, "starter").await;
    let (mut game, _) = shop.paid(&mut env, "paper-4gb").await;
    let remote = RemoteRef { id: "17".to_owned(), identifier: "1a7ce997".to_owned() };
    let work = async |tx: &mut PgTx| {
        let mut service = tx.service_of(game.id).await?.unwrap();
        service.state = ServiceState::Active(remote.clone());
        service.access = vec![AccessField { label: "Address".to_owned(), value: "10.0.0.1:25565".to_owned() }];
        tx.save_service(&service).await?;
        game.delivered = Some(orders::Delivered { service: service.id, remote });
        tx.save_order(&game).await
    };
    shop.db.transaction(work).await.unwrap();
    let customer = site.buyer.customer.unwrap();
    let all = services(&shop.db, customer).await.unwrap();
    let kinds: Vec<(&str, &str)> = all.iter().map(|view| (view.kind.as_str(), view.status.as_str())).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&("game", "active")) && kinds.contains(&("hosting", "pending")), "{kinds:?}");
    let servers = game_servers(&shop.db, customer).await.unwrap();
    assert_eq!(servers.len(), 1);
    assert_eq!((servers[0].ptero_server_id, servers[0].ptero_identifier.as_deref()), (Some(17), Some("1a7ce997")));
    assert_eq!(servers[0].address.as_deref(), Some("10.0.0.1:25565"));
    assert!(services(&shop.db, env.id()).await.unwrap().is_empty(), "nobody else's");
}

#[tokio::test]
async fn a_checkout_session_reads_as_the_old_shop_had_it() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (order, payment) = shop.placed(&mut env, "starter").await;
    let session = OrderSession {
        session: "cs_test_1".to_owned(),
        order: order.id,
        payment: payment.id,
        state: SessionState::Created,
        url: None,
        created_at: noon(),
    };
    shop.db.transaction(async |tx| tx.save_session(&session).await).await.unwrap();
    let view = checkout_session(&shop.db, "cs_test_1").await.unwrap().unwrap();
    assert_eq!((view.id, view.order_id, view.amount), (payment.id, order.id, 799));
    assert_eq!((view.status.as_str(), view.order_status.as_str()), ("created", "pending"));
    assert_eq!(checkout_session(&shop.db, "cs_test_2").await.unwrap(), None);
}

#[tokio::test]
async fn a_session_that_is_completed_stays_so() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    let (order, payment) = shop.placed(&mut env, "starter").await;
    let session = |state| OrderSession {
        session: "cs_test_1".to_owned(),
        order: order.id,
        payment: payment.id,
        state,
        url: None,
        created_at: noon(),
    };
    let work = async |tx: &mut PgTx| {
        for state in [SessionState::Completed, SessionState::Created] {
            tx.save_session(&session(state)).await?;
        }
        Ok::<_, StoreError>(tx.session_link("cs_test_1").await?.unwrap().state)
    };
    assert_eq!(shop.db.transaction(work).await.unwrap(), SessionState::Completed);
}

#[tokio::test]
async fn health_counts_what_waits() {
    let mut env = fixed_env(1);
    let shop = Shop::open(&mut env).await;
    assert_eq!(health(&shop.db).await.unwrap().live, 0);
    shop.paid(&mut env, "starter").await;
    shop.sql().await.batch_execute("UPDATE jobs SET run_at = now() - interval '1 minute'").await.unwrap();
    let health = health(&shop.db).await.unwrap();
    assert!(health.live > 0 && health.oldest_ready_ms >= 60_000, "{health:?}");
    assert!(events_list(&shop.db, None, 10).await.unwrap().is_empty());
}
