//! The SMTP side, spoken to by hand.

use crate::support::Bed;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn with(bed: &Bed) -> Self {
        let mut talk = Self(BufReader::new(TcpStream::connect(bed.running.smtp_addr).await.unwrap()));
        assert_eq!(talk.answer().await, "220");
        talk
    }

    /// The code of the next answer; empty when the server has hung up.
    async fn answer(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap_or(0);
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.get(..3).unwrap_or_default().to_owned();
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.answer().await
    }

    /// A whole mail; the code after its end.
    async fn mail(&mut self, to: &[&str], text: &str) -> String {
        assert_eq!(self.say("MAIL FROM:<shop@example.test>").await, "250");
        for to in to {
            let code = self.say(&format!("RCPT TO:<{to}>")).await;
            if code != "250" {
                return code;
            }
        }
        assert_eq!(self.say("DATA").await, "354");
        self.say(&format!("{text}\r\n.")).await
    }
}

const MAIL: &str = "From: Shop <billing@example.test>\r\nTo: Jane <jane@example.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@example.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlain\r\n..dot\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Rich</p>\r\n--b--";

async fn inbox(bed: &Bed, to: &str) -> Vec<Value> {
    let got = bed.send("GET", &format!("/inbox.json?to={to}"), &[], String::new()).await.unwrap();
    got.ok().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_mail_arrives_with_both_its_parts() {
    let bed = Bed::start().await;
    let mut talk = Talk::with(&bed).await;
    assert_eq!(talk.say("EHLO client").await, "250");
    assert_eq!(talk.mail(&["jane@example.test", "copy@example.test"], MAIL).await, "250");
    assert_eq!(talk.say("QUIT").await, "221");
    let mails = inbox(&bed, "JANE@example.test").await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((&mail["from"], &mail["from_name"]), (&json!("billing@example.test"), &json!("Shop")));
    assert_eq!((&mail["subject"], &mail["message_id"]), (&json!("Grüße"), &json!("1@example.test")));
    assert_eq!(mail["to"], json!(["jane@example.test", "copy@example.test"]));
    assert_eq!(mail["text"].as_str().unwrap().trim(), "Plain\r\n.dot");
    assert_eq!(mail["html"].as_str().unwrap().trim(), "<p>Rich</p>");
    assert!(inbox(&bed, "other@example.test").await.is_empty());
    assert_eq!(bed.truth().await["mails"]["by_recipient"]["copy@example.test"], json!(1));
}

#[tokio::test]
async fn authentication_is_offered_but_not_demanded() {
    let bed = Bed::start().await;
    let mut talk = Talk::with(&bed).await;
    assert_eq!(talk.say("EHLO client").await, "250");
    assert_eq!(talk.say("AUTH PLAIN AHVzZXIAcGFzcw==").await, "235");
    assert_eq!(talk.mail(&["a@example.test"], "Subject: x\r\n\r\nhello").await, "250");
    let mut talk = Talk::with(&bed).await;
    assert_eq!(talk.say("HELO client").await, "250");
    assert_eq!(talk.mail(&["a@example.test"], "Subject: y\r\n\r\nhello").await, "250");
    assert_eq!(talk.mail(&["a@example.test"], "Subject: z\r\n\r\nhello").await, "250");
    let mails = inbox(&bed, "a@example.test").await;
    assert_eq!(mails.len(), 3);
    assert_eq!((&mails[2]["text"], &mails[2]["html"]), (&json!("hello\r\n"), &Value::Null));
}

#[tokio::test]
async fn a_refused_recipient_gets_nothing() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "smtp", "kind": "fail", "status": 550, "path_contains": "bad@" })).await;
    let mut talk = Talk::with(&bed).await;
    talk.say("EHLO client").await;
    assert_eq!(talk.mail(&["bad@example.test"], MAIL).await, "550");
    assert_eq!(talk.say("RSET").await, "250");
    assert_eq!(talk.mail(&["good@example.test"], MAIL).await, "250");
    assert_eq!(bed.truth().await["mails"]["total"], json!(1));
}

#[tokio::test]
async fn a_mail_can_be_kept_and_yet_refused() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "smtp", "kind": "fail_after_effect", "times": 1 })).await;
    let mut talk = Talk::with(&bed).await;
    talk.say("EHLO client").await;
    assert_eq!(talk.mail(&["a@example.test"], MAIL).await, "451");
    assert_eq!(talk.mail(&["a@example.test"], MAIL).await, "250");
    assert_eq!(inbox(&bed, "a@example.test").await.len(), 2);
}

#[tokio::test]
async fn connections_are_cut_before_or_after_the_mail_is_kept() {
    let bed = Bed::start().await;
    for (kind, kept) in [("drop", 0), ("hang_after_effect", 1)] {
        bed.control("POST", "/reset", &json!({})).await.ok();
        bed.fault(&json!({ "target": "smtp", "kind": kind, "ms": 1, "times": 1 })).await;
        let mut talk = Talk::with(&bed).await;
        talk.say("EHLO client").await;
        assert_eq!(talk.mail(&["a@example.test"], MAIL).await, "", "{kind}: hung up");
        assert_eq!(inbox(&bed, "a@example.test").await.len(), kept, "{kind}");
    }
}
