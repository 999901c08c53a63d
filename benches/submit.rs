//! From *send* to committed: sealed, signed, and on the disk.
//!
//! Run it with `cargo bench --bench submit --no-default-features`. Beside each submission 4 KiB are written and flushed
//! to the same disk: what the kiosk adds to the disk's own time is the ratio.

#[allow(dead_code, reason = "each bench needs its own part of it")]
mod table;

use std::{error::Error, fs::File, io::Write as _, path::Path, sync::Arc, time::Instant};

use jiff::Timestamp;
use sportello::outbox::{Options, Outbox, Sealer};
use sportello_wire::{
    code::TicketCode,
    envelope::ClockState,
    keys::{DeviceKey, OpeningKey},
    submission::{Contact, Kind, NewTicket, Place, Submission},
};
use uuid::Uuid;

use self::table::{Times, milliseconds};

const SUBMISSIONS: u64 = 500;
const BARE_BYTES: usize = 4096;
/// What a citizen may have to wait after *send* without noticing it.
const GOAL_MS: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    // Beside the build, which lies on a real disk: the folder for temporary files may be in memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let outbox = open(&folder.path().join("outbox"))?;
    let mut bare_file = File::create(folder.path().join("bare"))?;
    let (mut submitted, mut bare) = (Times::default(), Times::default());
    for number in 0..SUBMISSIONS {
        let submission = ticket(number);
        let start = Instant::now();
        let accepted =
            outbox.submit(Uuid::now_v7(), &submission, Timestamp::now(), ClockState::Synchronised)?;
        submitted.push(start.elapsed());
        assert_eq!(accepted.sequence, number + 1);
        let start = Instant::now();
        bare_file.write_all(&[0; BARE_BYTES])?;
        bare_file.sync_data()?;
        bare.push(start.elapsed());
    }
    assert_eq!(outbox.tally()?.waiting, SUBMISSIONS);
    table::print(
        "send to committed",
        [("submit", &submitted), ("4 KiB written and flushed, nothing else", &bare)],
    );
    for percent in [50, 99] {
        let ratio = milliseconds(submitted.percentile(percent)) / milliseconds(bare.percentile(percent));
        println!("submit / bare flush (p{percent}): {ratio:.1}");
    }
    table::goal("send to committed, p99", milliseconds(submitted.percentile(99)), GOAL_MS, "ms");
    Ok(())
}

fn open(folder: &Path) -> Result<Outbox, Box<dyn Error>> {
    let options = Options { allow_volatile: true, ..Options::default() };
    let (outbox, _) = Outbox::open(folder, options, Timestamp::now())?;
    outbox.set_sealer(Sealer {
        authority: "bench".to_owned(),
        device: "bench".to_owned(),
        to: OpeningKey::generate().public().clone(),
        signer: Arc::new(DeviceKey::generate()),
    });
    Ok(outbox)
}

fn ticket(number: u64) -> Submission {
    Submission::Ticket(NewTicket {
        code: TicketCode::from_random(number),
        kind: Kind::Report,
        words: "Il lampione davanti alla scuola è spento da tre giorni e la sera si cammina al buio. "
            .repeat(6),
        category: Some("illuminazione.lampione".to_owned()),
        place: Place::Street {
            street: "Via Dante".to_owned(),
            number: "4".to_owned(),
            note: "davanti alla scuola".to_owned(),
        },
        contact: Contact { name: String::new(), email: "nome@example.it".to_owned(), phone: String::new() },
        language: "it".to_owned(),
        attributes: Vec::new(),
    })
}
