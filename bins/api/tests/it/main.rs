//! The whole API on a real PostgreSQL, with the sandbox as Stripe.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod accounts;
mod bad_input;
mod brand;
mod browsers;
mod cable;
mod checkout;
mod desk;
mod desk_mails;
mod desk_money;
mod desk_people;
mod desk_shelf;
mod double_click;
mod enumeration;
mod first_load;
mod flood;
mod gateway;
mod health;
mod limits;
mod maintenance;
mod openapi;
mod orders;
mod plans;
mod privacy;
mod roles;
mod second_factor;
mod shop;
mod slow;
mod staff;
mod states;
mod stock;
mod webhook;
