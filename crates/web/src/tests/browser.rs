//! A browser without JavaScript, and the memory shop behind it.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use actix_web::{
    App,
    http::{StatusCode, header},
    test::{self, TestRequest},
    web,
};
use flows::{Shop, testing::MemoryShop};
use infra::queries::{Billing, MailView, OrderLineView, PaymentView, ServiceView, SubscriptionView};
use kernel::{EmailAddress, Id, StoreError, entity};

use crate::{Registration, Site, WebSettings, WebState, configure_for, not_found};

impl Site for MemoryShop {
    async fn services(&self, customer: Id<entity::Customer>) -> Result<Vec<ServiceView>, StoreError> {
        let row = |service: &provisioning::Service| ServiceView {
            id: service.id,
            order: service.order,
            label: service.label.clone(),
            plan_name: service.plan.to_string(),
            plan: service.plan.to_string(),
            kind: service.kind.clone(),
            order_status: String::new(),
            created_at: service.created_at,
            status: service.state.as_str().to_owned(),
            access: service.access.clone(),
        };
        Ok(self.db.with(|store| {
            let all = store.services.services.values();
            all.filter(|service| service.owner.customer == customer).map(row).collect()
        }))
    }

    async fn orders(&self, customer: Id<entity::Customer>) -> Result<Vec<OrderLineView>, StoreError> {
        let row = |order: &orders::Order| OrderLineView {
            id: order.id,
            disputed: order.disputed,
            email: order.buyer.email.to_string(),
            plan: order.line.plan.to_string(),
            plan_name: order.line.plan_name.clone(),
            cycle: order.line.cycle.to_string(),
            coupon: None,
            attention: None,
            total: order.line.total,
            status: order.state.as_str().to_owned(),
            created_at: order.created_at,
        };
        Ok(self.db.with(|store| {
            store.orders.values().filter(|order| order.buyer.customer == Some(customer)).map(row).collect()
        }))
    }

    async fn billing(&self, customer: Id<entity::Customer>) -> Result<Billing, StoreError> {
        Ok(self.db.with(|store| {
            let own = |order: &&orders::Order| order.buyer.customer == Some(customer);
            let orders: Vec<_> = store.orders.values().filter(own).collect();
            let of = |order: &orders::Order| {
                let tried = store.payments.values().filter(move |tried| tried.order == order.id);
                tried
                    .filter(|tried| tried.state != orders::PaymentState::Created)
                    .map(|tried| payment(order, tried))
                    .collect()
            };
            let payments = orders.iter().flat_map(|order| -> Vec<PaymentView> { of(order) }).collect();
            let known =
                orders.iter().filter_map(|order| Some(subscription(order, store.subscriptions.get(&order.id)?)));
            Billing { subscriptions: known.collect(), payments }
        }))
    }

    async fn usual_delivery(&self, _: catalog::ProductKind) -> Result<Option<chrono::Duration>, StoreError> {
        Ok(Some(chrono::Duration::seconds(8)))
    }

    async fn mails(&self, address: &EmailAddress) -> Result<Vec<MailView>, StoreError> {
        let view = |mail: &notify::Mail| MailView {
            template: mail.template.clone(),
            order: mail.order,
            status: mail.status.as_str().to_owned(),
            at: mail.queued_at,
        };
        Ok(self.db.with(|store| store.mails.mails.values().filter(|mail| mail.to == *address).map(view).collect()))
    }
}

fn payment(order: &orders::Order, payment: &orders::Payment) -> PaymentView {
    PaymentView {
        order: order.id,
        plan_name: order.line.plan_name.clone(),
        amount: payment.amount,
        refunded: payment.refunded,
        status: payment.state.as_str().to_owned(),
        at: payment.created_at,
    }
}

fn subscription(order: &orders::Order, known: &orders::Subscription) -> SubscriptionView {
    SubscriptionView {
        order: order.id,
        plan_name: order.line.plan_name.clone(),
        cycle: order.line.cycle.to_string(),
        renewal: order.line.renewal,
        status: known.status.as_str().to_owned(),
        period_end: known.period_end,
        ends: known.cancel_at_period_end,
        charged: known.gateway_id.is_some(),
    }
}

pub(crate) fn state(shop: &Arc<MemoryShop>) -> WebState<MemoryShop> {
    let (shop_name, support_email) = ("Test Shop".to_owned(), "help@shop.example".to_owned());
    let brand = infra::config::BrandFile::default();
    let settings = WebSettings { shop_name, support_email, registration: Registration::Confirmed, brand };
    WebState::new(Arc::clone(shop), settings).unwrap()
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not in\n{}", self.body);
        self
    }

    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is in\n{}", self.body);
        self
    }

    /// The value of a hidden or visible input.
    pub(crate) fn value(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\"");
        let (_, rest) = self.body.split_once(&mark).unwrap_or_else(|| panic!("no {name} in\n{}", self.body));
        let (tag, _) = rest.split_once('>').unwrap();
        tag.split_once("value=\"").map(|(_, value)| value.split('"').next().unwrap().to_owned()).unwrap_or_default()
    }
}

/// Somebody at a browser: one cookie, no JavaScript.
pub(crate) struct Browser {
    pub(crate) shop: Arc<MemoryShop>,
    pub(crate) state: web::Data<WebState<MemoryShop>>,
    cookie: RefCell<Option<String>>,
}

pub(crate) type Form<'a> = BTreeMap<&'a str, String>;

impl Browser {
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    /// At a shop that is otherwise.
    pub(crate) fn with(change: impl FnOnce(&mut MemoryShop)) -> Self {
        let mut shop = MemoryShop::new();
        change(&mut shop);
        let shop = Arc::new(shop);
        let state = web::Data::new(state(&shop));
        Self { shop, state, cookie: RefCell::default() }
    }

    /// What it carries.
    pub(crate) fn cookie(&self) -> String {
        self.cookie.borrow().clone().unwrap_or_default()
    }

    /// Another one at the same shop.
    pub(crate) fn stranger(&self) -> Self {
        Self { shop: Arc::clone(&self.shop), state: self.state.clone(), cookie: RefCell::default() }
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        let (status, headers, body) = self.raw(request).await;
        let body = String::from_utf8(body).unwrap();
        if let Some(cookie) = headers.get(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.cookie.borrow_mut() = Some(pair);
        }
        Answer { status, headers, body }
    }

    /// An answer as it was sent.
    pub(crate) async fn raw(&self, mut request: TestRequest) -> (StatusCode, header::HeaderMap, Vec<u8>) {
        if let Some(cookie) = self.cookie.borrow().as_ref() {
            request = request.insert_header((header::COOKIE, cookie.clone()));
        }
        let app = test::init_service(
            App::new()
                .app_data(self.state.clone())
                .configure(configure_for::<MemoryShop>)
                .default_service(web::to(not_found::<MemoryShop>)),
        )
        .await;
        let answer = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, test::read_body(answer).await.to_vec())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }

    pub(crate) async fn post(&self, path: &str, form: &Form<'_>) -> Answer {
        let request = TestRequest::post().uri(path).insert_header(("sec-fetch-site", "same-origin"));
        self.send(request.set_form(form)).await
    }

    /// The checkout form of a plan as it comes, filled in by somebody who has no account.
    pub(crate) async fn checkout(&self, path: &str) -> Form<'static> {
        let page = self.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let mut form = Form::new();
        for hidden in ["key", "seen", "cycle"] {
            form.insert(hidden, page.value(hidden));
        }
        form.insert("name", "Gerda Guest".to_owned());
        form.insert("email", "gerda@example.com".to_owned());
        form.insert("action", "order".to_owned());
        form
    }

    /// Orders a plan and returns the order's path.
    pub(crate) async fn order(&self, path: &str) -> String {
        let form = self.checkout(path).await;
        let answer = self.post(path, &form).await;
        answer.location().strip_suffix("/pay").unwrap().to_owned()
    }

    /// The customer pays and the gateway tells us.
    pub(crate) async fn pay(&self) {
        let session = self.shop.gateway.all_sessions().pop().unwrap();
        let event = self.shop.gateway.pay(&session.id);
        flows::take_event(&*self.shop, event.as_bytes()).await.unwrap();
    }

    /// Asks for an account, reads the mail and opens it.
    pub(crate) async fn register(&self, email: &str) {
        let form = Form::from([
            ("name", "Rita".to_owned()),
            ("email", email.to_owned()),
            ("password", "long enough".to_owned()),
        ]);
        self.post("/register", &form).await.says("Look into your mail");
        let link = self.mailed_link().await;
        let token = self.get(&link).await.value("token");
        let form = Form::from([("token", token), ("password", "long enough".to_owned())]);
        assert_eq!(self.post("/register/confirm", &form).await.location(), "/account");
    }

    /// The path that the latest mail leads to.
    pub(crate) async fn mailed_link(&self) -> String {
        self.shop.work(100).await;
        let mail = self.shop.mailer.arrived().pop().expect("a mail");
        let (_, rest) = mail.text.split_once(&format!("{}/", self.site())).expect("a link");
        format!("/{}", rest.split_whitespace().next().unwrap())
    }

    pub(crate) fn count_orders(&self) -> usize {
        self.shop.db.with(|store| store.orders.len())
    }

    pub(crate) fn site(&self) -> String {
        self.shop.links().site.clone()
    }
}
