use local_protocol::{Condition, Kind, PowerWord, Refusal, Verb};

use crate::machine::{machine, owned, put_page, website};

#[test]
fn a_website_is_made_paused_resumed_and_ended_with_nothing_left() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    let site = owned(1);
    let standing = machine.ensure(site, website("a.example.com"));
    assert_eq!((standing.name.as_str(), standing.condition), ("a.example.com", Condition::Active));
    let (status, page) = machine.get("a.example.com", "/.well-known/hostwright");
    assert!(status == 200 && page.contains(&site.service.to_string()), "{page}");
    let (status, page) = machine.get("a.example.com", "/");
    assert!(status == 200 && page.contains("PHP 8.2.") && page.contains("a.example.com"), "{page}");
    assert_eq!(machine.get("b.example.com", "/").0, 404, "another name is nobody's");

    machine.done(Verb::Suspend(site));
    let (status, page) = machine.get("a.example.com", "/");
    assert!(status == 503 && page.contains("paused"), "{page}");
    assert_eq!(machine.get("a.example.com", "/.well-known/hostwright").0, 503);
    assert_eq!(machine.observe(site).unwrap().condition, Condition::Suspended);
    machine.done(Verb::Suspend(site));
    machine.done(Verb::Resume(site));
    machine.done(Verb::Resume(site));
    assert_eq!(machine.get("a.example.com", "/").0, 200);

    machine.done(Verb::Terminate(site));
    assert_eq!(machine.get("a.example.com", "/").0, 404);
    assert_eq!(machine.observe(site), None);
    assert_eq!(machine.left_of(site), Vec::<String>::new());
    let (refusal, why) = machine.refused(Verb::Ensure { owned: site, spec: website("a.example.com") });
    assert!(refusal == Refusal::Never && why.contains("ended"), "{why}");
    assert_eq!(machine.refused(Verb::Terminate(site)).0, Refusal::Gone);
}

#[test]
fn made_twice_is_one_and_what_its_owner_put_there_stays() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    let site = owned(1);
    let first = machine.ensure(site, website("a.example.com"));
    put_page(&machine, site, "index.php", "<?php echo 'mine ' . (6 * 7);");
    assert_eq!(machine.ensure(site, website("a.example.com")), first);
    until_page(&machine, "mine 42");
    machine.done(Verb::Power { owned: site, power: PowerWord::Stop });
    assert_eq!(machine.get("a.example.com", "/").0, 502, "its PHP is stopped");
    machine.done(Verb::Power { owned: site, power: PowerWord::Start });
    until_page(&machine, "mine 42");
}

fn until_page(machine: &crate::machine::Machine, text: &str) {
    crate::machine::until(text, || machine.get("a.example.com", "/").1.contains(text));
}

#[test]
fn a_domain_has_one_service_and_goes_free_with_its_end() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    machine.ensure(owned(1), website("a.example.com"));
    let (refusal, why) = machine.refused(Verb::Ensure { owned: owned(2), spec: website("a.example.com") });
    assert!(refusal == Refusal::Never && why.contains("taken"), "{why}");
    assert_eq!(machine.observe(owned(2)), None);
    assert_eq!(machine.left_of(owned(2)), Vec::<String>::new());
    machine.done(Verb::Terminate(owned(1)));
    machine.ensure(owned(2), website("a.example.com"));
    assert!(machine.get("a.example.com", "/.well-known/hostwright").1.contains(&owned(2).service.to_string()));
}

#[test]
fn what_fails_half_way_is_taken_back() {
    let Some(machine) = machine(&[Kind::Website]) else { return };
    // Something stands where PHP's configuration is to be written.
    let user = machine.user(owned(1));
    let obstacle = machine.state().join("php").join(format!("{user}.conf"));
    std::fs::create_dir(&obstacle).unwrap();
    let (refusal, _) = machine.refused(Verb::Ensure { owned: owned(1), spec: website("a.example.com") });
    assert_eq!(refusal, Refusal::Failed);
    std::fs::remove_dir(&obstacle).unwrap();
    machine.ensure(owned(1), website("a.example.com"));
    assert_eq!(machine.get("a.example.com", "/").0, 200);
}
