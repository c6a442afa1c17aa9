//! The mailer against a scripted server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests fail by panicking"
)]

use std::time::Duration;

use kernel::{Id, entity};
use notify::{Department, MailError, Mailer, Message};
use secrecy::SecretString;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::outgoing::Outgoing;

use super::{Senders, SmtpConfigError, SmtpMailer, SmtpSettings, SmtpTls};

const EHLO: &str = "250-mx.test\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n";
const EHLO_STARTTLS: &str = "250-mx.test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n";

/// What the server answers; `None` cuts the connection instead.
#[derive(Clone, Copy)]
struct Script {
    ehlo: &'static str,
    auth: Option<&'static str>,
    rcpt: Option<&'static str>,
    data: Option<&'static str>,
    /// After the mail's end; `Some("")` says nothing and keeps the connection.
    end: Option<&'static str>,
}

const GOOD: Script = Script {
    ehlo: EHLO,
    auth: Some("235 welcome\r\n"),
    rcpt: Some("250 ok\r\n"),
    data: Some("354 go on\r\n"),
    end: Some("250 2.0.0 queued as 4711\r\n"),
};

/// One line that came in, and whether it belongs to a mail's text.
type Heard = Vec<String>;

/// Serves one connection and hands back every line it heard.
async fn serve(script: Script) -> (u16, JoinHandle<Heard>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        converse(stream, script, &mut heard).await;
        heard
    });
    (port, served)
}

async fn converse(stream: TcpStream, script: Script, heard: &mut Heard) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mx.test\r\n").await.unwrap();
    let mut in_text = false;
    loop {
        let mut line = String::new();
        // A client that goes away, and TLS bytes that are no text, end the conversation alike.
        if !matches!(stream.read_line(&mut line).await, Ok(read) if read > 0) {
            return;
        }
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        heard.push(line.clone());
        let answer = if in_text {
            if line != "." {
                continue;
            }
            in_text = false;
            script.end
        } else {
            in_text = line == "DATA" && script.data.is_some_and(|answer| answer.starts_with("354"));
            answer(script, &line)
        };
        let Some(answer) = answer else { return };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn answer(script: Script, line: &str) -> Option<&'static str> {
    match line.split(' ').next().unwrap_or_default() {
        "EHLO" => Some(script.ehlo),
        "AUTH" => script.auth,
        "STARTTLS" => Some("220 begin\r\n"),
        "MAIL" => Some("250 ok\r\n"),
        "RCPT" => script.rcpt,
        "DATA" => script.data,
        "QUIT" => Some("221 bye\r\n"),
        other => panic!("the client said {other:?}"),
    }
}

fn senders() -> Senders {
    let senders = Senders::new("Hostwright <hello@shop.example>").unwrap();
    senders.with(Department::Support, "Hostwright Support <help@support.example>").unwrap()
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        user: None,
        password: None,
        tls: SmtpTls::Auto,
        senders: senders(),
        outgoing: Outgoing::default(),
    }
}

fn with_login(port: u16) -> SmtpSettings {
    let password = Some(SecretString::from("hunter2-hunter2"));
    SmtpSettings { user: Some("shop".to_owned()), password, ..settings(port) }
}

fn message() -> Message {
    let id: Id<entity::Mail> = "mail_0198c0ffee0070008000000000000001".parse().unwrap();
    Message {
        id,
        to: "jan@example.com".parse().unwrap(),
        to_name: Some("Jan Novák".to_owned()),
        department: Department::Sales,
        subject: "Welcome: Žluťoučký kůň".to_owned(),
        html: "<p>Your password is kV7#mQ2p</p>".to_owned(),
        text: "Your password is kV7#mQ2p\n.\nA line with a dot above.\n".to_owned(),
    }
}

/// Sends the message to a server that follows `script`.
async fn send(script: Script) -> (Result<notify::Accepted, MailError>, Heard) {
    let (port, served) = serve(script).await;
    let mailer = SmtpMailer::connect(settings(port)).unwrap();
    let result = mailer.send(&message()).await;
    (result, served.await.unwrap())
}

#[tokio::test]
async fn an_accepted_mail_arrives_whole() {
    let (result, heard) = send(GOOD).await;
    let accepted = result.unwrap();
    assert_eq!(accepted.message_id, "<mail_0198c0ffee0070008000000000000001@shop.example>");
    assert_eq!(accepted.response, "250 2.0.0 queued as 4711");
    let dialogue = ["EHLO shop.example", "MAIL FROM:<hello@shop.example>", "RCPT TO:<jan@example.com>", "DATA", "QUIT"];
    for line in dialogue {
        assert!(heard.iter().any(|said| said == line), "{line:?} is missing in {heard:#?}");
    }
    let headers = [
        "From: Hostwright <hello@shop.example>",
        "Message-ID: <mail_0198c0ffee0070008000000000000001@shop.example>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Your password is kV7#mQ2p",
        "<p>Your password is kV7#mQ2p</p>",
        "..",
    ];
    for line in headers {
        assert!(heard.iter().any(|said| said == line), "{line:?} is missing in {heard:#?}");
    }
    for beginning in ["Date: ", "Content-Type: multipart/alternative", "Subject: Welcome: =?utf-8?", "To: =?utf-8?"] {
        assert!(heard.iter().any(|said| said.starts_with(beginning)), "{beginning:?} is missing in {heard:#?}");
    }
    assert!(!heard.iter().any(|said| said.starts_with("AUTH")), "nobody was to log in: {heard:#?}");
}

#[tokio::test]
async fn a_department_has_its_own_sender_and_the_id_follows_it() {
    let (port, served) = serve(GOOD).await;
    let mailer = SmtpMailer::connect(settings(port)).unwrap();
    let accepted = mailer.send(&Message { department: Department::Support, ..message() }).await.unwrap();
    assert_eq!(accepted.message_id, "<mail_0198c0ffee0070008000000000000001@support.example>");
    let heard = served.await.unwrap();
    assert!(heard.contains(&"MAIL FROM:<help@support.example>".to_owned()), "{heard:#?}");
}

#[tokio::test]
async fn a_user_logs_in_on_this_machine_without_tls() {
    let (port, served) = serve(GOOD).await;
    let mailer = SmtpMailer::connect(with_login(port)).unwrap();
    mailer.check().await.unwrap();
    let heard = served.await.unwrap();
    assert!(heard.iter().any(|said| said.starts_with("AUTH PLAIN ")), "{heard:#?}");
    assert!(!heard.iter().any(|said| said.starts_with("MAIL")), "{heard:#?}");
}

#[tokio::test]
async fn a_4xx_answer_is_tried_again_wherever_it_comes() {
    let rcpt = Script { rcpt: Some("450 4.2.0 greylisted\r\n"), ..GOOD };
    let data = Script { data: Some("451 4.3.0 busy\r\n"), ..GOOD };
    let end = Script { end: Some("452 4.3.1 disk full\r\n"), ..GOOD };
    for (script, words) in [(rcpt, "greylisted"), (data, "busy"), (end, "disk full")] {
        match send(script).await.0 {
            Err(MailError::Unavailable { reason }) => assert!(reason.contains(words), "{reason}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_5xx_answer_is_final_and_its_reason_does_not_repeat_the_address() {
    let rcpt = Script { rcpt: Some("550 5.1.1 <jan@example.com> does not live here\r\n"), ..GOOD };
    let end = Script { end: Some("554 5.7.1 spam for jan@example.com does not pass\r\n"), ..GOOD };
    for script in [rcpt, end] {
        match send(script).await.0 {
            Err(MailError::Rejected { reason }) => {
                assert!(reason.contains("does not") && reason.contains("j…@example.com"), "{reason}");
                assert!(!reason.contains("jan@"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_before_the_mail_is_handed_over_is_tried_again() {
    for script in [Script { rcpt: None, ..GOOD }, Script { data: None, ..GOOD }] {
        let (result, _) = send(script).await;
        assert!(matches!(result, Err(MailError::Unavailable { .. })), "{result:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_mail_was_handed_over_leaves_its_fate_unknown() {
    let (result, heard) = send(Script { end: None, ..GOOD }).await;
    assert!(matches!(result, Err(MailError::Unknown { .. })), "{result:?}");
    assert!(heard.contains(&".".to_owned()), "the mail was handed over: {heard:#?}");
}

#[tokio::test]
async fn a_server_that_never_answers_the_mail_leaves_its_fate_unknown() {
    let (port, _served) = serve(Script { end: Some(""), ..GOOD }).await;
    let mailer = SmtpMailer::connect(settings(port)).unwrap().with_timeout(Duration::from_millis(500));
    let result = mailer.send(&message()).await;
    assert!(matches!(result, Err(MailError::Unknown { .. })), "{result:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_the_announcement_is_tried_again() {
    let (port, _served) = serve(Script { rcpt: Some(""), ..GOOD }).await;
    let mailer = SmtpMailer::connect(settings(port)).unwrap().with_timeout(Duration::from_millis(500));
    let result = mailer.send(&message()).await;
    assert!(matches!(result, Err(MailError::Unavailable { .. })), "{result:?}");
}

#[tokio::test]
async fn nobody_at_the_port_is_tried_again() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let result = SmtpMailer::connect(settings(port)).unwrap().send(&message()).await;
    assert!(matches!(result, Err(MailError::Unavailable { .. })), "{result:?}");
}

/// A name at a forbidden address: the server hears of nothing, not even of a connection.
#[tokio::test]
async fn a_mail_server_at_a_forbidden_address_is_not_connected_to() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let shunned =
        SmtpSettings { host: "localhost".to_owned(), outgoing: Outgoing::shunning_loopback(&[]), ..with_login(port) };
    match SmtpMailer::connect(shunned).unwrap().send(&message()).await {
        Err(MailError::Unavailable { reason }) => {
            assert!(reason.ends_with("if it is meant, name it in OUTBOUND_ALLOW; check SMTP_HOST"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    let listener = listener.into_std().unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_mail_server_is_found_by_its_name() {
    let (port, served) = serve(GOOD).await;
    let named = SmtpSettings { host: "localhost".to_owned(), ..settings(port) };
    SmtpMailer::connect(named).unwrap().send(&message()).await.unwrap();
    assert!(served.await.unwrap().iter().any(|said| said == "DATA"));
    let lost = SmtpSettings { host: "mail.invalid".to_owned(), tls: SmtpTls::None, ..settings(port) };
    let lost = SmtpMailer::connect(lost).unwrap().send(&message()).await;
    assert!(matches!(lost, Err(MailError::Unavailable { .. })), "{lost:?}");
}

#[tokio::test]
async fn without_the_starttls_that_is_required_no_credentials_are_sent() {
    let (port, served) = serve(GOOD).await;
    let required = SmtpSettings { tls: SmtpTls::Required, ..with_login(port) };
    let result = SmtpMailer::connect(required).unwrap().send(&message()).await;
    match result {
        Err(MailError::Unavailable { reason }) => assert!(reason.contains("STARTTLS"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(served.await.unwrap(), ["EHLO shop.example"]);
}

#[tokio::test]
async fn when_starttls_fails_no_credentials_are_sent() {
    let (port, served) = serve(Script { ehlo: EHLO_STARTTLS, ..GOOD }).await;
    let required = SmtpSettings { tls: SmtpTls::Required, ..with_login(port) };
    let mailer = SmtpMailer::connect(required).unwrap().with_timeout(Duration::from_millis(500));
    let result = mailer.send(&message()).await;
    assert!(matches!(result, Err(MailError::Unavailable { .. })), "{result:?}");
    let heard = served.await.unwrap();
    assert_eq!(heard[..2], ["EHLO shop.example", "STARTTLS"]);
    assert!(!heard.iter().any(|said| said.starts_with("AUTH") || said.starts_with("MAIL")), "{heard:#?}");
}

#[tokio::test]
async fn a_refused_log_in_is_tried_again_and_does_not_show_the_password() {
    let (port, _served) = serve(Script { auth: Some("535 5.7.8 bad credentials\r\n"), ..GOOD }).await;
    let result = SmtpMailer::connect(with_login(port)).unwrap().send(&message()).await;
    let said = format!("{result:?}");
    assert!(matches!(result, Err(MailError::Unavailable { .. })), "{said}");
    assert!(said.contains("535") && !said.contains("hunter2") && !said.contains("kV7#mQ2p"), "{said}");
}

#[tokio::test]
async fn an_address_beyond_ascii_is_refused_when_the_server_cannot_take_it() {
    let (port, served) = serve(GOOD).await;
    let message = Message { to: "žofie@example.com".parse().unwrap(), ..message() };
    let result = SmtpMailer::connect(settings(port)).unwrap().send(&message).await;
    assert!(matches!(result, Err(MailError::Rejected { .. })), "{result:?}");
    assert!(!served.await.unwrap().iter().any(|said| said.starts_with("MAIL")));
}

#[test]
fn settings_that_cannot_work_are_named() {
    let lonely = SmtpSettings { password: None, ..with_login(587) };
    assert!(matches!(SmtpMailer::connect(lonely), Err(SmtpConfigError::PasswordMissing)));
    let nameless = SmtpSettings { user: None, ..with_login(587) };
    assert!(matches!(SmtpMailer::connect(nameless), Err(SmtpConfigError::UserMissing)));
    assert!(matches!(Senders::new("Shop"), Err(SmtpConfigError::Sender(text)) if text == "Shop"));
    for host in ["169.254.169.254", "::ffff:169.254.1.1", "fe80::1", "0.0.0.0"] {
        let forbidden = SmtpSettings { host: host.to_owned(), ..settings(587) };
        assert!(matches!(SmtpMailer::connect(forbidden), Err(SmtpConfigError::Forbidden(_))), "{host}");
    }
    assert_eq!("required".parse(), Ok(SmtpTls::Required));
    assert!("off".parse::<SmtpTls>().is_err());
}

#[test]
fn plain_text_stays_on_this_machine_unless_the_operator_says_otherwise() {
    use super::{Security, security};
    let decided = |host: &str, port, tls| {
        let settings = SmtpSettings { host: host.to_owned(), tls, ..settings(port) };
        match security(&settings).unwrap() {
            Security::Plain => "plain",
            Security::StartTls(_) => "starttls",
            Security::Implicit(_) => "implicit",
        }
    };
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert_eq!(decided(host, 2525, SmtpTls::Auto), "plain", "{host}");
        assert_eq!(decided(host, 465, SmtpTls::Auto), "implicit", "{host}");
        assert_eq!(decided(host, 2525, SmtpTls::Required), "starttls", "{host}");
    }
    for host in ["smtp.example.com", "10.0.0.5", "localhost.example.com"] {
        assert_eq!(decided(host, 587, SmtpTls::Auto), "starttls", "{host}");
        assert_eq!(decided(host, 465, SmtpTls::Auto), "implicit", "{host}");
        assert_eq!(decided(host, 25, SmtpTls::None), "plain", "{host}");
    }
}
