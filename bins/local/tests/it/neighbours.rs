use std::{os::unix::process::CommandExt as _, path::PathBuf, process::Command};

use local_protocol::{Kind, Owned, Verb};

use crate::machine::{Machine, machine, mailbox, owned, put_page, website, wordpress};

const PAGE: &str = r#"<?php
foreach (json_decode($_POST['paths']) as $path) {
    $read = @file_get_contents($path) !== false || @scandir($path) !== false || @readfile($path) > 0;
    $written = @file_put_contents($path . '/planted', 'x') !== false || @symlink($path, __DIR__ . '/link' . mt_rand());
    echo $path, $read || $written ? ' REACHED' : ' closed', "\n";
}
echo @stream_socket_client('unix://' . $_POST['socket']) ? "socket REACHED\n" : "socket closed\n";
echo @stream_socket_client('unix://' . $_POST['php']) ? "php REACHED\n" : "php closed\n";
echo function_exists('exec') || function_exists('shell_exec') || function_exists('proc_open') ? "shell REACHED\n" : "";
echo "end\n";
"#;

/// Everything of the others' and of the machine's that a tenant would like to read.
fn desired(machine: &Machine, others: &[Owned]) -> Vec<PathBuf> {
    let mut paths = vec![
        PathBuf::from("/etc/shadow"),
        machine.root(),
        machine.state().join("names"),
        machine.state().join("nginx/nginx.conf"),
        machine.state().join("mail/log-ins/mia@example.com"),
        machine.state().join("database/data"),
        machine.state().join("lock.d"),
        machine.state().join("sftp/host_key"),
        machine.state().join("sftp/roots"),
        machine.state().join("tls"),
    ];
    for other in others {
        let place = machine.place(*other);
        for part in [
            "manifest.json",
            "public_html",
            "public_html/index.php",
            "public_html/wp-config.php",
            "tmp",
            "logs",
            "mail",
            "mail/Maildir",
            "log-in",
            "sftp-log-in",
            "files",
        ] {
            paths.push(place.join(part));
        }
        paths.push(machine.state().join("php").join(format!("{}.conf", machine.user(*other))));
    }
    paths
}

/// The tenant with a shell: only the rights of files stand in the way.
fn as_user(machine: &Machine, who: Owned) -> impl Fn(&str, &[&str]) -> (bool, String) {
    let uid = machine.uid(who);
    move |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).uid(uid).gid(uid).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }
}

#[test]
fn a_tenant_reaches_nothing_of_its_neighbours_nor_of_the_machine() {
    let Some(machine) = machine(&[Kind::Website, Kind::Wordpress, Kind::Mailbox]) else { return };
    let (mallory, site, blog, mail) = (owned(1), owned(2), owned(3), owned(4));
    machine.ensure(mallory, website("mallory.example.com"));
    machine.ensure(site, website("site.example.com"));
    machine.ensure(blog, wordpress("blog.example.com"));
    machine.ensure(mail, mailbox("mia@example.com"));
    machine.done(Verb::SetPassword { owned: mail, password: "correct horse".to_owned().try_into().unwrap() });
    let others = [site, blog, mail];
    let paths = desired(&machine, &others);

    put_page(&machine, mallory, "attack.php", PAGE);
    let texts: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    let fpm = machine.state().join("fpm").join(format!("{}.sock", machine.user(site)));
    let form = format!(
        "paths={}&socket={}&php={}",
        serde_json::to_string(&texts).unwrap(),
        machine.socket().display(),
        fpm.display()
    );
    let head = "POST /attack.php HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded";
    let (status, page) = machine.http("mallory.example.com", &format!("{head}\n\n{form}"));
    assert!(status == 200 && page.contains("end\n") && page.contains(" closed"), "{page}");
    assert!(!page.contains("REACHED"), "{page}");

    let shell = as_user(&machine, mallory);
    assert!(shell("/bin/cat", &[&machine.place(mallory).join("public_html/attack.php").display().to_string()]).0);
    for text in &texts {
        assert!(!shell("/bin/cat", &[text]).0 && !shell("/bin/ls", &[&format!("{text}/")]).0, "{text} can be read");
    }
    let connect = "use IO::Socket::UNIX; IO::Socket::UNIX->new($ARGV[0]) or exit 1;";
    for socket in [machine.socket(), fpm] {
        assert!(!shell("/usr/bin/perl", &["-e", connect, &socket.display().to_string()]).0, "{}", socket.display());
    }
}

#[test]
fn the_web_server_does_not_follow_a_tenants_link_to_another_owners_file() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    machine.ensure(owned(1), website("mallory.example.com"));
    machine.ensure(owned(2), website("site.example.com"));
    let (uid, place) = (machine.uid(owned(1)), machine.place(owned(1)).join("public_html"));
    for (name, to) in
        [("a.txt", machine.place(owned(2)).join("public_html/index.php")), ("b.txt", "/etc/hostname".into())]
    {
        std::os::unix::fs::symlink(&to, place.join(name)).unwrap();
        std::os::unix::fs::lchown(place.join(name), Some(uid), Some(33)).unwrap();
        let (status, page) = machine.get("mallory.example.com", &format!("/{name}"));
        assert!(status == 403 || status == 404, "{page}");
    }
    put_page(&machine, owned(1), "c.txt", "my own");
    assert!(machine.get("mallory.example.com", "/c.txt").1.contains("my own"));
    assert_eq!(machine.get("mallory.example.com", "/../logs/access.log").0, 400);
    assert_eq!(machine.get("mallory.example.com", "/.htpasswd").0, 404);
}

#[test]
fn a_database_lets_in_its_owner_alone() {
    let Some(machine) = machine(&[Kind::Website, Kind::Wordpress]) else { return };
    let (mallory, blog) = (owned(1), owned(2));
    machine.ensure(mallory, wordpress("mallory.example.com"));
    machine.ensure(blog, wordpress("blog.example.com"));
    let socket = format!("--socket={}", machine.state().join("database/sock").display());
    let (own, theirs) = (machine.user(mallory), machine.user(blog));
    let shell = as_user(&machine, mallory);
    let ask = |user: &str, query: &str| {
        shell("/usr/bin/mariadb", &["--no-defaults", &socket, &format!("--user={user}"), "-e", query])
    };
    let (fine, said) = ask(&own, &format!("SELECT user_login FROM {own}.wp_users"));
    assert!(fine && said.contains("miashop"), "{said}");
    for (user, query) in [
        (theirs.as_str(), "SELECT 1".to_owned()),
        ("root", "SELECT 1".to_owned()),
        (own.as_str(), format!("SELECT * FROM {theirs}.wp_users")),
        (own.as_str(), format!("CREATE TABLE {theirs}.planted (id int)")),
        (own.as_str(), "SELECT * FROM mysql.global_priv".to_owned()),
        (own.as_str(), "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/planted'".to_owned()),
        (own.as_str(), format!("GRANT ALL ON {theirs}.* TO '{own}'@'localhost'")),
    ] {
        let (reached, said) = ask(user, &query);
        assert!(!reached, "{user}: {query}: {said}");
    }
}
