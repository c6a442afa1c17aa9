use std::time::Duration;

use local_protocol::{Condition, Kind, Verb};

use crate::machine::{line, machine, owned, until, website, wordpress};

#[test]
fn a_helper_that_is_killed_while_it_makes_something_makes_one_whole_thing_when_it_is_back() {
    let Some(mut machine) = machine(&[Kind::Website, Kind::Wordpress]) else { return };
    // At another step each time: the record, the user, the copy, the database.
    for (number, wait) in [(1, 5), (2, 60), (3, 200), (4, 500)] {
        let (site, domain) = (owned(number), format!("w{number}.example.com"));
        let question = line(&Verb::Ensure { owned: site, spec: wordpress(&domain) });
        let socket = machine.socket();
        let asking = std::thread::spawn(move || {
            let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
            std::io::Write::write_all(&mut stream, format!("{question}\n").as_bytes()).unwrap();
            let mut answer = String::new();
            let _ = std::io::Read::read_to_string(&mut stream, &mut answer);
        });
        std::thread::sleep(Duration::from_millis(wait));
        machine.kill_helper();
        asking.join().unwrap();
        machine.bring_up();
        machine.ensure(site, wordpress(&domain));
        assert_eq!(machine.observe(site).unwrap().condition, Condition::Active);
        assert_eq!(machine.get(&domain, "/wp-login.php").0, 200, "killed after {wait} ms");
        machine.done(Verb::Terminate(site));
        assert_eq!(machine.left_of(site), Vec::<String>::new(), "killed after {wait} ms");
    }
}

#[test]
fn what_runs_goes_on_without_the_helper_and_comes_up_again_with_it() {
    let Some(mut machine) = machine(&[Kind::Website]) else { return };
    machine.ensure(owned(1), website("a.example.com"));
    machine.ensure(owned(2), website("b.example.com"));
    machine.done(Verb::Suspend(owned(2)));
    machine.kill_helper();
    assert_eq!(machine.get("a.example.com", "/").0, 200, "nobody needs the helper to see a page");
    machine.bring_up();
    assert_eq!(machine.get("a.example.com", "/").0, 200);
    machine.done(Verb::Stop);
    machine.wait_for_end();
    assert!(std::net::TcpStream::connect(("127.0.0.1", machine.ports.http)).is_err(), "everything is down");
    machine.bring_up();
    until("the website is back", || machine.get("a.example.com", "/").0 == 200);
    assert_eq!(machine.get("b.example.com", "/").0, 503, "suspended, as it was");
}
