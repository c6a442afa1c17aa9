//! As much of PostgreSQL's protocol as it takes to see a commit pass: the COMMIT of a transaction, or the end of a
//! statement that writes outside of one.

use std::collections::HashMap;

/// Messages larger than this are not kept whole; no statement of ours comes near.
const LARGEST: usize = 4 << 20;
const PROTOCOL_3: u32 = 3 << 16;

/// What a statement does to the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Deed {
    #[default]
    Read,
    Write,
    Begin,
    Commit,
    Rollback,
}

impl Deed {
    fn of(sql: &[u8]) -> Self {
        let text = sql.iter().skip_while(|byte| byte.is_ascii_whitespace());
        let word: Vec<u8> = text.take_while(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_uppercase).collect();
        match word.as_slice() {
            b"BEGIN" | b"START" => Self::Begin,
            b"COMMIT" | b"END" => Self::Commit,
            b"ROLLBACK" | b"ABORT" => Self::Rollback,
            b"INSERT" | b"UPDATE" | b"DELETE" | b"WITH" => Self::Write,
            _ => Self::Read,
        }
    }
}

/// Reads one client's messages.
#[derive(Debug, Default)]
pub(super) struct Reader {
    rest: Vec<u8>,
    started: bool,
    in_transaction: bool,
    prepared: HashMap<Vec<u8>, Deed>,
    bound: Deed,
    /// What was executed since the last Sync.
    pending: Option<Deed>,
}

impl Reader {
    /// Takes what was sent next; whether a commit is in it.
    pub(super) fn read(&mut self, bytes: &[u8]) -> bool {
        self.rest.extend_from_slice(bytes);
        let mut commit = false;
        while let Some((kind, body)) = self.message() {
            commit |= self.understand(kind, &body);
        }
        commit
    }

    /// The next whole message; its kind is 0 while the connection starts.
    fn message(&mut self) -> Option<(u8, Vec<u8>)> {
        let head = usize::from(self.started);
        let length = self.rest.get(head..head + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok())?;
        let whole = head + usize::try_from(u32::from_be_bytes(length)).ok()?;
        if whole > LARGEST || whole < head + 4 {
            // Not what we speak: pass it on unread.
            self.rest.clear();
            return None;
        }
        if self.rest.len() < whole {
            return None;
        }
        let later = self.rest.split_off(whole);
        let message = std::mem::replace(&mut self.rest, later);
        let kind = if self.started { *message.first()? } else { 0 };
        Some((kind, message.get(head + 4..)?.to_vec()))
    }

    fn understand(&mut self, kind: u8, body: &[u8]) -> bool {
        match kind {
            // Whatever comes before (a question for encryption) is answered and followed by the real start.
            0 => {
                let code = body.get(..4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
                self.started = code.map(u32::from_be_bytes) == Some(PROTOCOL_3);
                false
            }
            b'Q' => self.executed(Deed::of(body)),
            b'P' => {
                let (name, rest) = text(body);
                self.prepared.insert(name.to_vec(), Deed::of(text(rest).0));
                false
            }
            b'B' => {
                let statement = text(text(body).1).0;
                self.bound = self.prepared.get(statement).copied().unwrap_or_default();
                false
            }
            b'E' => {
                self.pending = Some(self.bound);
                false
            }
            b'S' => {
                let deed = self.pending.take();
                deed.is_some_and(|deed| self.executed(deed))
            }
            _ => false,
        }
    }

    fn executed(&mut self, deed: Deed) -> bool {
        match deed {
            Deed::Begin => self.in_transaction = true,
            Deed::Rollback => self.in_transaction = false,
            Deed::Commit => return std::mem::take(&mut self.in_transaction),
            Deed::Write => return !self.in_transaction,
            Deed::Read => {}
        }
        false
    }
}

/// Up to the next NUL, and what follows it.
fn text(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], length.as_slice(), body].concat()
    }

    fn started() -> Reader {
        let mut reader = Reader::default();
        let start = message(b'x', &[&PROTOCOL_3.to_be_bytes()[..], b"user\0hostwright\0\0"].concat());
        assert!(!reader.read(&start[1..]));
        reader
    }

    #[test]
    fn a_commit_is_seen_however_it_is_cut_into_pieces() {
        let bytes =
            [message(b'Q', b"BEGIN\0"), message(b'Q', b"SELECT 'COMMIT'\0"), message(b'Q', b"COMMIT\0")].concat();
        for at in 1..bytes.len() {
            let mut reader = started();
            let (first, second) = bytes.split_at(at);
            assert_eq!((reader.read(first), reader.read(second)), (false, true), "cut at {at}");
        }
    }

    #[test]
    fn a_write_of_its_own_is_a_commit_and_one_inside_a_transaction_is_not() {
        let mut reader = started();
        let write = [
            message(b'P', b"s1\0WITH done AS (DELETE FROM jobs RETURNING *) SELECT 1\0\0\0"),
            message(b'B', b"\0s1\0\0\0\0\0\0\0"),
            message(b'E', b"\0\0\0\0\0"),
        ]
        .concat();
        assert!(!reader.read(&write));
        assert!(reader.read(&message(b'S', b"")));
        assert!(!reader.read(&message(b'S', b"")), "nothing was executed since");
        assert!(!reader.read(&message(b'Q', b"begin\0")));
        assert!(!reader.read(&[write, message(b'S', b"")].concat()));
        assert!(reader.read(&message(b'Q', b"commit\0")));
        assert!(!reader.read(&message(b'Q', b"COMMIT\0")), "there is no transaction");
    }

    #[test]
    fn reading_and_rolling_back_commit_nothing() {
        let mut reader = started();
        for sql in
            ["SELECT 1\0", "BEGIN\0", "ROLLBACK\0", "SET lock_timeout = 1; SET x = 2\0", "LISTEN hostwright_jobs\0"]
        {
            assert!(!reader.read(&message(b'Q', sql.as_bytes())), "{sql}");
        }
    }

    #[test]
    fn a_question_for_encryption_comes_before_the_start() {
        let mut reader = Reader::default();
        let question = message(b'x', &80_877_103_u32.to_be_bytes());
        assert!(!reader.read(&question[1..]));
        assert!(!reader.started);
        let start = message(b'x', &[&PROTOCOL_3.to_be_bytes()[..], b"\0"].concat());
        reader.read(&start[1..]);
        assert!(reader.started && reader.read(&message(b'Q', b"DELETE FROM x\0")));
    }
}
