//! The staff desk: what people of the shop look at and do. Every page declares the permission that it takes; whoever has
//! none is told that there is no such page.

mod act;
mod cases;
pub(crate) mod chart;
mod customer;
mod event;
mod figures;
mod money;
mod order;
mod orders;
mod search;
mod system;
mod today;
mod trail;
mod words;

use accounts::{
    Access::May,
    Permission::{
        ActForCustomers, CancelOrders, ReadAudit, RefundOrders, ReplayEvents, SeeCases, SeeCustomers, SeeOrders,
        WorkCases,
    },
};
use infra::{db::Db, world::ShopWorld};

pub(crate) use self::figures::Figures;
use crate::{pages::pages, site::Site};

/// A shop whose record can be read for lists and figures, as the desk does.
pub trait Desk: Site {
    /// The record.
    fn record(&self) -> &Db;
}

impl Desk for ShopWorld {
    fn record(&self) -> &Db {
        flows::Shop::db(self)
    }
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
    "/desk/customers/{customer}", May(SeeCustomers) => get customer::show;
    "/desk/customers/{customer}/act", May(ActForCustomers) => post customer::act;
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
