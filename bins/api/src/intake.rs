//! What stands between strangers' connections and the endpoints: how many there may be, and how long each may take
//! (docs/decisions/0013-intake.md).

mod connection;
mod exchange;
mod guarded;
mod listen;
mod open_files;
mod room;

pub(crate) use exchange::exchange;
pub(crate) use listen::{Door, bind, serve};
pub(crate) use open_files::raise_open_files;
pub(crate) use room::Limits;

use std::time::Duration;

/// How long the head of a request may take from its first byte on.
const HEAD: Duration = Duration::from_secs(5);
/// How long a body may take from the end of its head on; also how long a body that nobody wants is listened to.
const BODY: Duration = Duration::from_secs(5);
/// How long a connection may do nothing between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// How long an answer may wait for its reader, from when the kernel's buffer is full until it has taken all the rest.
const ANSWER: Duration = Duration::from_secs(8);
/// How long a connection is listened to after an answer that came before the end of the request.
const LINGER: Duration = Duration::from_secs(3);
/// actix ends what is late politely, with an answer of 408. What it overlooks is cut off so much later.
const GRACE: Duration = Duration::from_secs(1);
/// How often it is looked for what is late.
const SWEEP: Duration = Duration::from_millis(500);
/// The largest head of a request: the line and all header fields.
const HEAD_BYTES: usize = 16 << 10;
/// So much is read at once while a head is awaited, and read ahead while a request is worked on.
const READ_AHEAD: usize = 4 << 10;
/// The kernel's buffer for answers; Linux doubles it. What is in it costs no memory of the process.
const SEND_BUFFER: usize = 32 << 10;
