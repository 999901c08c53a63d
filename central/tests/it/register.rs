//! Protocol numbers: no gap, no repeat, the year of the submission.

use std::collections::BTreeSet;

use sportello_wire::{envelope::ClockState, ticket::ProtocolNumber};

use crate::{
    on_both_databases,
    town::{AUTHORITY, NOON, Town, new_ticket, opening},
};

on_both_databases!(
    numbers_have_no_gap_and_no_repeat_however_many_come_at_once,
    a_ticket_of_the_old_year_gets_the_next_number_of_the_old_year,
    a_clock_that_cannot_be_right_does_not_open_a_register_of_its_own,
    a_guessed_time_of_last_year_does_not_give_a_number_of_last_year,
);

const TASKS: u32 = 8;
const TICKETS_EACH: u32 = 50;

async fn numbers_have_no_gap_and_no_repeat_however_many_come_at_once(town: Town) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let tickets = town.state.tickets.clone();
        tasks.spawn(async move {
            let mut numbers = Vec::new();
            let mut last = new_ticket();
            for at in 0..TICKETS_EACH {
                if at % 5 == 1 {
                    tickets.open(AUTHORITY, opening(last, NOON)).await.expect_err("its code is taken");
                }
                last = new_ticket();
                let ticket = tickets.open(AUTHORITY, opening(last.clone(), NOON)).await.expect("opened");
                numbers.push(ticket.protocol.expect("a number"));
            }
            numbers
        });
    }
    let numbers: Vec<ProtocolNumber> = tasks.join_all().await.concat();
    let different: BTreeSet<u32> = numbers.iter().map(|number| number.number).collect();
    assert_eq!(different.len(), numbers.len());
    assert_eq!(
        different.iter().copied().collect::<Vec<_>>(),
        (1..=different.len() as u32).collect::<Vec<_>>()
    );
}

async fn a_ticket_of_the_old_year_gets_the_next_number_of_the_old_year(town: Town) {
    let open = async |submitted_at: &str| {
        let ticket =
            town.state.tickets.open(AUTHORITY, opening(new_ticket(), submitted_at)).await.expect("opened");
        ticket.protocol.expect("a number").to_string()
    };
    town.clock.set("2026-12-31T10:00:00Z");
    assert_eq!(open("2026-12-31T09:00:00Z").await, "0000001/2026");
    town.clock.set("2027-01-02T10:00:00Z");
    assert_eq!(open("2027-01-02T09:00:00Z").await, "0000001/2027");
    // Midnight is the town's: 22:59 UTC is still the old year in Italy, 23:00 UTC is the new one.
    assert_eq!(open("2026-12-31T22:59:59Z").await, "0000002/2026");
    assert_eq!(open("2026-12-31T23:00:00Z").await, "0000002/2027");
}

async fn a_clock_that_cannot_be_right_does_not_open_a_register_of_its_own(town: Town) {
    let claimed = "1970-01-01T00:00:12Z";
    let ticket = town.state.tickets.open(AUTHORITY, opening(new_ticket(), claimed)).await.expect("opened");
    assert_eq!(ticket.protocol.expect("a number").to_string(), "0000001/2026");
    assert_eq!(ticket.opened.submitted_at.to_string(), NOON);
    assert_eq!(ticket.opened.claimed_at, Some(claimed.parse().expect("a time")));
}

async fn a_guessed_time_of_last_year_does_not_give_a_number_of_last_year(town: Town) {
    let claimed = "2025-12-30T08:00:00Z";
    let mut opening = opening(new_ticket(), claimed);
    opening.clock = Some(ClockState::Guess);
    let ticket = town.state.tickets.open(AUTHORITY, opening).await.expect("opened");
    assert_eq!(ticket.protocol.expect("a number").to_string(), "0000001/2026");
    assert_eq!(ticket.opened.submitted_at.to_string(), NOON);
    assert_eq!(ticket.opened.claimed_at, Some(claimed.parse().expect("a time")));
}
