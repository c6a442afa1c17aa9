//! Everything that is held on a person: handing it out, and erasing it (GDPR, articles 15, 17 and 20).

use std::future::Future;

use kernel::{Failure, FailureKind, StoreError};

use crate::Customer;

/// Why a person is not erased.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// There is no such customer.
    #[error("there is no such customer")]
    Unknown,
    /// Something that was promised to them is not over.
    #[error("this cannot be erased yet: {0}")]
    NotOver(String),
    /// Who works for the shop.
    #[error("this account works for the shop; take its role first")]
    Staff,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for ErasureError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Unknown => FailureKind::NotFound,
            Self::NotOver(_) | Self::Staff => FailureKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "not-found",
            Self::NotOver(_) => "not-over",
            Self::Staff => "works-for-the-shop",
            Self::Store(error) => error.code(),
        }
    }
}

/// What a store holds on people, across all domains.
pub trait PersonStore {
    /// Everything that is held on somebody, as a JSON object with a list for each kind of record. Proofs and keys (hashes of
    /// passwords and tokens) are left out: they say nothing about a person and help only who wants to be them.
    fn export_person(&mut self, customer: &Customer) -> impl Future<Output = Result<String, StoreError>> + Send;

    /// What is not over yet, each in words: a running service, a payment under way, a mail that waits.
    fn not_over(&mut self, customer: &Customer) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Removes whatever says who somebody is. What accounting needs stays: orders and payments with their amounts, dates and
    /// the gateway's ids, under an id that leads to nobody here.
    fn erase_person(&mut self, customer: &Customer) -> impl Future<Output = Result<(), StoreError>> + Send;
}
