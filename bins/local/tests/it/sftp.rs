//! Owners at their files, with OpenSSH's own client.

use std::{
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use local_protocol::{Condition, Kind, Owned, Password, Refusal, Verb};

use crate::machine::{Machine, machine, machine_with, owned, storage, until, website};

const SECRET: &str = "correct horse battery";

fn set_password(machine: &Machine, owned: Owned, password: &str) {
    machine.done(Verb::SetPassword { owned, password: Password::try_from(password.to_owned()).unwrap() });
}

/// Runs OpenSSH's `sftp` or `ssh` as this user, with what is typed. All that it prints.
fn client(machine: &Machine, (program, port): (&str, &str), (user, password): (&str, &str), typed: &str) -> String {
    let ask = machine.dir.join("ask");
    std::fs::write(&ask, "#!/bin/sh\necho \"$PASSWORD_FOR_TEST\"\n").unwrap();
    std::fs::set_permissions(&ask, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = Command::new(program);
    command.args([port, &machine.ports.sftp.to_string(), "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR"]);
    command.args(["-o", "UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=password"]);
    command.args(["-o", "NumberOfPasswordPrompts=1", &format!("{user}@127.0.0.1")]);
    command.env("SSH_ASKPASS", &ask).env("SSH_ASKPASS_REQUIRE", "force").env("PASSWORD_FOR_TEST", password);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

fn sftp(machine: &Machine, owned: Owned, password: &str, typed: &str) -> String {
    client(machine, ("sftp", "-P"), (&machine.user(owned), password), typed)
}

fn logs_in(machine: &Machine, owned: Owned, password: &str) -> bool {
    let said = sftp(machine, owned, password, "pwd\n");
    assert!(said.contains("Remote working directory") || said.contains("Permission denied"), "{said}");
    said.contains("Remote working directory")
}

#[test]
fn storage_is_used_paused_resumed_and_ended_with_nothing_left() {
    let Some(machine) = machine(&[Kind::Storage]) else { return };
    let (mine, others) = (owned(1), owned(2));
    let standing = machine.ensure(mine, storage());
    let shown = standing.sftp.unwrap();
    assert_eq!((shown.port, &shown.user), (machine.ports.sftp, &machine.user(mine)));
    machine.ensure(others, storage());
    assert!(!logs_in(&machine, mine, SECRET), "nobody knows a password yet");
    assert!(!logs_in(&machine, mine, ""), "and none is not one");
    set_password(&machine, mine, SECRET);
    set_password(&machine, others, "another password");

    let local = machine.dir.join("letter.txt");
    std::fs::write(&local, "dear diary").unwrap();
    let local = local.display();
    let said =
        sftp(&machine, mine, SECRET, &format!("pwd\nput {local} letter.txt\nls -l\nget letter.txt {local}.back\n"));
    assert!(said.contains("/files") && said.contains("letter.txt"), "{said}");
    assert_eq!(std::fs::read_to_string(format!("{local}.back")).unwrap(), "dear diary");

    // Its own place is all that it sees, and it runs nothing.
    let reach = format!(
        "ls /\nget /manifest.json {local}.1\nget /../../etc/passwd {local}.2\nget /sftp-log-in {local}.3\nls /root\nput {local} /planted\n"
    );
    let said = sftp(&machine, mine, SECRET, &reach);
    assert!(said.contains("files"), "{said}");
    for number in 1..=3 {
        assert!(!std::path::Path::new(&format!("{local}.{number}")).exists(), "{number}: {said}");
    }
    assert!(!machine.place(mine).join("planted").exists(), "{said}");
    let shell = client(&machine, ("ssh", "-p"), (&machine.user(mine), SECRET), "id\n");
    assert!(!shell.contains("uid="), "{shell}");
    assert!(!logs_in(&machine, others, SECRET), "another's password is another's");
    let link =
        sftp(&machine, others, "another password", &format!("ln -s /files/letter.txt stolen\nget stolen {local}.4\n"));
    assert!(!std::path::Path::new(&format!("{local}.4")).exists(), "{link}");

    machine.done(Verb::Suspend(mine));
    assert!(!logs_in(&machine, mine, SECRET));
    assert_eq!(machine.observe(mine).unwrap().condition, Condition::Suspended);
    assert!(logs_in(&machine, others, "another password"));
    machine.done(Verb::Resume(mine));
    assert!(logs_in(&machine, mine, SECRET), "the password is the one of before");
    set_password(&machine, mine, "a newer password");
    assert!(!logs_in(&machine, mine, SECRET) && logs_in(&machine, mine, "a newer password"));

    machine.done(Verb::Terminate(mine));
    assert!(!logs_in(&machine, mine, "a newer password"));
    assert_eq!(machine.left_of(mine), Vec::<String>::new());
    assert!(logs_in(&machine, others, "another password"));
}

#[test]
fn a_suspension_ends_what_is_open() {
    let Some(machine) = machine(&[Kind::Storage]) else { return };
    let mine = owned(1);
    machine.ensure(mine, storage());
    set_password(&machine, mine, SECRET);
    let user = machine.user(mine);
    std::thread::scope(|scope| {
        let open = scope.spawn(|| client(&machine, ("sftp", "-P"), (&user, SECRET), "pwd\n!sleep 20\npwd\n"));
        let session = || {
            let mut all = std::fs::read_dir("/proc").unwrap().flatten();
            all.any(|entry| {
                let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
                line.starts_with(&format!("sshd: {user}"))
            })
        };
        until("a session is open", session);
        machine.done(Verb::Suspend(mine));
        until("it has ended", || !session());
        open.join().unwrap();
    });
}

#[test]
fn a_websites_owner_puts_pages_there_and_they_are_served() {
    let Some(machine) = machine(&[Kind::Website, Kind::Storage]) else { return };
    let site = owned(1);
    assert!(machine.ensure(site, website("a.example.com")).sftp.is_some());
    set_password(&machine, site, SECRET);
    let put = |name: &str, text: &str| {
        let local = machine.dir.join(name);
        std::fs::write(&local, text).unwrap();
        local.display().to_string()
    };
    let (page, script) = (put("about.html", "<p>About me</p>"), put("now.php", "<?php echo 6 * 7;"));
    let said = sftp(&machine, site, SECRET, &format!("pwd\nput {page}\nmkdir sub\nput {script} sub/now.php\n"));
    assert!(said.contains("/public_html"), "{said}");
    let (status, text) = machine.get("a.example.com", "/about.html");
    assert!(status == 200 && text.contains("About me"), "{text}");
    let (status, text) = machine.get("a.example.com", "/sub/now.php");
    assert!(status == 200 && text.ends_with("42"), "{text}");
    machine.done(Verb::Suspend(site));
    assert!(!logs_in(&machine, site, SECRET));
    machine.done(Verb::Terminate(site));
    assert_eq!(machine.left_of(site), Vec::<String>::new());
}

#[test]
fn a_website_is_made_also_where_its_files_cannot_be_reached() {
    let mut held = None;
    let machine = machine_with(&[Kind::Website], |ports| {
        held = std::net::TcpListener::bind(("127.0.0.1", ports.sftp)).ok();
        Vec::new()
    });
    let Some(machine) = machine else { return };
    let site = owned(1);
    assert_eq!(machine.ensure(site, website("a.example.com")).condition, Condition::Active);
    assert_eq!(machine.get("a.example.com", "/").0, 200);
    let password = Password::try_from(SECRET.to_owned()).unwrap();
    let (refusal, why) = machine.refused(Verb::SetPassword { owned: site, password });
    assert!(refusal == Refusal::Failed && why.contains("sshd"), "{why}");
    drop(held);
    set_password(&machine, site, SECRET);
    assert!(logs_in(&machine, site, SECRET), "whatever needs it starts it");
}
