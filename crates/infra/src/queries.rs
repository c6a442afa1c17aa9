//! What pages, lists and the operator's command read: read-only, joining freely. Whole things come as their domains'
//! entities, lists as view structs.

mod audit;
mod billing;
mod cases;
mod checkup;
mod customers;
mod events;
mod fleet;
mod health;
mod jobs;
mod orders;
mod queues;
mod search;
mod services;
mod sessions;
mod shelf;
mod today;
mod usual;
mod waiting;

pub use audit::{AuditFilter, AuditLine, audit_list};
pub use billing::{Billing, MailView, PaymentView, SubscriptionView, billing, mails_to};
pub use cases::{CaseFilter, SweepLine, case, cases_list, sweeps_list};
pub use checkup::{Checkup, Flow, SecretLine, WorkerLine, checkup};
pub use customers::{CustomerFilter, CustomerLine, customers_list, mails_of_customer};
pub use events::{EventLine, events_list};
pub use fleet::{ServiceFilter, ServiceLine, ServicePage, service_page, services_list};
pub use health::{Health, health};
pub use jobs::{
    DeadJob, LiveJob, QueueLimits, QueueOrders, Redriven, dead_jobs, dead_jobs_of, live_jobs, live_jobs_of,
    queue_orders, redrive, redrive_in, redrive_on_record, set_queue_limits, set_queue_limits_in, set_queue_paused,
    set_queue_paused_in,
};
pub use orders::{OrderFilter, OrderLineView, OrderPage, order_page, orders_list};
pub use queues::{QueueView, queues_list};
pub use search::{SEARCH_SHOWS, search};
pub use services::{GameServerView, ServiceView, game_servers, services};
pub use sessions::{CheckoutSessionView, checkout_session};
pub use shelf::{CouponLine, ProductLine, coupons_list, products_list};
pub use today::{DAYS, Day, DayRevenue, Delivery, Now, Today, today};
pub use usual::usual_delivery;
pub use waiting::{WaitingOrder, orders_waiting};
