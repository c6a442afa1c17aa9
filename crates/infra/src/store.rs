//! The stores' ports on PostgreSQL, one file each: rows become entities and entities rows. Nothing is decided here, and a
//! row that should be impossible is an error that says which.

mod accounts;
mod audit;
mod cases;
mod catalog;
mod checkout;
mod events;
mod factors;
mod limits;
mod mails;
mod operations;
mod orders;
mod outbound;
mod person;
mod services;
mod stock;

pub(crate) use self::{audit::EntryRow, cases::CaseRow, events::EventBatcher, limits::forget_full_buckets};
pub use self::{
    person::{Erased, HELD, Held, NOTHING},
    stock::STOCKS,
};

use std::str::FromStr;

use kernel::{Currency, Money, StoreError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::db::impossible;

/// Where a row is, for errors about it.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    table: &'static str,
    id: Uuid,
}

impl Place {
    pub(crate) const fn new(table: &'static str, id: Uuid) -> Self {
        Self { table, id }
    }

    pub(crate) fn impossible(self, column: &str) -> StoreError {
        impossible(self.table, self.id, column)
    }

    /// A text that was checked when it was written.
    pub(crate) fn parse<T: FromStr>(self, column: &str, text: &str) -> Result<T, StoreError> {
        text.parse().map_err(|_| self.impossible(column))
    }

    /// A closed word.
    pub(crate) fn word<T>(self, column: &str, parsed: Option<T>) -> Result<T, StoreError> {
        parsed.ok_or_else(|| self.impossible(column))
    }

    /// A JSON column.
    pub(crate) fn json<T: DeserializeOwned>(self, column: &str, value: Value) -> Result<T, StoreError> {
        serde_json::from_value(value).map_err(|_| self.impossible(column))
    }

    /// An amount with its currency.
    pub(crate) fn money(self, minor: i64, currency: &str) -> Result<Money, StoreError> {
        Ok(Money::new(minor, self.parse::<Currency>("currency", currency)?))
    }

    /// A number that fits its type.
    pub(crate) fn number<N, T: TryFrom<N>>(self, column: &str, number: N) -> Result<T, StoreError> {
        T::try_from(number).map_err(|_| self.impossible(column))
    }
}

/// Something of ours as JSON, which cannot fail for what we store.
pub(crate) fn to_json<T: Serialize>(what: &'static str, value: &T) -> Result<Value, StoreError> {
    serde_json::to_value(value)
        .map_err(|error| StoreError::Bug { context: what.to_owned(), source: Some(Box::new(error)) })
}
