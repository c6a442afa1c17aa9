use super::browser::state;
use crate::{configure_for, not_found};
use actix_web::{App, HttpResponse, HttpServer, web};
use flows::{Shop, testing::MemoryShop};
use kernel::Transact;
use std::sync::Arc;

#[actix_web::test]
#[ignore]
async fn preview() {
    let shop = Arc::new(MemoryShop::new());
    shop.db
        .transaction(async |tx| {
            let mut env = kernel::Env::system();
            let set = catalog::plan(tx, &catalog::testing::checked(include_str!("../../../../catalog.toml")), &mut env)
                .await?;
            catalog::apply(tx, &set).await
        })
        .await
        .unwrap();
    let mut web_state = state(&shop);
    web_state.secure_cookies = false;
    web_state.site.shop_name = "Hostwright".to_owned();
    let data = web::Data::new(web_state);
    let s2 = web::Data::from(shop.clone());
    HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(s2.clone())
            .configure(configure_for::<MemoryShop>)
            .route(
                "/dev/pay",
                web::get().to(|shop: web::Data<MemoryShop>| async move {
                    let session = shop.gateway.sessions().pop().unwrap();
                    let event = shop.gateway.pay(&session.id);
                    flows::take_event(&**shop, event.as_bytes()).await.unwrap();
                    HttpResponse::Ok().body("paid")
                }),
            )
            .route(
                "/dev/work/{n}",
                web::get().to(|shop: web::Data<MemoryShop>, n: web::Path<usize>| async move {
                    shop.advance(chrono::Duration::seconds(3));
                    HttpResponse::Ok().body(shop.work(*n).await.to_string())
                }),
            )
            .route(
                "/dev/refuse",
                web::get().to(|shop: web::Data<MemoryShop>| async move {
                    shop.providers.0.plan(provisioning::testing::Fault::Before(provisioning::ProviderError::Refused {
                        detail: "x".to_owned(),
                    }));
                    HttpResponse::Ok().body("ok")
                }),
            )
            .default_service(web::to(not_found::<MemoryShop>))
    })
    .workers(1)
    .bind("127.0.0.1:3999")
    .unwrap()
    .run()
    .await
    .unwrap();
    let _ = shop.links();
}
