//! The kiosk is killed at any moment: what was shown as received arrives, once.
//!
//! The child is this test program itself: a whole kiosk without a screen that writes and sends without end, and prints
//! each code at the moment at which its page says "received".

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use sportello::{journey::Page, sync::identity::Identity};
use sportello_wire::code::TicketCode;
use tempfile::TempDir;

use crate::{kiosk::TestKiosk, town::Town};

const KILLS: u64 = 200;
const FOLDER: &str = "SPORTELLO_TEST_POWER_FOLDER";

/// Not a test by itself: what is killed.
#[test]
#[ignore = "runs as the child of the test below"]
fn a_kiosk_that_never_stops_sending() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let identity = Identity::load(folder).unwrap().unwrap();
    let mut kiosk = TestKiosk::start(folder, Some(&identity));
    let mut out = std::io::stdout();
    writeln!(out, "\nready").unwrap();
    for number in 0.. {
        let code = kiosk.write_and_send(&format!("Segnalazione numero {number}, con qualche parola in più"));
        assert_eq!(kiosk.kiosk.state().page(), &Page::Received);
        writeln!(out, "received {code}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn after_200_kills_every_ticket_that_was_shown_as_received_arrives_once() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let identity = town.enrol(folder.path());
    let mut shown = BTreeSet::new();
    // A fixed seed: a failure can be seen again.
    let mut seed = 0x5eed_0f50_0e11_0001_u64;
    for _ in 0..KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let delay = Duration::from_micros((seed >> 33) % 250_000);
        shown.extend(run_and_kill(folder.path(), delay));
    }
    assert!(shown.len() as u64 > KILLS, "the kills came too early to prove anything: {}", shown.len());

    let mut kiosk = TestKiosk::start(folder.path(), Some(&identity));
    let tally = kiosk.outbox.tally().unwrap();
    kiosk.connect(&town.url(), &identity);
    kiosk.until_delivered();
    let tickets = town.tickets();
    let arrived: BTreeSet<TicketCode> = tickets.iter().map(|ticket| ticket.code).collect();
    assert_eq!(arrived.len(), tickets.len(), "no code twice");
    let lost: Vec<_> = shown.difference(&arrived).collect();
    assert!(lost.is_empty(), "{} of {} that were shown as received are lost", lost.len(), shown.len());
    // What was committed but not yet shown may arrive too; the numbers have no gap, so nothing is missing.
    assert_eq!(tickets.len() as u64, tally.last_sequence);
    assert_eq!(tally.quarantined, 0);
}

/// Starts the child, kills it so long after it was ready, and returns the codes that it showed.
fn run_and_kill(folder: &Path, delay: Duration) -> Vec<TicketCode> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "power::a_kiosk_that_never_stops_sending",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.by_ref().map_while(Result::ok).any(|line| line == "ready");
    assert!(ready, "the child did not start");
    // The moment of the kill is what is tested: this is not a wait for a state.
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    lines
        .map_while(Result::ok)
        // A line that was cut off was not shown.
        .filter_map(|line| line.strip_prefix("received ")?.parse().ok())
        .collect()
}
