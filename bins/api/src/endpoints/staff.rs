//! What people of the shop do, each route behind the permission that it declares in `endpoints.rs`.

pub(super) mod acting;
pub(super) mod cases;
pub(super) mod customers;
pub(super) mod events;
pub(super) mod members;
pub(super) mod orders;
pub(super) mod trail;
