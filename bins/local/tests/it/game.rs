use std::{net::UdpSocket, time::Duration};

use local_protocol::{Condition, Kind, PowerWord, Verb};

use crate::machine::{game, machine, owned};

/// Whether a server gives a token to who asks for one, as version 0.7 does before anything else.
fn answers(port: u16) -> bool {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    socket.connect(("127.0.0.1", port)).unwrap();
    let mut packet = vec![4, 0, 0, 0xff, 0xff, 0xff, 0xff, 5, b't', b'e', b's', b't'];
    packet.resize(520, 0);
    let mut answer = [0; 64];
    socket.send(&packet).is_ok() && socket.recv(&mut answer).is_ok_and(|length| length > 7 && answer[3..7] == *b"test")
}

#[test]
fn a_game_server_runs_under_a_user_of_its_own_and_stops_when_it_is_suspended() {
    let Some(machine) = machine(&[Kind::Game]) else { return };
    let (first, second) = (owned(1), owned(2));
    let one = machine.ensure(first, game("Mias game"));
    let two = machine.ensure(second, game("Toms game"));
    assert_ne!(one.port, two.port);
    assert!(answers(one.port) && answers(two.port));
    assert_ne!(machine.uid(first), machine.uid(second));

    machine.done(Verb::Suspend(first));
    assert!(!answers(one.port) && answers(two.port), "only the one");
    machine.done(Verb::Resume(first));
    assert!(answers(one.port));
    machine.done(Verb::Power { owned: first, power: PowerWord::Stop });
    assert!(!answers(one.port));
    machine.done(Verb::Power { owned: first, power: PowerWord::Restart });
    assert_eq!(machine.observe(first).unwrap().condition, Condition::Active);

    machine.done(Verb::Terminate(first));
    assert!(!answers(one.port) && answers(two.port));
    assert_eq!(machine.left_of(first), Vec::<String>::new());
}
