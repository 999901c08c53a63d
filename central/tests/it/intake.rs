//! The intake: one submission, one ticket, whatever arrives how often.

use sportello_central::ticket::{Filter, Page};
use sportello_wire::{
    device::{Outcome, Refusal, SubmissionResult},
    envelope::Envelope,
    keys::{DeviceKey, OpeningKey},
    submission::{FollowUp, MAX_WORDS_CHARS, Submission},
    ticket::{Status, StepKind},
};
use uuid::Uuid;

use crate::{
    on_both_databases,
    town::{AUTHORITY, Town, new_ticket},
};

on_both_databases!(
    the_same_envelope_again_gets_the_same_answer_and_no_second_ticket,
    many_times_at_once_is_once,
    an_id_belongs_to_the_first_envelope,
    a_follow_up_waits_for_a_ticket_that_is_still_on_its_way,
    what_can_never_be_taken_is_refused_and_counts_as_arrived,
    an_envelope_of_somebody_else_is_refused,
);

fn digest_of(result: &SubmissionResult) -> &str {
    match &result.outcome {
        Outcome::Created { digest, .. } | Outcome::Exists { digest, .. } => digest,
        other => panic!("not taken: {other:?}"),
    }
}

async fn count(town: &Town) -> u64 {
    let page = Page { number: 1, size: 1 };
    town.state.tickets.list(AUTHORITY, &Filter::default(), page).await.expect("a list").1
}

async fn the_same_envelope_again_gets_the_same_answer_and_no_second_ticket(town: Town) {
    let (kiosk, key) = town.kiosk().await;
    let envelope = town.envelope(&kiosk, &key, 1, &Submission::Ticket(new_ticket()));
    let first = town.state.intake.take(&kiosk, &envelope).await;
    let Outcome::Created { ticket, .. } = &first.outcome else { panic!("{first:?}") };
    assert_eq!(ticket.steps[0].what, StepKind::Submitted { site: "Biblioteca".into() });
    assert_eq!(ticket.protocol.expect("a number").number, 1);
    town.clock.set("2026-06-16T10:00:00Z");
    let again = town.state.intake.take(&kiosk, &envelope).await;
    let Outcome::Exists { ticket: same, .. } = &again.outcome else { panic!("{again:?}") };
    assert_eq!((same, digest_of(&again)), (ticket, envelope.digest().as_str()));
    assert_eq!(count(&town).await, 1);
}

async fn many_times_at_once_is_once(town: Town) {
    let (kiosk, key) = town.kiosk().await;
    let envelope = town.envelope(&kiosk, &key, 1, &Submission::Ticket(new_ticket()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (intake, kiosk, envelope) = (town.state.intake.clone(), kiosk.clone(), envelope.clone());
        tasks.spawn(async move { intake.take(&kiosk, &envelope).await });
    }
    let results = tasks.join_all().await;
    let created = results.iter().filter(|result| matches!(result.outcome, Outcome::Created { .. })).count();
    let existing = results.iter().filter(|result| matches!(result.outcome, Outcome::Exists { .. })).count();
    assert_eq!((created, existing, count(&town).await), (1, 7, 1));
}

async fn an_id_belongs_to_the_first_envelope(town: Town) {
    let (kiosk, key) = town.kiosk().await;
    let first = town.envelope(&kiosk, &key, 1, &Submission::Ticket(new_ticket()));
    digest_of(&town.state.intake.take(&kiosk, &first).await);
    let other = town.envelope(&kiosk, &key, 2, &Submission::Ticket(new_ticket()));
    let mut header = other.header;
    header.id = first.header.id;
    let sealing = town.state.opening_key.public();
    let other = Envelope::seal(header, &Submission::Ticket(new_ticket()), sealing, &key).expect("sealed");
    let refused = town.state.intake.take(&kiosk, &other).await;
    assert_eq!(refused.outcome, Outcome::Refused { reason: Refusal::IdTaken });
    assert!(matches!(town.state.intake.take(&kiosk, &first).await.outcome, Outcome::Exists { .. }));
    assert_eq!(count(&town).await, 1);
}

async fn a_follow_up_waits_for_a_ticket_that_is_still_on_its_way(town: Town) {
    let (kiosk, key) = town.kiosk().await;
    let new = new_ticket();
    let follow_up = FollowUp { code: new.code, words: "E ora piove dentro".into(), language: "it".into() };
    let ticket = town.envelope(&kiosk, &key, 1, &Submission::Ticket(new));
    let follow_up = town.envelope(&kiosk, &key, 2, &Submission::FollowUp(follow_up));

    let early = town.state.intake.take(&kiosk, &follow_up).await;
    assert_eq!(early.outcome, Outcome::TryAgain);
    digest_of(&town.state.intake.take(&kiosk, &ticket).await);
    let taken = town.state.intake.take(&kiosk, &follow_up).await;
    let Outcome::Created { ticket, .. } = taken.outcome else { panic!("{taken:?}") };
    assert_eq!(
        (ticket.status, &ticket.steps.last().expect("a step").what),
        (Status::Received, &StepKind::FollowedUp)
    );

    // What was refused has arrived as well, so nothing is waited for.
    let mut long = new_ticket();
    long.words = "a".repeat(MAX_WORDS_CHARS + 1);
    let long = town.envelope(&kiosk, &key, 3, &Submission::Ticket(long));
    assert_eq!(
        town.state.intake.take(&kiosk, &long).await.outcome,
        Outcome::Refused { reason: Refusal::TooLarge }
    );
    let lost = FollowUp { code: new_ticket().code, words: "?".into(), language: "it".into() };
    let lost = town.envelope(&kiosk, &key, 4, &Submission::FollowUp(lost));
    let refused = town.state.intake.take(&kiosk, &lost).await;
    assert_eq!(refused.outcome, Outcome::Refused { reason: Refusal::WrongCode });
}

async fn what_can_never_be_taken_is_refused_and_counts_as_arrived(town: Town) {
    let (kiosk, key) = town.kiosk().await;
    let new = new_ticket();
    let mut long = new_ticket();
    long.words = "a".repeat(MAX_WORDS_CHARS + 1);
    let stranger = OpeningKey::generate();
    let first = town.envelope(&kiosk, &key, 1, &Submission::Ticket(new.clone()));
    let lost_key = town.envelope(&kiosk, &key, 2, &Submission::Ticket(new_ticket()));
    let lost_key =
        Envelope::seal(lost_key.header, &Submission::Ticket(new_ticket()), stranger.public(), &key);
    let unknown = FollowUp { code: new.code, words: "  ".into(), language: "it".into() };
    for (envelope, reason) in [
        (first, None),
        (lost_key.expect("sealed"), Some(Refusal::CannotOpen)),
        (town.envelope(&kiosk, &key, 3, &Submission::Ticket(new)), Some(Refusal::WrongCode)),
        (town.envelope(&kiosk, &key, 4, &Submission::Ticket(long)), Some(Refusal::TooLarge)),
        (town.envelope(&kiosk, &key, 6, &Submission::FollowUp(unknown)), Some(Refusal::UnknownContent)),
    ] {
        let outcome = town.state.intake.take(&kiosk, &envelope).await.outcome;
        match reason {
            None => assert!(matches!(outcome, Outcome::Created { .. })),
            Some(reason) => assert_eq!(outcome, Outcome::Refused { reason }),
        }
    }
    assert_eq!(count(&town).await, 1);
    let missing = town.state.devices.missing(&kiosk, Uuid::from_u128(1), 7).await.expect("missing");
    assert_eq!(missing, [5, 7]);
}

async fn an_envelope_of_somebody_else_is_refused(town: Town) {
    let ((kiosk, key), (other, _)) = (town.kiosk().await, town.kiosk().await);
    let bad = Outcome::Refused { reason: Refusal::BadSignature };
    let envelope = town.envelope(&kiosk, &key, 1, &Submission::Ticket(new_ticket()));
    assert_eq!(town.state.intake.take(&other, &envelope).await.outcome, bad);
    let forged = town.envelope(&kiosk, &DeviceKey::generate(), 1, &Submission::Ticket(new_ticket()));
    assert_eq!(town.state.intake.take(&kiosk, &forged).await.outcome, bad);
    let mut changed = envelope.clone();
    changed.header.sequence = 9;
    assert_eq!(town.state.intake.take(&kiosk, &changed).await.outcome, bad);
    assert_eq!(count(&town).await, 0);
}
