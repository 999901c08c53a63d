//! The program `sportello-central` from outside: its commands, its exit codes, its end.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use jiff::Timestamp;
use serde_json::json;
use sportello_central::knowledge::demonstration;
use sportello_wire::{
    device::{Heartbeat, Outcome, SubmissionResult},
    keys::SealingKey,
    submission::Submission,
    ticket::TicketState,
};
use uuid::Uuid;

use crate::{client::Client, town::new_ticket};

fn central(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sportello-central"));
    command.current_dir(folder).env("SPORTELLO_DATABASE", "sqlite:central.db").env_remove("RUST_LOG");
    command
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    central(folder).args(arguments).output().expect("the program runs")
}

pub(crate) fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

#[test]
fn what_was_imported_is_exported_again_and_changes_nothing_the_second_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let town = concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration");
    let first = printed(&run(folder.path(), &["import", town]));
    assert!(first.starts_with(demonstration::AUTHORITY) && first.ends_with(" 0 as before"), "{first}");
    for form in [&["export", "out"][..], &["export", "--csv", "table"]] {
        printed(&run(folder.path(), form));
        let again = printed(&run(folder.path(), &["import", form.last().expect("a folder")]));
        assert!(again.contains(": 0 new or different, "), "{again}");
    }
}

#[test]
fn one_wrong_row_is_named_and_nothing_is_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("streets.csv"), "name,area\nVia Po,Nord\n,Sud\n").expect("a file");
    let message = failed(&run(folder.path(), &["import", "streets.csv", "--authority", "comune.example.it"]));
    assert!(message.contains("streets.csv") && message.contains('3'), "{message}");
    let message = failed(&run(folder.path(), &["export", "out"]));
    assert!(message.contains("no authority"), "{message}");
}

#[test]
fn a_code_is_printed_for_a_kiosk() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["enrol-code", "--site", "Biblioteca", "--authority", "comune.example.it"];
    let code = printed(&run(folder.path(), &arguments));
    assert_eq!((code.len(), code.as_bytes()[5]), (11, b'-'), "{code}");
}

#[test]
fn competences_are_set_listed_and_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    printed(&run(folder.path(), &["import", concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration")]));
    let categories =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration/categories.jsonl"));
    let first: serde_json::Value =
        serde_json::from_str(categories.expect("a file").lines().next().expect("a line")).expect("json");
    let category = first["code"].as_str().expect("a code");
    let set = |office| {
        let arguments = ["competence", "set", "--category", category, "--area", "Centro", "--office", office];
        run(folder.path(), &arguments)
    };
    printed(&set("urp"));
    assert!(failed(&set("nessuno")).contains("no office `nessuno`"));
    let listed = || printed(&run(folder.path(), &["competence", "list"]));
    assert_eq!(listed(), format!("{category}\tCentro\turp"));
    printed(&run(folder.path(), &["competence", "remove", "--category", category, "--area", "Centro"]));
    assert_eq!(listed(), "");
}

#[test]
fn somebody_is_added_with_the_password_from_the_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    printed(&run(folder.path(), &["import", concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration")]));
    let add = |login: &str, office: &str, password: &str| {
        let mut process = central(folder.path())
            .args(["user", "add", "--login", login, "--name", "Marta R.", "--office", office])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // It may end before it has read anything, which is not what is tested here.
        let _ = writeln!(process.stdin.take().expect("its input"), "{password}");
        process.wait_with_output().expect("it ends")
    };
    printed(&add("marta", "urp", "benvenuti a tutti"));
    assert!(failed(&add("marta", "urp", "benvenuti a tutti")).contains("taken"));
    assert!(failed(&add("paolo", "urp", "corta")).contains("password"));
    assert!(failed(&add("paolo", "nessuno", "benvenuti a tutti")).contains("no office `nessuno`"));

    printed(&run(folder.path(), &["user", "remove", "marta"]));
    assert!(failed(&run(folder.path(), &["user", "remove", "marta"])).contains("nobody has this login"));
    printed(&add("marta", "urp", "benvenuti a tutti"));
}

#[test]
fn a_key_is_listed_without_itself_and_revoked_once() {
    let folder = tempfile::tempdir().expect("a folder");
    printed(&run(folder.path(), &["import", concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration")]));
    let key = printed(&run(folder.path(), &["api-key", "add", "--name", "Un'applicazione"]));
    assert!(key.starts_with("sportello_"), "{key}");
    let listed = || printed(&run(folder.path(), &["api-key", "list"]));
    let before = listed();
    let [digest, name, validity, _made] = before.split('\t').collect::<Vec<_>>()[..] else {
        panic!("{before}")
    };
    assert_eq!((name, validity), ("Un'applicazione", "valid"));
    assert!(!before.contains(&key), "{before}");
    let revoke = || run(folder.path(), &["api-key", "revoke", digest]);
    printed(&revoke());
    assert!(listed().contains("\trevoked\t"), "{}", listed());
    assert!(failed(&revoke()).contains("no valid API key"));
    let mistaken = failed(&run(folder.path(), &["api-key", "revoke", &key]));
    assert!(mistaken.contains("no valid API key") && !mistaken.contains(&key), "{mistaken}");
}

#[test]
fn a_database_that_cannot_be_opened_is_one_line_with_its_cause_and_no_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["export", "out", "--database", "postgres://somebody:geheim@127.0.0.1:1/none"];
    let message = failed(&run(folder.path(), &arguments));
    assert!(message.starts_with("sportello-central: ") && message.matches(": ").count() >= 2, "{message}");
    assert!(!message.contains("geheim"), "{message}");
}

/// A central that serves until it is told to stop.
#[cfg(unix)]
pub(crate) struct Serving {
    pub(crate) process: std::process::Child,
    pub(crate) base: String,
}

#[cfg(unix)]
impl Serving {
    pub(crate) fn start(folder: &Path, log: &str) -> Self {
        let mut process = central(folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("RUST_LOG", log)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.join("log")).expect("a file"))
            .spawn()
            .expect("the program runs");
        let mut address = String::new();
        BufReader::new(process.stdout.take().expect("its output"))
            .read_line(&mut address)
            .expect("an address");
        Self { process, base: address.trim().trim_end_matches('/').to_owned() }
    }

    /// Stops it as a service manager does, and returns what it logged.
    pub(crate) fn stop(mut self, folder: &Path) -> String {
        Command::new("kill").arg(self.process.id().to_string()).status().expect("a signal");
        let status = self.process.wait().expect("it ends");
        let log = std::fs::read_to_string(folder.join("log")).expect("its log");
        assert!(status.success(), "{status}: {log}");
        log
    }
}

#[cfg(unix)]
#[test]
fn the_service_manager_can_stop_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::start(folder.path(), "info");
    assert_eq!(ureq::get(format!("{}/health", serving.base)).call().expect("health").status(), 200);
    let taken = serving.base.trim_start_matches("http://");
    let second = failed(&run(folder.path(), &["serve", "--listen", taken]));
    assert!(second.contains("taken by another program"), "{second}");
    let log = serving.stop(folder.path());
    assert!(!folder.path().join("central.db-wal").exists(), "the database was not closed: {log}");
}

#[cfg(unix)]
#[test]
fn a_kiosk_is_listed_with_its_last_word_on_itself_and_shut_out() {
    let folder = tempfile::tempdir().expect("a folder");
    printed(&run(folder.path(), &["import", concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration")]));
    let code = printed(&run(folder.path(), &["enrol-code", "--site", "Biblioteca"]));
    let serving = Serving::start(folder.path(), "info");
    let client = Client::enrol(&serving.base, &code);
    let id = client.enrolment.device.as_str();
    let listed = || {
        let line = printed(&run(folder.path(), &["kiosk", "list"]));
        let fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let [id, site, validity, seen, waiting, quarantined] = &fields[..] else { panic!("{line}") };
        assert!(seen.parse::<Timestamp>().is_ok(), "{line}");
        [id, site, validity, waiting, quarantined].map(Clone::clone)
    };
    assert_eq!(listed(), [id, "Biblioteca", "valid", "?", "?"]);
    let heartbeat = Heartbeat {
        version: "0.1.0".into(),
        waiting: 3,
        quarantined: 1,
        oldest: None,
        epoch: Uuid::from_u128(1),
        last_sequence: 0,
        printer: "ready".into(),
        clock: Timestamp::now(),
    };
    let call = || client.call("POST", "/v1/heartbeat", "", json!(heartbeat).to_string().as_bytes());
    assert_eq!(call().expect("an answer").0, 200);
    assert_eq!(listed(), [id, "Biblioteca", "valid", "3", "1"]);
    let revoke = || run(folder.path(), &["kiosk", "revoke", id]);
    printed(&revoke());
    assert_eq!(Client::problem(call()).1, "revoked");
    assert_eq!(listed(), [id, "Biblioteca", "revoked", "3", "1"]);
    assert!(failed(&revoke()).contains("no valid kiosk"));
    serving.stop(folder.path());
}

#[cfg(unix)]
#[test]
fn the_log_tells_what_was_called_and_nothing_of_the_citizen() {
    let folder = tempfile::tempdir().expect("a folder");
    printed(&run(folder.path(), &["import", concat!(env!("CARGO_MANIFEST_DIR"), "/demonstration")]));
    let code = printed(&run(folder.path(), &["enrol-code", "--site", "Biblioteca"]));
    let serving = Serving::start(folder.path(), "debug");
    let client = Client::enrol(&serving.base, &code);
    let new = new_ticket();
    let submission = Submission::Ticket(new.clone());
    let sealing = SealingKey::from_info(&client.enrolment.sealing_keys[0]).expect("a key");
    let envelope = client.seal(1, &submission, &sealing);
    let path = format!("/v1/submissions/{}", envelope.header.id);
    let taken: SubmissionResult = client.ask("PUT", &path, "", &json!(envelope));
    assert!(matches!(taken.outcome, Outcome::Created { .. }), "{taken:?}");
    let _: Vec<TicketState> = client.ask("POST", "/v1/tickets", "", &json!({ "codes": [new.code] }));
    let _ = client.agent.get(format!("{}/t/{}", serving.base, new.code)).call().expect("an answer");
    let log = serving.stop(folder.path());

    assert!(log.contains("/v1/submissions/{id}") && log.contains("status=200"), "{log}");
    let code_text = new.code.to_string();
    let secrets = [&code_text, &new.code.compact(), &new.words, &new.contact.name, &new.contact.email, &code];
    for secret in secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    assert!(
        !log.contains("127.0.0.1:") || log.matches("127.0.0.1:").count() == 1,
        "only its own address is named"
    );
}
