//! For tests of this crate and of others: a mail log in memory, a mailer that keeps what it is given, and the suite that
//! every mail log must pass.

mod conformance;
mod fake_mailer;
mod memory;
mod repeated;

pub use conformance::store_conforms;
pub use fake_mailer::FakeMailer;
pub use memory::MemoryMails;
pub(crate) use repeated::Repeated;
