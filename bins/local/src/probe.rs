//! Looks at what we made, as somebody outside would.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::process::until;

/// How long one look may take.
const LOOK: Duration = Duration::from_secs(5);
/// How long something that was just started has to answer.
pub(crate) const COMING_UP: Duration = Duration::from_secs(15);
/// How much of a page is read, in bytes.
const MUCH: u64 = 256 * 1024;

/// A page: its status and all of it, head and body.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// Asks a website for a page.
pub(crate) fn get(at: SocketAddr, (domain, port): (&str, u16), path: &str) -> std::io::Result<Page> {
    let mut stream = open(at)?;
    let host = if port == 80 { domain.to_owned() } else { format!("{domain}:{port}") };
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(MUCH).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    Ok(Page { status, text })
}

/// Looks until it is as it should be; else what was last wrong.
pub(crate) fn comes_up(looks_right: impl Fn() -> Result<(), String>) -> Result<(), String> {
    let last = std::cell::RefCell::new(Ok(()));
    until(COMING_UP, || {
        *last.borrow_mut() = looks_right();
        last.borrow().is_ok()
    });
    last.into_inner()
}

/// A conversation in lines, as IMAP and LMTP have them.
pub(crate) struct Talk(BufReader<TcpStream>);

impl Talk {
    pub(crate) fn open(at: SocketAddr) -> std::io::Result<Self> {
        open(at).map(|stream| Self(BufReader::new(stream)))
    }

    pub(crate) fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        (&mut self.0).take(8192).read_line(&mut line)?;
        Ok(line)
    }

    pub(crate) fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes())
    }
}

fn open(at: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&at, LOOK)?;
    stream.set_read_timeout(Some(LOOK))?;
    stream.set_write_timeout(Some(LOOK))?;
    Ok(stream)
}
