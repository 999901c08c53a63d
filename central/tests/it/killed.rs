//! A central that is killed (SIGKILL) while kiosks deliver: one submission, one ticket, no gap in the register.

use std::{collections::BTreeSet, sync::mpsc, thread};

use serde_json::json;
use sportello_central::knowledge::demonstration;
use sportello_wire::{
    device::{Outcome, SubmissionResult},
    envelope::Envelope,
    keys::SealingKey,
    submission::Submission,
    ticket::TicketState,
};
use uuid::Uuid;

use crate::{
    client::Client,
    command_line::{Serving, printed, run},
    town::new_ticket,
};

/// How often the central is killed.
const KILLS: usize = 12;
/// How many submissions there are for each time.
const SUBMISSIONS_EACH: usize = 3;
/// The longest that the killer hesitates after a request has begun, in turns given up. A request takes less.
const MOST_TURNS: u32 = 20_000;

fn deliver(client: &Client, envelope: &Envelope) -> Option<TicketState> {
    let body = serde_json::to_vec(envelope).expect("json");
    let path = format!("/v1/submissions/{}", envelope.header.id);
    let (status, answer) = client.call("PUT", &path, "", &body).ok()?;
    assert_eq!(status, 200);
    let result: SubmissionResult = serde_json::from_slice(&answer).expect("a result");
    match result.outcome {
        Outcome::Created { digest, ticket } | Outcome::Exists { digest, ticket } => {
            assert_eq!(digest, envelope.digest());
            Some(*ticket)
        }
        other => panic!("not taken: {other:?}"),
    }
}

/// Delivers until the central is killed, which happens some time after request number `at` has begun.
fn deliver_and_kill(mut serving: Serving, client: &Client, envelopes: &[Envelope], at: usize) -> usize {
    let (begin, has_begun) = mpsc::channel();
    let process = &mut serving.process;
    thread::scope(|scope| {
        scope.spawn(move || {
            has_begun.recv().expect("it begins");
            let turns = Uuid::new_v4().as_u128() as u32 % MOST_TURNS;
            for _ in 0..turns {
                thread::yield_now();
            }
            process.kill().expect("killed");
            process.wait().expect("it ends");
        });
        let mut answered = 0;
        for (index, envelope) in envelopes.iter().enumerate() {
            if index == at {
                begin.send(()).expect("the killer waits");
            }
            if deliver(client, envelope).is_none() {
                break;
            }
            answered += 1;
        }
        answered
    })
}

#[test]
fn each_submission_becomes_one_ticket_whenever_the_central_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    printed(&run(folder.path(), &["import", concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration")]));
    let code = printed(&run(folder.path(), &["enrol-code", "--site", "Biblioteca"]));
    let mut serving = Serving::start(folder.path(), "warn");
    let mut client = Client::enrol(&serving.base, &code);
    assert_eq!(client.enrolment.authority, demonstration::AUTHORITY);
    let sealing = SealingKey::from_info(&client.enrolment.sealing_keys[0]).expect("a key");
    let envelopes: Vec<Envelope> = (0..KILLS * SUBMISSIONS_EACH)
        .map(|index| client.seal(index as u64 + 1, &Submission::Ticket(new_ticket()), &sealing))
        .collect();

    let mut delivered = 0;
    for kill in 0..KILLS {
        let pending = &envelopes[delivered..];
        delivered +=
            deliver_and_kill(serving, &client, pending, (kill % SUBMISSIONS_EACH).min(pending.len() - 1));
        serving = Serving::start(folder.path(), "warn");
        client.base.clone_from(&serving.base);
        if delivered == envelopes.len() {
            break;
        }
    }
    let states: Vec<TicketState> =
        envelopes.iter().map(|envelope| deliver(&client, envelope).expect("an answer")).collect();
    let numbers: BTreeSet<u32> = states.iter().filter_map(|state| Some(state.protocol?.number)).collect();
    assert_eq!(numbers, (1..=envelopes.len() as u32).collect());

    // The next one gets the next number: nothing else was made meanwhile.
    let next = client.seal(envelopes.len() as u64 + 1, &Submission::Ticket(new_ticket()), &sealing);
    let number = deliver(&client, &next).expect("an answer").protocol.expect("a number").number;
    assert_eq!(number as usize, envelopes.len() + 1);
    let heartbeat = json!({
        "version": "0.1.0", "waiting": 0, "quarantined": 0, "oldest": null, "epoch": next.header.epoch,
        "last_sequence": next.header.sequence, "printer": "none", "clock": "2026-06-15T10:00:00Z"
    });
    let answer: serde_json::Value = client.ask("POST", "/v1/heartbeat", "", &heartbeat);
    assert_eq!(answer["missing"], json!([]));
    serving.stop(folder.path());
}
