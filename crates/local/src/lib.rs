//! The words that the `local` provider and the hosting helper speak over the helper's unix socket.
//!
//! One connection carries one [`Question`] and one [`Answer`], each a line of JSON. Every word that ends in a file, a
//! command or a configuration is a type that was checked when it was read, so the helper never sees a free text there.

mod answer;
mod question;
mod word;

pub use answer::{Answer, Condition, Measured, Refusal, Sftp, Standing};
pub use question::{Kind, Owned, PowerWord, Question, Spec, Verb};
pub use word::{Domain, InvalidWord, MailAddress, Mebibytes, Password, PhpVersion, ServerName, Slots, Title};

/// What both sides must agree on. A helper answers no other version.
pub const VERSION: u32 = 2;
/// The longest line that either side reads, in bytes.
pub const LONGEST_LINE: u64 = 256 * 1024;
/// How many services a page of the list has.
pub const PAGE: usize = 200;
