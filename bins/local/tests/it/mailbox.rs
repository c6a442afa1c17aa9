use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::Duration,
};

use local_protocol::{Condition, Kind, Refusal, Verb};

use crate::machine::{Machine, machine, mailbox, owned};

const PASSWORD: &str = r#"corr"ect \horse"#;
const QUOTED: &str = r#"corr\"ect \\horse"#;

struct Talk(BufReader<TcpStream>);

impl Talk {
    fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut talk = Self(BufReader::new(stream));
        talk.line();
        talk
    }
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }
    /// Says a line, and reads until one that begins with `sign`, or to the end.
    fn say(&mut self, line: &str, sign: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        let mut all = String::new();
        loop {
            let line = self.line();
            all.push_str(&line);
            if line.starts_with(sign) || line.is_empty() {
                return all;
            }
        }
    }
}

fn logs_in(machine: &Machine) -> Option<Talk> {
    let mut talk = Talk::open(machine.ports.imap);
    talk.say(&format!("a LOGIN mia@example.com \"{QUOTED}\""), "a ").contains("a OK").then_some(talk)
}

fn deliver(machine: &Machine, text: &str) -> String {
    let mut talk = Talk::open(machine.ports.lmtp);
    talk.say("LHLO test", "250 ");
    talk.say("MAIL FROM:<tom@example.org>", "250 ");
    let taken = talk.say("RCPT TO:<mia@example.com>", "");
    if !taken.starts_with("250") {
        return taken;
    }
    talk.say("DATA", "354");
    talk.say(&format!("Subject: hello\r\n\r\n{text}\r\n."), "")
}

#[test]
fn a_mailbox_takes_mail_and_its_owner_reads_it() {
    let Some(machine) = machine(&[Kind::Mailbox]) else { return };
    let mine = owned(1);
    machine.ensure(mine, mailbox("mia@example.com"));
    assert!(logs_in(&machine).is_none(), "nobody knows the first password");
    machine.done(Verb::SetPassword { owned: mine, password: PASSWORD.to_owned().try_into().unwrap() });
    assert!(deliver(&machine, "first letter").starts_with("250"));
    let mut open = logs_in(&machine).expect("the password is right");
    assert!(open.say("b SELECT INBOX", "b ").contains("1 EXISTS"));
    assert!(open.say("c FETCH 1 BODY[]", "c ").contains("first letter"));

    machine.done(Verb::Suspend(mine));
    assert!(!open.say("d NOOP", "d ").contains("d OK"), "what was open is ended");
    assert!(logs_in(&machine).is_none(), "suspended");
    assert_eq!(machine.observe(mine).unwrap().condition, Condition::Suspended);
    assert!(deliver(&machine, "second letter").starts_with("250"), "mail is kept meanwhile");
    machine.done(Verb::Resume(mine));
    let mut open = logs_in(&machine).expect("the password is the one it was");
    assert!(open.say("b SELECT INBOX", "b ").contains("2 EXISTS"));

    machine.done(Verb::Terminate(mine));
    assert!(logs_in(&machine).is_none(), "ended");
    assert!(deliver(&machine, "third letter").starts_with("550"));
    assert_eq!(machine.left_of(mine), Vec::<String>::new());
}

#[test]
fn an_address_has_one_service() {
    let Some(machine) = machine(&[Kind::Mailbox]) else { return };
    machine.ensure(owned(1), mailbox("mia@example.com"));
    let (refusal, why) = machine.refused(Verb::Ensure { owned: owned(2), spec: mailbox("mia@example.com") });
    assert!(refusal == Refusal::Never && why.contains("address"), "{why}");
    assert_eq!(machine.left_of(owned(2)), Vec::<String>::new());
}
