//! The SMTP server: plain, with or without authentication, every mail into the inbox.
//!
//! `mailin` holds the protocol; the lines travel here, so that the server lives on the same runtime and can be stopped.

use crate::faults::{Kind, Rule, Target};
use crate::world::{World, lock};
use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder, response};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

const LONGEST_LINE: u64 = 1 << 20;
const LARGEST_MAIL: usize = 32 << 20;
const NAME: &str = "sandbox.localhost";

/// Serves until the task is dropped.
pub(crate) async fn run(world: Arc<World>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => drop(connections.spawn(talk(Arc::clone(&world), stream, peer.ip()))),
                Err(error) => tracing::warn!(%error, "an SMTP connection could not be taken"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn talk(world: Arc<World>, stream: TcpStream, peer: IpAddr) {
    if let Err(error) = Connection::new(world, peer).serve(stream).await {
        tracing::debug!(%error, "an SMTP connection broke off");
    }
}

/// What mailin tells about the mail in progress, and what a fault rule wants done after the present line.
#[derive(Debug, Clone)]
struct Taker {
    world: Arc<World>,
    mail: Arc<Mutex<Mail>>,
}

#[derive(Debug, Default)]
struct Mail {
    from: String,
    to: Vec<String>,
    data: Vec<u8>,
    too_large: bool,
    fault: Option<Rule>,
}

impl Taker {
    fn keep(&self, mail: &Mail) {
        let at = self.world.clock.now();
        lock(&self.world.inbox).receive(&mail.from, mail.to.clone(), &mail.data, at);
    }
}

impl Handler for Taker {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        *lock(&self.mail) = Mail { from: from.to_owned(), ..Mail::default() };
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let fault = self.world.faults.take(Target::Smtp, "RCPT", to, "");
        let mut mail = lock(&self.mail);
        match fault {
            Some(rule) if rule.kind == Kind::Fail => return refusal(&rule),
            Some(rule) => mail.fault = Some(rule),
            None => {}
        }
        mail.to.push(to.to_owned());
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        let mut mail = lock(&self.mail);
        mail.too_large |= mail.data.len() + line.len() > LARGEST_MAIL;
        if !mail.too_large {
            mail.data.extend_from_slice(line);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mail = lock(&self.mail);
        if mail.too_large {
            return response::NO_STORAGE;
        }
        match &mail.fault {
            // Without effect: the connection is cut instead of an answer.
            Some(rule) if rule.kind == Kind::Drop => response::OK,
            Some(rule) if rule.kind == Kind::FailAfterEffect => {
                self.keep(&mail);
                refusal(rule)
            }
            Some(_) | None => {
                self.keep(&mail);
                Response::custom(250, "OK: queued in the sandbox's inbox".to_owned())
            }
        }
    }

    fn auth_plain(&mut self, _: &str, _: &str, _: &str) -> Response {
        response::AUTH_OK
    }

    fn auth_login(&mut self, _: &str, _: &str) -> Response {
        response::AUTH_OK
    }
}

fn refusal(rule: &Rule) -> Response {
    let status = rule.status.unwrap_or(451);
    Response::custom(status, "The sandbox was told to refuse this".to_owned())
}

struct Connection {
    taker: Taker,
    peer: IpAddr,
    session: Session<Taker>,
    /// Whether the session demands authentication, which the sandbox offers but does not insist on.
    demands_auth: bool,
}

impl Connection {
    fn new(world: Arc<World>, peer: IpAddr) -> Self {
        let taker = Taker { world, mail: Arc::default() };
        let mut builder = SessionBuilder::new(NAME);
        builder.enable_auth(AuthMechanism::Plain).enable_auth(AuthMechanism::Login).insecure_enable_plaintext_auth();
        let session = builder.build(peer, taker.clone());
        Self { taker, peer, session, demands_auth: true }
    }

    /// A session that is greeted already and demands no authentication.
    fn plain_session(&mut self) {
        self.session = SessionBuilder::new(NAME).build(self.peer, self.taker.clone());
        let _ = self.session.process(b"HELO client\r\n");
        self.demands_auth = false;
    }

    async fn serve(mut self, stream: TcpStream) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let greeting = self.session.greeting();
        write(&mut stream, &greeting).await?;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
            if read == 0 {
                return Ok(());
            }
            let answer = self.process(&line);
            let fault = if answer.action == Action::NoReply { None } else { self.fault_after(&line) };
            if let Some(rule) = fault {
                match rule.kind {
                    Kind::Drop => return Ok(()),
                    Kind::HangAfterEffect => {
                        sleep(rule.wait(30_000)).await;
                        return Ok(());
                    }
                    Kind::Delay => sleep(rule.wait(1000)).await,
                    Kind::Fail | Kind::FailAfterEffect | Kind::Duplicate | Kind::Reorder => {}
                }
            }
            if answer.action != Action::NoReply {
                write(&mut stream, &answer).await?;
            }
            if answer.action == Action::Close {
                return Ok(());
            }
        }
    }

    fn process(&mut self, line: &[u8]) -> Response {
        let starts =
            |word: &str| line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
        if self.demands_auth && (starts("MAIL") || starts("HELO")) {
            self.plain_session();
        }
        let answer = self.session.process(line);
        if answer.code == 235 {
            self.demands_auth = false;
        }
        // mailin would take what follows a refused mail for more of its text; a fresh session takes it for commands.
        if line == b".\r\n" && answer.is_error {
            self.plain_session();
        }
        answer
    }

    /// The fault rule to carry out after the end of a mail.
    fn fault_after(&self, line: &[u8]) -> Option<Rule> {
        if line == b".\r\n" { lock(&self.taker.mail).fault.take() } else { None }
    }
}

async fn write(stream: &mut BufReader<TcpStream>, response: &Response) -> io::Result<()> {
    let mut bytes = Vec::new();
    response.write_to(&mut bytes)?;
    stream.write_all(&bytes).await?;
    stream.flush().await
}
