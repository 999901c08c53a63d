//! The central goes away before, during and after a delivery: one submission, one ticket.

use std::collections::BTreeSet;

use sportello::journey::{Answer, Event, Page};
use sportello_central::ticket::Action;
use sportello_wire::ticket::Status;
use tempfile::TempDir;

use crate::{kiosk::TestKiosk, town::Town};

#[test]
fn what_was_submitted_while_nobody_answered_arrives_once_when_somebody_does() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let identity = town.enrol(folder.path());
    town.close();
    let mut kiosk = TestKiosk::start(folder.path(), Some(&identity));
    kiosk.connect(&town.url(), &identity);
    let code = kiosk.write_and_send("Il lampione è spento");
    assert_eq!(kiosk.kiosk.state().page(), &Page::Received, "a touch never waits for the network");
    kiosk.until("the kiosk notices that the network is away", |kiosk| kiosk.kiosk.network_away());
    assert_eq!(kiosk.outbox.tally().unwrap().waiting, 1);

    town.open();
    kiosk.until_delivered();
    assert_eq!(town.tickets().len(), 1);
    let ticket = town.ticket(&code).expect("the ticket under the code that was shown");
    assert_eq!(ticket.opened.ticket.words, "Il lampione è spento");
}

#[test]
fn an_answer_lost_after_the_commit_makes_no_second_ticket() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let identity = town.enrol(folder.path());
    let mut kiosk = TestKiosk::start(folder.path(), Some(&identity));
    town.drop_next_answers(1);
    kiosk.connect(&town.url(), &identity);
    let code = kiosk.write_and_send("La fontana perde");
    kiosk.until_delivered();
    assert_eq!(town.answers_still_to_drop(), 0, "the answer was really lost");
    assert_eq!(town.tickets().len(), 1);
    assert!(town.ticket(&code).is_some());
}

#[test]
fn a_central_that_stops_and_starts_while_kiosks_deliver_has_every_ticket_once_and_no_gap() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let identity = town.enrol(folder.path());
    let mut kiosk = TestKiosk::start(folder.path(), Some(&identity));
    kiosk.connect(&town.url(), &identity);
    let mut codes = BTreeSet::new();
    for round in 0..6 {
        for number in 0..5 {
            codes.insert(kiosk.write_and_send(&format!("Cosa {round}-{number}")));
            if number == round % 5 {
                town.close();
            }
        }
        if round % 2 == 0 {
            town.drop_next_answers(1);
        }
        town.open();
    }
    kiosk.until_delivered();
    let tickets = town.tickets();
    assert_eq!(tickets.iter().map(|ticket| ticket.code).collect::<BTreeSet<_>>(), codes);
    assert_eq!(tickets.len(), codes.len());
    let numbers: BTreeSet<u32> = tickets.iter().map(|ticket| ticket.protocol.number).collect();
    assert_eq!(numbers, (1..=30).collect(), "the register has no gap and no repetition");
}

#[test]
fn the_desks_answer_reaches_whoever_follows_and_stays_readable_without_the_network() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let identity = town.enrol(folder.path());
    let mut kiosk = TestKiosk::start(folder.path(), Some(&identity));
    kiosk.connect(&town.url(), &identity);
    let code = kiosk.write_and_send("Una buca in via Dante");
    kiosk.until_delivered();
    let ticket = town.ticket(&code).unwrap();
    town.act(ticket.id, Action::Take { by: "marta".to_owned(), office: "urp".to_owned() });
    town.act(ticket.id, Action::Resolve { words: "Riparata stamattina.".to_owned() });

    kiosk.kiosk.happen(Event::FollowNow);
    kiosk.until("the answer is there", |kiosk| {
        let follow = &kiosk.kiosk.state().follow;
        follow.state.as_ref().is_some_and(|state| state.status == Status::Resolved)
    });
    kiosk.kiosk.happen(Event::End);
    town.close();
    kiosk.kiosk.happen(Event::Begin);
    kiosk.kiosk.happen(Event::Follow);
    kiosk.kiosk.happen(Event::Scanned(code));
    let follow = &kiosk.kiosk.state().follow;
    let state = follow.state.as_ref().expect("the kiosk remembers");
    assert_eq!(state.status, Status::Resolved);
    assert!(state.protocol.is_some());
    assert!(follow.as_of.is_some(), "and says that it is what it remembers");
    kiosk.kiosk.happen(Event::Known(code, Answer::Unreachable));
    assert_eq!(kiosk.kiosk.state().page(), &Page::FollowState);
}
