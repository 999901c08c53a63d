//! The outbox as a whole, on real files.

use std::{fs, path::Path};

use jiff::SignedDuration;
use sportello_wire::{
    device::Refusal,
    envelope::ClockState,
    submission::{MAX_WORDS_CHARS, Submission},
};
use uuid::Uuid;

use super::{
    testing::{CANARIES, Kiosk, code, now, open, options, state, ticket},
    *,
};

fn submit(outbox: &Outbox, number: u64) -> Accepted {
    let id = Uuid::from_u128(u128::from(number));
    outbox.submit(id, &ticket(number), now(), ClockState::Hardware).expect("accepted")
}

/// Every file below a folder, as (name, content).
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    found
}

fn assert_nothing_readable(folder: &Path) {
    let codes = [code(1).to_string(), code(1).compact()];
    for (name, content) in files(folder) {
        for secret in CANARIES.iter().map(|text| (*text).to_owned()).chain(codes.clone()) {
            let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is readable in {name}");
        }
    }
}

#[test]
fn what_was_accepted_is_there_after_the_kiosk_starts_again_and_the_central_can_read_it() {
    let kiosk = Kiosk::new();
    let accepted = submit(&kiosk.outbox, 1);
    let Kiosk { folder, outbox, device, central } = kiosk;
    drop(outbox);

    let outbox = open(folder.path());
    let waiting = outbox.waiting(0).expect("a list");
    assert_eq!(waiting.iter().map(|waiting| waiting.id).collect::<Vec<_>>(), [accepted.id]);
    let envelope = outbox.envelope(accepted.id).expect("readable").expect("still there");
    envelope.verify(&device.public()).expect("signed");
    assert_eq!(envelope.open(&central).expect("opened"), ticket(1));
    assert_eq!(envelope.header.submitted_at, accepted.submitted_at);
    assert_eq!(envelope.header.clock, ClockState::Hardware);
}

#[test]
fn nothing_that_a_citizen_typed_and_no_code_is_readable_on_the_disk() {
    let kiosk = Kiosk::new();
    let accepted = submit(&kiosk.outbox, 1);
    assert_nothing_readable(kiosk.folder.path());
    kiosk.outbox.quarantine(accepted.id, QuarantineReason::Uncertain, now()).expect("set aside");
    kiosk.outbox.requeue(accepted.id).expect("requeued");
    kiosk.outbox.delivered(accepted.id, &state(1), now()).expect("settled");
    assert_nothing_readable(kiosk.folder.path());
    kiosk.outbox.tidy(now()).expect("tidied");
    assert_nothing_readable(kiosk.folder.path());
}

#[test]
fn after_delivery_not_even_the_sealed_words_are_left() {
    let kiosk = Kiosk::new();
    let accepted = submit(&kiosk.outbox, 1);
    let sealed = kiosk.outbox.envelope(accepted.id).expect("readable").expect("waits").ciphertext;
    let holds = |part: &str| {
        files(kiosk.folder.path())
            .iter()
            .any(|(_, content)| content.windows(part.len()).any(|window| window == part.as_bytes()))
    };
    assert!(holds(&sealed[..64]));
    kiosk.outbox.delivered(accepted.id, &state(1), now()).expect("settled");
    kiosk.outbox.tidy(now()).expect("tidied");
    assert!(!holds(&sealed[..64]));
}

#[test]
fn two_fingers_that_submit_the_same_make_one_submission() {
    let kiosk = Kiosk::new();
    let first = submit(&kiosk.outbox, 1);
    let later = now() + SignedDuration::from_secs(2);
    let again = kiosk.outbox.submit(first.id, &ticket(1), later, ClockState::Guess).expect("accepted");
    assert_eq!(again, first);
    assert_eq!(kiosk.outbox.tally().expect("a tally").waiting, 1);

    let other = kiosk.outbox.submit(first.id, &ticket(2), later, ClockState::Guess);
    assert!(matches!(other, Err(OutboxError::IdReused)));
}

#[test]
fn the_same_submission_is_not_taken_again_after_it_was_delivered() {
    let kiosk = Kiosk::new();
    let first = submit(&kiosk.outbox, 1);
    kiosk.outbox.delivered(first.id, &state(1), now()).expect("settled");
    assert_eq!(submit(&kiosk.outbox, 1), first);
    assert_eq!(kiosk.outbox.tally().expect("a tally").waiting, 0);
}

#[test]
fn sequence_numbers_have_no_gap_even_when_submissions_fail_between() {
    let kiosk = Kiosk::new();
    let mut sequences = vec![submit(&kiosk.outbox, 1).sequence];
    let mut long = ticket(2);
    if let Submission::Ticket(ticket) = &mut long {
        ticket.words = "à".repeat(MAX_WORDS_CHARS + 1);
    }
    let refused = kiosk.outbox.submit(Uuid::from_u128(9), &long, now(), ClockState::Guess);
    assert!(matches!(refused, Err(OutboxError::TooLong { field: "words", chars: 4_001, most: 4_000 })));
    let taken = kiosk.outbox.submit(Uuid::from_u128(1), &ticket(3), now(), ClockState::Guess);
    assert!(matches!(taken, Err(OutboxError::IdReused)));
    sequences.push(submit(&kiosk.outbox, 2).sequence);
    let sealer = kiosk.sealer();
    let Kiosk { folder, outbox, .. } = kiosk;
    drop(outbox);
    let reopened = open(folder.path());
    reopened.set_sealer(sealer);
    sequences.push(submit(&reopened, 3).sequence);
    assert_eq!(sequences, [1, 2, 3]);
}

#[test]
fn the_longest_allowed_words_fit_into_an_envelope() {
    let kiosk = Kiosk::new();
    let mut long = ticket(1);
    if let Submission::Ticket(ticket) = &mut long {
        ticket.words = "😀".repeat(MAX_WORDS_CHARS);
    }
    let id = Uuid::from_u128(1);
    kiosk.outbox.submit(id, &long, now(), ClockState::Guess).expect("accepted");
    let envelope = kiosk.outbox.envelope(id).expect("readable").expect("waits");
    assert_eq!(envelope.open(&kiosk.central).expect("opened"), long);
}

#[test]
fn a_kiosk_that_cannot_take_anything_says_so_before_typing_and_keeps_nothing() {
    let kiosk = Kiosk::new();
    let refuse = |options: Options, sealer: bool| {
        let folder = tempfile::tempdir().expect("a folder");
        let (outbox, _) = Outbox::open(folder.path(), options, now()).expect("an outbox");
        if sealer {
            outbox.set_sealer(kiosk.sealer());
        }
        let obstacle = outbox.can_accept().expect_err("an obstacle");
        (obstacle, outbox.submit(Uuid::from_u128(1), &ticket(1), now(), ClockState::Guess).is_ok())
    };
    assert_eq!(refuse(options(), false), (Obstacle::NotEnrolled, false));
    let mounts = Some("tmpfs / tmpfs rw 0 0\n".to_owned());
    let volatile = Options { mounts, ..Options::default() };
    assert_eq!(refuse(volatile.clone(), true), (Obstacle::VolatileFolder, false));
    let limits = Limits { max_waiting: 0, ..Limits::default() };
    assert_eq!(refuse(Options { limits, ..options() }, true), (Obstacle::QueueFull, false));
    // Who has already typed is not refused as long as there is any space.
    let limits = Limits { min_free_bytes: u64::MAX, ..Limits::default() };
    assert_eq!(refuse(Options { limits, ..options() }, true), (Obstacle::DiskFull, true));

    let folder = tempfile::tempdir().expect("a folder");
    let demonstration = Options { allow_volatile: true, ..volatile };
    let (outbox, _) = Outbox::open(folder.path(), demonstration, now()).expect("an outbox");
    outbox.set_sealer(kiosk.sealer());
    assert_eq!(outbox.can_accept(), Ok(()));
}

#[test]
fn a_submission_that_meets_a_full_disk_is_refused_whole_and_taken_later() {
    let kiosk = Kiosk::new();
    submit(&kiosk.outbox, 1);
    kiosk.outbox.fill_disk(true);
    let mut number = 2;
    let error = loop {
        let id = Uuid::from_u128(u128::from(number));
        match kiosk.outbox.submit(id, &ticket(number), now(), ClockState::Guess) {
            Ok(_) => number += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, OutboxError::Obstacle(Obstacle::DiskFull)), "{error}");
    assert_eq!(kiosk.outbox.tally().expect("a tally").waiting, number - 1);
    assert_eq!(kiosk.outbox.known_ticket(&code(number)).expect("read"), None);
    kiosk.outbox.fill_disk(false);
    assert_eq!(submit(&kiosk.outbox, number).sequence, number);
}

#[test]
fn a_ticket_can_be_followed_without_the_network_from_the_first_second() {
    let kiosk = Kiosk::new();
    assert_eq!(kiosk.outbox.known_ticket(&code(1)).expect("read"), None);
    let accepted = submit(&kiosk.outbox, 1);
    let known = kiosk.outbox.known_ticket(&code(1)).expect("read").expect("known");
    assert_eq!((known.waiting, known.submitted_at, known.state), (1, Some(accepted.submitted_at), None));

    kiosk.outbox.delivered(accepted.id, &state(1), now()).expect("settled");
    let reopened = open(kiosk.folder.path());
    let known = reopened.known_ticket(&code(1)).expect("read").expect("known");
    assert_eq!((known.waiting, known.state, known.state_at), (0, Some(state(1)), Some(now())));
    assert_eq!(reopened.known_ticket(&code(2)).expect("read"), None);
}

#[test]
fn what_is_old_is_forgotten_but_never_what_still_waits() {
    let kiosk = Kiosk::new();
    let (old, stuck) = (submit(&kiosk.outbox, 1), submit(&kiosk.outbox, 2));
    kiosk.outbox.delivered(old.id, &state(1), now()).expect("settled");
    let reason = QuarantineReason::Refused(Refusal::UnknownContent);
    kiosk.outbox.quarantine(stuck.id, reason, now()).expect("set aside");
    let waiting = submit(&kiosk.outbox, 3);

    let much_later = now() + SignedDuration::from_hours(24 * (RETENTION_DAYS + 1));
    kiosk.outbox.tidy(much_later).expect("tidied");
    assert_eq!(kiosk.outbox.known_ticket(&code(1)).expect("read"), None);
    assert!(kiosk.outbox.known_ticket(&code(2)).expect("read").is_some());
    assert_eq!(kiosk.outbox.quarantined().expect("a list")[0].reason, reason);
    assert_eq!(kiosk.outbox.waiting(0).expect("a list")[0].id, waiting.id);
}

#[test]
fn a_submission_goes_back_from_quarantine_to_the_end_of_the_queue() {
    let kiosk = Kiosk::new();
    let (first, second) = (submit(&kiosk.outbox, 1), submit(&kiosk.outbox, 2));
    let seen = kiosk.outbox.waiting(0).expect("a list").last().expect("two").place;
    kiosk.outbox.quarantine(first.id, QuarantineReason::Damaged, now()).expect("set aside");
    assert_eq!(kiosk.outbox.quarantined().expect("a list")[0].id, first.id);
    kiosk.outbox.requeue(first.id).expect("requeued");
    assert_eq!(kiosk.outbox.waiting(seen).expect("a list")[0].id, first.id);
    assert!(matches!(kiosk.outbox.requeue(second.id), Err(OutboxError::NotQuarantined(_))));
    let third = submit(&kiosk.outbox, 3);
    let order: Vec<Uuid> = kiosk.outbox.waiting(0).expect("a list").iter().map(|one| one.id).collect();
    assert_eq!(order, [second.id, first.id, third.id]);
}

#[test]
fn a_delivered_submission_can_not_be_quarantined_any_more() {
    let kiosk = Kiosk::new();
    let accepted = submit(&kiosk.outbox, 1);
    kiosk.outbox.delivered(accepted.id, &state(1), now()).expect("settled");
    kiosk.outbox.quarantine(accepted.id, QuarantineReason::Uncertain, now()).expect("no effect");
    assert_eq!(kiosk.outbox.quarantined().expect("a list"), []);
}

#[test]
fn it_is_remembered_when_sending_began_until_it_is_known_how_it_ended() {
    let kiosk = Kiosk::new();
    let id = submit(&kiosk.outbox, 1).id;
    assert_eq!(kiosk.outbox.sent(id).expect("read"), None);
    let sent = Some(Sent { first: now(), last: now() + SignedDuration::from_secs(60) });
    kiosk.outbox.set_sent(id, sent).expect("noted");
    assert_eq!(open(kiosk.folder.path()).sent(id).expect("read"), sent);
    kiosk.outbox.quarantine(id, QuarantineReason::Uncertain, now()).expect("set aside");
    kiosk.outbox.requeue(id).expect("requeued");
    assert_eq!(kiosk.outbox.sent(id).expect("read"), None);
}

/// Overwrites part of the database's file, as a dying card does.
fn damage(folder: &Path, from: u64, length: usize) {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let path = folder.join("outbox.db");
    let mut file = fs::OpenOptions::new().write(true).open(path).expect("a database");
    file.seek(SeekFrom::Start(from)).expect("sought");
    file.write_all(&vec![0xA5; length]).expect("written");
}

#[test]
fn a_damaged_database_is_set_aside_and_what_can_be_read_is_saved() {
    const COUNT: u64 = 60;
    let kiosk = Kiosk::new();
    for number in 1..=COUNT {
        submit(&kiosk.outbox, number);
    }
    let before = kiosk.outbox.tally().expect("a tally");
    kiosk.outbox.tidy(now()).expect("tidied");
    let Kiosk { folder, outbox, device, central } = kiosk;
    drop(outbox);
    let pages = fs::metadata(folder.path().join("outbox.db")).expect("a file").len() / 4096;
    damage(folder.path(), pages / 2 * 4096, 2 * 4096);

    let (outbox, recovery) = Outbox::open(folder.path(), options(), now()).expect("an outbox");
    let recovery = recovery.expect("a recovery");
    assert!(recovery.set_aside.join("outbox.db").exists());
    let saved = outbox.waiting(0).expect("a list");
    assert_eq!(saved.len(), recovery.saved);
    assert!(recovery.saved >= COUNT as usize - 8, "only {} saved", recovery.saved);
    for waiting in saved {
        let envelope = outbox.envelope(waiting.id).expect("readable").expect("waits");
        envelope.verify(&device.public()).expect("signed");
        envelope.open(&central).expect("opened");
        assert_eq!(envelope.header.epoch, before.epoch);
    }
    let after = outbox.tally().expect("a tally");
    assert_ne!(after.epoch, before.epoch);
    assert_eq!(after.last_sequence, 0);
}

#[test]
fn a_recovery_that_is_cut_off_loses_nothing() {
    let kiosk = Kiosk::new();
    let id = submit(&kiosk.outbox, 1).id;
    kiosk.outbox.tidy(now()).expect("tidied");
    let Kiosk { folder, outbox, .. } = kiosk;
    drop(outbox);
    // As if the power had gone after the new database was complete, and before it was in its place.
    fs::rename(folder.path().join("outbox.db"), folder.path().join("outbox.db.saved")).expect("renamed");
    fs::write(folder.path().join("outbox.db"), "rubbish").expect("written");
    fs::write(folder.path().join("outbox.db.new"), "half a database").expect("written");
    let (outbox, recovery) = Outbox::open(folder.path(), options(), now()).expect("an outbox");
    let recovery = recovery.expect("finished");
    assert_eq!(recovery.saved, 1);
    assert_eq!(fs::read(recovery.set_aside.join("outbox.db")).expect("kept"), b"rubbish");
    assert!(outbox.envelope(id).expect("readable").is_some());

    drop(outbox);
    damage(folder.path(), 0, 4096);
    assert!(Outbox::open(folder.path(), options(), now()).expect("an outbox").1.is_some());
}

#[test]
fn a_file_that_is_no_database_does_not_stop_the_kiosk() {
    let kiosk = Kiosk::new();
    submit(&kiosk.outbox, 1);
    kiosk.outbox.tidy(now()).expect("tidied");
    let sealer = kiosk.sealer();
    let Kiosk { folder, outbox, .. } = kiosk;
    drop(outbox);
    damage(folder.path(), 0, 4096);
    for expected in [Some(0), None] {
        let (outbox, recovery) = Outbox::open(folder.path(), options(), now()).expect("an outbox");
        assert_eq!(recovery.map(|recovery| recovery.saved), expected);
        outbox.set_sealer(sealer.clone());
        submit(&outbox, 2);
    }
}
