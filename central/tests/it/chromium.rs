//! The desk in a real browser, by the keyboard alone.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sportello_wire::ticket::Status;
use tempfile::TempDir;
use ureq::Agent;

use crate::{
    browser::{PASSWORD, desk, hole, now},
    find_chromium,
};

/// How long a page may take on a busy machine.
const PATIENCE_S: u64 = 60;
/// The key that an element has in an answer (WebDriver, 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Chromium, driven by the WebDriver protocol. It ends when this is dropped.
struct Chromium {
    driver: Child,
    agent: Agent,
    session: String,
    profile: TempDir,
}

impl Chromium {
    fn start() -> Self {
        let program = find_chromium::driver().expect("chromedriver is on the PATH");
        let mut driver = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver starts");
        let output = BufReader::new(driver.stdout.take().expect("its output"));
        let port = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split("started successfully on port ").nth(1).map(str::to_owned))
            .expect("chromedriver says its port");
        let port: u16 = port.trim_end_matches('.').trim().parse().expect("a port");
        let profile = tempfile::tempdir().expect("a folder");
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut chromium =
            Self { driver, agent, session: format!("http://127.0.0.1:{port}/session"), profile };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1440,900",
        ];
        let profile = format!("--user-data-dir={}", chromium.profile.path().display());
        let arguments: Vec<&str> = arguments.into_iter().chain([profile.as_str()]).collect();
        let options = json!({ "args": arguments, "prefs": { "intl.accept_languages": "it" } });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = chromium.call("", &wanted);
        let id = session["sessionId"].as_str().expect("a session").to_owned();
        chromium.session = format!("{}/{id}", chromium.session);
        chromium
    }

    fn call(&self, command: &str, body: &Value) -> Value {
        let mut response =
            self.agent.post(format!("{}{command}", self.session)).send_json(body).expect("an answer");
        let answer: Value = response.body_mut().read_json().expect("JSON");
        answer["value"].clone()
    }

    fn open(&self, address: &str) {
        self.call("/url", &json!({ "url": address }));
    }

    /// Waits until the page has something that this selector finds.
    fn wait_for(&self, selector: &str) -> String {
        let until = Instant::now() + Duration::from_secs(PATIENCE_S);
        loop {
            let found = self.call("/element", &json!({ "using": "css selector", "value": selector }));
            if let Some(element) = found[ELEMENT].as_str() {
                return element.to_owned();
            }
            assert!(Instant::now() < until, "the page never had {selector}");
            std::thread::yield_now();
        }
    }

    fn type_into(&self, selector: &str, text: &str) {
        let element = self.wait_for(selector);
        self.call(&format!("/element/{element}/value"), &json!({ "text": text }));
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Ending the session ends Chromium itself; the driver is ours to end.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(no_chromium, ignore = "skipped: Chromium is not here")]
async fn somebody_signs_in_takes_a_ticket_and_answers_it_without_a_mouse() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    // A cookie that is only for https does not travel on a test's http.
    let mut entries =
        town.state.catalogue.entries(crate::town::AUTHORITY, AUTHORITY_ENTRY).await.expect("entries");
    if let Some(sportello_wire::catalogue::Entry::Authority(authority)) = entries.first_mut() {
        authority.public_url = format!("http://{}", running.address);
    }
    town.state.catalogue.put(crate::town::AUTHORITY, &entries).await.expect("the address");

    let chromium = Chromium::start();
    chromium.open(&format!("http://{}/staff/", running.address));
    chromium.type_into("#login", "marta");
    chromium.type_into("#password", &format!("{PASSWORD}\n"));
    chromium.wait_for("html.keys a.row");
    // J goes to the first ticket, Enter opens it, T takes it.
    chromium.type_into("body", "j\n");
    chromium.wait_for("html.keys article.ticket");
    chromium.type_into("body", "t");
    chromium.wait_for("html.keys .strip-good");
    assert_eq!(now(&town, &ticket).await.taken_by.as_deref(), Some("marta"));
    // R asks for the words first; Ctrl and Enter send them.
    chromium.type_into("body", "r");
    chromium.type_into("#words:focus", "Riparata stamattina.\u{e009}\n\u{e000}");
    chromium.wait_for("html.keys .state-done");
    assert_eq!(now(&town, &ticket).await.status, Status::Resolved);

    chromium.open(&format!("http://{}/t/{}", running.address, ticket.opened.ticket.code));
    chromium.wait_for(".message-main");
}

const AUTHORITY_ENTRY: sportello_wire::catalogue::EntryType = sportello_wire::catalogue::EntryType::Authority;
