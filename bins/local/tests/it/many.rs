use std::time::Instant;

use local_protocol::Kind;

use crate::machine::{game, machine, mailbox, owned, website, wordpress};

#[test]
fn twenty_at_once_are_all_whole() {
    let Some(machine) = machine(&Kind::ALL) else { return };
    let from = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..20 {
            let machine = &machine;
            scope.spawn(move || {
                let spec = match number % 5 {
                    0 | 1 => website(&format!("s{number}.example.com")),
                    2 => mailbox(&format!("m{number}@example.com")),
                    3 => game(&format!("Game {number}")),
                    _ => wordpress(&format!("w{number}.example.com")),
                };
                machine.ensure(owned(number), spec);
            });
        }
    });
    eprintln!("20 at once took {:?}", from.elapsed());
    for number in 0..20 {
        let standing = machine.observe(owned(number)).unwrap();
        assert_eq!(standing.condition, local_protocol::Condition::Active, "{standing:?}");
    }
}
