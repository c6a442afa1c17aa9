//! The checker is shown to fail: each test takes a shop in which all is well and spoils one thing.

use super::*;
use crate::facts::{Arrived, JobRow, MailRow, PaymentRow, Purchase, ServerFact, SessionFact, TryRow, Word, purchases};
use crate::history::{Entry, Op, Phase};

const GAME: &str = "ord_1";
const SITE: &str = "ord_2";
const UNPAID: &str = "ord_3";

/// A game server and a website that were paid, an order that was not, and one that its customer knows nothing of.
fn well() -> Facts {
    let mut facts = Facts::default();
    for (number, provider, paid) in [(1, "pterodactyl", true), (2, "website", true), (3, "website", false)] {
        add_order(&mut facts, number, provider, paid);
    }
    facts.purchases.push(Purchase { email: "b4@x".to_owned(), word: Word::Unknown });
    facts.servers.push(ServerFact { id: "7".to_owned(), external_id: "svc_1".to_owned(), ready: true });
    facts.sites.push(SITE.to_owned());
    facts.acknowledged.insert("evt_1".to_owned());
    facts.events.insert("evt_1".to_owned(), Some("processed".to_owned()));
    facts.tries.push(TryRow { job: 1, lease: 2, outcome: "done".to_owned() });
    facts.tries.push(TryRow { job: 1, lease: 1, outcome: "failed".to_owned() });
    facts
}

fn add_order(facts: &mut Facts, number: u32, provider: &str, paid: bool) {
    let (id, email) = (format!("ord_{number}"), format!("b{number}@x"));
    facts.purchases.push(Purchase { email: email.clone(), word: Word::Confirmed(id.clone()) });
    let status = if paid { "provisioned" } else { "pending" };
    let guest = provider == "website";
    let row = OrderRow {
        id: id.clone(),
        status: status.to_owned(),
        email: email.clone(),
        provider: provider.to_owned(),
        guest,
    };
    facts.orders.push(row);
    facts.sessions.push(SessionFact { id: format!("cs_{number}"), order: id.clone(), paid, amount: 799 });
    let payment = if paid { "succeeded" } else { "processing" };
    facts.payments.push(PaymentRow { order: id.clone(), status: payment.to_owned(), amount: 799 });
    let mut events = vec!["placed"];
    if paid {
        events.extend(["paid", "delivery_requested", "provisioning", "provisioned"]);
        facts.services.push(ServiceRow { id: format!("svc_{number}"), order: id.clone(), status: "active".to_owned() });
        for template in ["order_confirmation", "service_ready", "welcome"] {
            if guest || template != "welcome" {
                add_mail(facts, &email, template, &id);
            }
        }
    }
    facts.timeline.insert(id, events.into_iter().map(str::to_owned).collect());
}

fn add_mail(facts: &mut Facts, to: &str, template: &str, order: &str) {
    let message_id = format!("{template}-{}@x", facts.mails.len());
    facts.mails.push(MailRow {
        to: to.to_owned(),
        template: template.to_owned(),
        order: Some(order.to_owned()),
        status: "sent".to_owned(),
        message_id: Some(message_id.clone()),
    });
    facts.arrived.push(Arrived { to: to.to_owned(), message_id });
}

/// The rules that are broken after this.
fn spoilt(spoil: impl FnOnce(&mut Facts)) -> BTreeSet<Rule> {
    let mut facts = well();
    spoil(&mut facts);
    check(&facts).iter().map(|violation| violation.rule).collect()
}

#[track_caller]
fn caught(rule: Rule, spoil: impl FnOnce(&mut Facts)) {
    let broken = spoilt(spoil);
    assert!(broken.contains(&rule), "{rule:?} says nothing; {broken:?} do");
}

#[track_caller]
fn tolerated(spoil: impl FnOnce(&mut Facts)) {
    assert_eq!(spoilt(spoil), BTreeSet::new());
}

fn order<'a>(facts: &'a mut Facts, id: &str) -> &'a mut OrderRow {
    facts.orders.iter_mut().find(|order| order.id == id).unwrap()
}

#[test]
fn a_shop_in_which_all_is_well_breaks_no_rule() {
    assert_eq!(check(&well()), []);
}

#[test]
fn an_order_that_was_confirmed_and_is_gone() {
    caught(Rule::Lost, |facts| facts.orders.retain(|order| order.id != UNPAID));
    caught(Rule::Lost, |facts| facts.orders.retain(|order| order.id != GAME));
    caught(Rule::Lost, |facts| "ord_9".clone_into(&mut order(facts, UNPAID).id));
    caught(Rule::Lost, |facts| "ord_9".clone_into(&mut facts.sessions[0].order));
}

#[test]
fn a_purchase_that_became_two_orders() {
    let again = |facts: &mut Facts, email: &str| {
        let copy = OrderRow { id: "ord_9".to_owned(), email: email.to_owned(), ..facts.orders[2].clone() };
        facts.timeline.insert("ord_9".to_owned(), vec!["placed".to_owned()]);
        facts.orders.push(copy);
    };
    caught(Rule::Doubled, |facts| again(facts, "b3@x"));
    caught(Rule::Doubled, |facts| again(facts, "somebody@x"));
    // Whoever heard nothing may have an order, but not two.
    tolerated(|facts| again(facts, "b4@x"));
    caught(Rule::Doubled, |facts| {
        again(facts, "b4@x");
        let third = OrderRow { id: "ord_10".to_owned(), ..facts.orders[3].clone() };
        facts.timeline.insert("ord_10".to_owned(), vec!["placed".to_owned()]);
        facts.orders.push(third);
    });
}

#[test]
fn what_was_paid_and_is_not_there() {
    caught(Rule::Undelivered, |facts| facts.sites.clear());
    caught(Rule::Undelivered, |facts| facts.servers.clear());
    caught(Rule::Undelivered, |facts| facts.servers[0].ready = false);
    caught(Rule::Undelivered, |facts| facts.services.retain(|service| service.order != SITE));
    caught(Rule::Undelivered, |facts| "uncertain".clone_into(&mut facts.services[0].status));
    caught(Rule::Undelivered, |facts| facts.sessions[2].paid = true);
    caught(Rule::Undelivered, |facts| "cancelled".clone_into(&mut order(facts, SITE).status));
    // A website in a game's place.
    caught(Rule::Undelivered, |facts| {
        facts.servers.clear();
        facts.sites.push(GAME.to_owned());
    });
}

#[test]
fn a_case_is_visible_or_it_is_none() {
    let before_a_person = |facts: &mut Facts| {
        "needs_attention".clone_into(&mut order(facts, GAME).status);
        facts
            .timeline
            .insert(GAME.to_owned(), ["placed", "paid", "provisioning", "needs_attention"].map(str::to_owned).into());
        facts.servers.clear();
        facts.mails.retain(|mail| !(mail.order.as_deref() == Some(GAME) && mail.template == "service_ready"));
        facts.arrived.retain(|mail| !(mail.to == "b1@x" && mail.message_id.starts_with("service_ready")));
    };
    tolerated(|facts| {
        before_a_person(facts);
        facts.cases.insert(GAME.to_owned(), "no capacity".to_owned());
    });
    caught(Rule::Undelivered, before_a_person);
}

#[test]
fn two_of_what_was_bought_once() {
    let server =
        |external_id: &str| ServerFact { id: "8".to_owned(), external_id: external_id.to_owned(), ready: true };
    caught(Rule::Twice, |facts| facts.servers.push(server("svc_1")));
    caught(Rule::Twice, |facts| facts.servers.push(server("svc_of_nobody")));
    caught(Rule::Twice, |facts| facts.servers.push(server("svc_2")));
    caught(Rule::Twice, |facts| facts.sites.push(SITE.to_owned()));
    caught(Rule::Twice, |facts| facts.sites.push("ord_9".to_owned()));
    caught(Rule::Twice, |facts| {
        let second = ServiceRow { id: "svc_9".to_owned(), ..facts.services[0].clone() };
        facts.services.push(second);
    });
}

#[test]
fn something_for_nothing() {
    caught(Rule::Unpaid, |facts| facts.sites.push(UNPAID.to_owned()));
    caught(Rule::Unpaid, |facts| facts.sessions[0].paid = false);
    caught(Rule::Unpaid, |facts| "paid".clone_into(&mut order(facts, UNPAID).status));
    caught(Rule::Unpaid, |facts| add_mail(facts, "b3@x", "order_confirmation", UNPAID));
    caught(Rule::Unpaid, |facts| {
        facts.services.push(ServiceRow {
            id: "svc_3".to_owned(),
            order: UNPAID.to_owned(),
            status: "pending".to_owned(),
        });
    });
}

#[test]
fn an_order_that_stands_still() {
    for status in ["paid", "provisioning"] {
        caught(Rule::Stuck, |facts| status.clone_into(&mut order(facts, GAME).status));
    }
}

#[test]
fn a_step_back_and_a_step_twice() {
    let with = |events: &'static [&str]| {
        move |facts: &mut Facts| {
            facts.timeline.insert(GAME.to_owned(), events.iter().map(|event| (*event).to_owned()).collect());
        }
    };
    caught(Rule::Backwards, with(&["placed", "paid", "provisioning", "provisioned", "paid"]));
    caught(Rule::Backwards, with(&["placed", "paid", "paid", "provisioning", "provisioned"]));
    caught(Rule::Backwards, with(&["placed", "paid", "provisioning", "provisioned", "provisioned"]));
    caught(Rule::Backwards, with(&["placed", "paid", "expired", "provisioning", "provisioned"]));
    caught(Rule::Backwards, with(&["placed", "paid", "provisioning"]));
    caught(Rule::Backwards, with(&[]));
    // A page that expired and was paid all the same is paid.
    tolerated(with(&["placed", "expired", "paid", "delivery_waits", "provisioning", "installing", "provisioned"]));
}

#[test]
fn money_that_does_not_add_up() {
    caught(Rule::Money, |facts| facts.payments[0].amount = 1);
    caught(Rule::Money, |facts| "failed".clone_into(&mut facts.payments[0].status));
    caught(Rule::Money, |facts| "succeeded".clone_into(&mut facts.payments[2].status));
    caught(Rule::Money, |facts| {
        let second = facts.payments[0].clone();
        facts.payments.push(second);
    });
    caught(Rule::Money, |facts| {
        let second = SessionFact { id: "cs_9".to_owned(), ..facts.sessions[0].clone() };
        facts.sessions.push(second);
    });
}

#[test]
fn mails_that_are_missing_doubled_or_different() {
    tolerated(|facts| {
        let again = facts.arrived[0].clone();
        facts.arrived.push(again);
    });
    caught(Rule::Mail, |facts| {
        facts.arrived.push(Arrived { to: "b2@x".to_owned(), message_id: "another@x".to_owned() });
    });
    caught(Rule::Mail, |facts| drop(facts.arrived.remove(0)));
    caught(Rule::Mail, |facts| add_mail(facts, "b2@x", "welcome", SITE));
    caught(Rule::Mail, |facts| add_mail(facts, "b1@x", "service_ready", GAME));
    caught(Rule::Mail, |facts| "queued".clone_into(&mut facts.mails[0].status));
    caught(Rule::Mail, |facts| facts.mails.retain(|mail| mail.template != "welcome"));
    caught(Rule::Mail, |facts| {
        facts.mails.retain(|mail| mail.template != "service_ready");
        facts.arrived.retain(|mail| !mail.message_id.starts_with("service_ready"));
    });
}

#[test]
fn jobs_that_are_left_or_done_twice() {
    let job = |runs, scheduled| JobRow { id: 9, kind: "x".to_owned(), runs, scheduled, detail: String::new() };
    caught(Rule::Job, |facts| facts.jobs.push(job(true, false)));
    caught(Rule::Job, |facts| facts.jobs.push(job(false, false)));
    tolerated(|facts| facts.jobs.push(job(false, true)));
    let end = |lease, outcome: &str| TryRow { job: 1, lease, outcome: outcome.to_owned() };
    caught(Rule::Job, |facts| facts.tries.push(end(3, "done")));
    caught(Rule::Job, |facts| facts.tries.push(end(3, "dead")));
    caught(Rule::Job, |facts| facts.tries.push(end(2, "failed")));
}

#[test]
fn what_a_late_worker_recorded() {
    caught(Rule::Stale, |facts| facts.lost_leases.push((1, 1)));
    caught(Rule::Stale, |facts| facts.lost_leases.push((1, 2)));
    tolerated(|facts| facts.lost_leases.push((1, 3)));
}

#[test]
fn events_that_were_acknowledged_and_forgotten() {
    caught(Rule::Event, |facts| facts.events.clear());
    caught(Rule::Event, |facts| drop(facts.events.insert("evt_1".to_owned(), None)));
    tolerated(|facts| drop(facts.events.insert("evt_2".to_owned(), Some("ignored".to_owned()))));
}

#[test]
fn a_program_that_fell() {
    caught(Rule::Spared, |facts| facts.throttled = 1);
    caught(Rule::Fell, |facts| facts.falls.push("worker-1 ended by itself".to_owned()));
}

#[test]
fn the_last_word_on_an_order_counts() {
    let entry = |buyer, phase, order: Option<&str>| Entry {
        at_us: 0,
        buyer,
        email: format!("b{buyer}@x"),
        op: Op::Order,
        phase,
        order: order.map(str::to_owned),
        session: None,
        note: None,
    };
    let history = [
        entry(1, Phase::Invoke, None),
        entry(2, Phase::Invoke, None),
        entry(1, Phase::Ok, Some(GAME)),
        entry(3, Phase::Invoke, None),
        entry(3, Phase::Fail, None),
        entry(2, Phase::Info, None),
        entry(4, Phase::Invoke, None),
    ];
    let words: Vec<Word> = purchases(&history).into_iter().map(|purchase| purchase.word).collect();
    assert_eq!(words, [Word::Confirmed(GAME.to_owned()), Word::Unknown, Word::Refused, Word::Unknown]);
}
