//! The staff desk: what people of the shop look at and do. Every page declares the permission that it takes; whoever has
//! none is told that there is no such page.

mod act;
mod cases;
mod catalogue;
pub(crate) mod chart;
mod coupons;
mod customer;
mod customers;
mod event;
mod figures;
mod health;
mod mails;
mod maintenance;
mod money;
mod order;
mod orders;
mod product;
mod product_form;
mod search;
mod service;
mod system;
mod today;
mod trail;
mod words;

use accounts::{
    Access::May,
    Permission::{
        self, ActForCustomers, CancelOrders, EditCatalogue, EditCoupons, ManageServices, ManageShop, ReadAudit,
        RefundOrders, ReplayEvents, SeeCases, SeeCatalogue, SeeCustomers, SeeOrders, SendMails, WorkCases,
    },
};
use catalog::file::SettingsCheck;
use infra::{db::Db, world::ShopWorld};

pub(crate) use self::figures::Figures;
pub use self::health::{Setting, Shown};
use crate::{pages::pages, site::Site, visitor::Visitor};

/// A shop whose record can be read for lists and figures, as the desk does, and whose providers judge what they are to be given.
pub trait Desk: Site<Providers: SettingsCheck> {
    /// The record.
    fn record(&self) -> &Db;
}

impl Desk for ShopWorld {
    fn record(&self) -> &Db {
        flows::Shop::db(self)
    }
}

/// Whether who looks may do this.
fn may(visitor: &Visitor, permission: Permission) -> bool {
    visitor.0.as_ref().is_some_and(|who| who.user.role.may(permission))
}

pages! {
    Desk;
    "/desk", May(SeeOrders) => get today::show;
    "/desk/search", May(SeeOrders) => get search::show;
    "/desk/orders", May(SeeOrders) => get orders::show;
    "/desk/orders/{order}", May(SeeOrders) => get order::show;
    "/desk/orders/{order}/retry", May(WorkCases) => post act::retry_order;
    "/desk/orders/{order}/cancel", May(CancelOrders) => post money::cancel;
    "/desk/orders/{order}/refund", May(RefundOrders) => get money::show, post money::refund;
    "/desk/orders/{order}/service/suspend", May(ManageServices) => post service::suspend;
    "/desk/orders/{order}/service/resume", May(ManageServices) => post service::resume;
    "/desk/orders/{order}/service/end", May(ManageServices) => get service::ask, post service::end;
    "/desk/mails/{mail}/send", May(SendMails) => post mails::send;
    "/desk/customers", May(SeeCustomers) => get customers::show;
    "/desk/customers/{customer}", May(SeeCustomers) => get customer::show;
    "/desk/customers/{customer}/act", May(ActForCustomers) => post customer::act;
    "/desk/catalogue", May(SeeCatalogue) => get catalogue::show;
    "/desk/catalogue/new", May(EditCatalogue) => get product::blank, post product::add;
    "/desk/catalogue/{product}", May(SeeCatalogue) => get product::show;
    "/desk/catalogue/{product}/save", May(EditCatalogue) => post product::save;
    "/desk/coupons", May(SeeCatalogue) => get coupons::show;
    "/desk/coupons/add", May(EditCoupons) => post coupons::add;
    "/desk/coupons/end", May(EditCoupons) => post coupons::retire;
    "/desk/health", May(SeeCases) => get health::show;
    "/desk/maintenance", May(ManageShop) => get maintenance::show, post maintenance::submit;
    "/desk/system", May(SeeCases) => get system::show;
    "/desk/jobs/{job}/retry", May(WorkCases) => post system::retry;
    "/desk/audit", May(ReadAudit) => get trail::show;
    "/desk/events/{event}", May(ReplayEvents) => get event::show;
    "/desk/events/{event}/replay", May(ReplayEvents) => post act::replay_event;
    "/desk/cases", May(SeeCases) => get cases::list;
    "/desk/cases/{case}", May(SeeCases) => get cases::show;
    "/desk/cases/{case}/take", May(WorkCases) => post cases::take;
    "/desk/cases/{case}/release", May(WorkCases) => post cases::release;
    "/desk/cases/{case}/retry", May(WorkCases) => post cases::retry;
    "/desk/cases/{case}/close", May(WorkCases) => post cases::close;
}
