use std::{io::Write as _, os::unix::fs::PermissionsExt as _, process::Command};

use local_protocol::{Answer, Kind, Refusal, Verb};

use crate::machine::{Machine, line, machine, owned, website};

/// What somebody else on the machine gets for an answer.
fn as_nobody(machine: &Machine, line: &str) -> String {
    use std::os::unix::process::CommandExt as _;
    // Whoever is refused may be so before the question is out: the refusal is there to be read all the same.
    let script = "use IO::Socket::UNIX; $SIG{PIPE} = 'IGNORE'; my $s = IO::Socket::UNIX->new($ARGV[0]) or die \"no: $!\"; \
                  print $s \"$ARGV[1]\\n\"; $s->flush; print <$s>;";
    let mut command = Command::new("/usr/bin/perl");
    let output = command.arg("-e").arg(script).arg(machine.socket()).arg(line).uid(65534).gid(65534).output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn nobody_else_on_the_machine_may_speak_to_the_helper() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    let question = line(&Verb::List { after: None });
    assert!(as_nobody(&machine, &question).contains("Permission denied"));
    // Even with the door open it asks who it is.
    std::fs::set_permissions(machine.socket(), std::fs::Permissions::from_mode(0o666)).unwrap();
    let said = as_nobody(&machine, &question);
    assert!(said.contains("user 65534 may not speak"), "{said}");
}

#[test]
fn hostile_words_are_refused_before_anything_is_done() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    let good = line(&Verb::Ensure { owned: owned(1), spec: website("a.example.com") });
    let service = owned(1).service.to_string();
    for (from, to) in [
        ("a.example.com", "../../../etc/cron.d/x.y"),
        ("a.example.com", "a.example.com; root /"),
        ("a.example.com", "a.example.com\\nroot /;"),
        ("a.example.com", "*.example.com"),
        ("a.example.com", "_"),
        (service.as_str(), "svc_../../etc/passwd"),
        (service.as_str(), "--help"),
        ("\"8.2\"", "\"8.2/../../bin/sh\""),
        ("\"memory\":128", "\"memory\":-1"),
        ("\"memory\":128", "\"memory\":128,\"shell\":\"id\""),
        ("\"ensure\"", "\"exec\""),
        ("\"version\":2", "\"version\":1"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good);
        let answer = machine.try_ask(&bad);
        assert!(matches!(answer, Some(Answer::Refused { refusal: Refusal::Never, .. })), "{to}: {answer:?}");
    }
    assert_eq!(machine.observe(owned(1)), None);
    assert_eq!(std::fs::read_dir(machine.root()).unwrap().count(), 0);
    // What is no question at all: too long, cut off, no text.
    for bytes in [vec![b'x'; 300_000], b"{\"version\":2".to_vec(), vec![0xff, 0xfe, b'\n'], Vec::new()] {
        let mut stream = std::os::unix::net::UnixStream::connect(machine.socket()).unwrap();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    }
    machine.ensure(owned(1), website("a.example.com"));
}

#[test]
fn a_password_that_is_refused_is_not_repeated() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    let question = r#"{"version":2,"verb":{"set-password":{"owned":1,"password":"hunter2-secret"}}}"#;
    let Some(Answer::Refused { detail, .. }) = machine.try_ask(question) else { panic!("refused") };
    assert!(!detail.contains("hunter2"), "{detail}");
}

#[test]
fn what_is_another_customers_is_not_touched() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    let mut stranger = owned(2);
    stranger.service = owned(1).service;
    machine.ensure(owned(1), website("a.example.com"));
    for verb in [
        Verb::Suspend(stranger),
        Verb::Resume(stranger),
        Verb::Terminate(stranger),
        Verb::Usage(stranger),
        Verb::Ensure { owned: stranger, spec: website("a.example.com") },
    ] {
        assert_eq!(machine.refused(verb).0, Refusal::Never);
    }
    assert_eq!(machine.get("a.example.com", "/").0, 200);
}
