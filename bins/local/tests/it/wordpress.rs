use local_protocol::{Kind, Verb};

use crate::machine::{Machine, machine, owned, until, wordpress};

fn signs_in(machine: &Machine, name: &str, password: &str) -> bool {
    let form = format!("log={name}&pwd={password}&wp-submit=Log+In&testcookie=1");
    let head = "POST /wp-login.php HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Cookie: wordpress_test_cookie=WP%20Cookie%20check";
    let (status, page) = machine.http("w.example.com", &format!("{head}\n\n{form}"));
    status == 302 && page.contains("wordpress_logged_in")
}

#[test]
fn wordpress_is_usable_at_once_and_its_owner_sets_the_password() {
    let Some(machine) = machine(&[Kind::Website, Kind::Wordpress]) else { return };
    let site = owned(1);
    let standing = machine.ensure(site, wordpress("w.example.com"));
    assert_eq!(standing.login.as_deref(), Some("miashop"));
    let (status, page) = machine.get("w.example.com", "/");
    assert!(status == 200 && page.contains("«site»"), "{page}");
    let (status, page) = machine.get("w.example.com", "/wp-login.php");
    assert!(status == 200 && page.contains("user_login"), "{page}");
    assert!(!signs_in(&machine, "miashop", "correct+horse+1"), "nobody knows the first password");

    let password = "correct horse 1".to_owned().try_into().unwrap();
    machine.done(Verb::SetPassword { owned: site, password });
    assert!(signs_in(&machine, "miashop", "correct+horse+1"));

    machine.done(Verb::Suspend(site));
    assert_eq!(machine.get("w.example.com", "/wp-login.php").0, 503);
    machine.done(Verb::Resume(site));
    until("it is back", || machine.get("w.example.com", "/wp-login.php").0 == 200);
    assert!(signs_in(&machine, "miashop", "correct+horse+1"), "its password is the one it was");

    machine.done(Verb::Terminate(site));
    assert_eq!(machine.left_of(site), Vec::<String>::new());
    assert!(!machine.state().join("database/data").join(machine.user(site)).exists(), "its database is gone");
}
