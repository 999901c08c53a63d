//! The real program, as a newcomer starts it: what it prints, what it serves, what it refuses.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::kiosk::PATIENCE;

/// A started program. It is killed when dropped.
struct Program {
    child: Child,
    /// What it said can be opened: what → where.
    places: BTreeMap<String, String>,
}

impl Program {
    /// Starts the demonstration town on free ports and waits until it has said everything that can be opened.
    fn start(folder: &Path) -> Self {
        let mut child = sportello(folder)
            .args(["run", "--screen", "mirror", "--mirror", "127.0.0.1:0", "--central", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut places = BTreeMap::new();
        for line in lines {
            let line = line.unwrap();
            let (what, place) = line.split_once("  ").unwrap();
            places.insert(what.trim().to_owned(), place.trim().to_owned());
            if places.contains_key("Receipts") {
                break;
            }
        }
        Self { child, places }
    }

    /// The address that was said, without scheme and path.
    fn host(&self, what: &str) -> &str {
        let rest = self.places[what].strip_prefix("http://").unwrap();
        rest.split_once('/').unwrap().0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sportello(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sportello"));
    for name in ["SPORTELLO_CONFIG", "SPORTELLO_SCREEN", "SPORTELLO_MIRROR", "SPORTELLO_CENTRAL"] {
        command.env_remove(name);
    }
    command.env("SPORTELLO_DATA", folder);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    sportello(folder).args(arguments).output().unwrap()
}

fn said(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// Asks for a path with these headers; the status and the body.
fn get(host: &str, path: &str, headers: &[(&str, &str)]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let own_host = [("Host", host)];
    let own_host = if headers.iter().any(|(name, _)| *name == "Host") { &[][..] } else { &own_host[..] };
    let lines: Vec<String> =
        own_host.iter().chain(headers).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{}\r\n", lines.concat());
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let status = said(&answer[9..12]).parse().unwrap();
    (status, answer.split_off(end + 4))
}

/// Waits for the first picture.
fn screen(host: &str) -> Vec<u8> {
    let began = Instant::now();
    loop {
        match get(host, "/screen.png", &[]) {
            (200, picture) => return picture,
            (503, _) => assert!(began.elapsed() < PATIENCE, "no picture came"),
            (status, _) => panic!("{status}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn without_a_display_the_whole_town_is_served_and_only_to_this_machine() {
    let folder = TempDir::new().unwrap();
    let program = Program::start(folder.path());
    let named: Vec<&str> = program.places.keys().map(String::as_str).collect();
    assert_eq!(named, ["Kiosk screen", "Open311", "Public page", "Receipts", "Staff page"]);
    let (mirror, central) = (program.host("Kiosk screen"), program.host("Public page"));
    assert!(!mirror.ends_with(":0") && !central.ends_with(":0"), "the real ports are said");

    let picture = screen(mirror);
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (1080, 1920));
    let depth = info.color_type.samples();
    assert!(pixels.chunks(depth).any(|pixel| pixel != &pixels[..depth]), "the screen is blank");

    let (status, page) = get(mirror, "/", &[]);
    assert!(status == 200 && said(&page).contains("mirror.js"), "{status}");
    for path in ["/", "/screen.png", "/socket"] {
        let foreign = get(mirror, path, &[("Host", "evil.example")]);
        assert_ne!(foreign.0, 200, "{path} for a foreign name");
        let elsewhere = get(mirror, path, &[("Origin", "https://evil.example")]);
        assert_ne!(elsewhere.0, 200, "{path} from a foreign page");
    }
    assert_eq!(get(mirror, "/screen.png", &[("Host", "evil.example")]).0, 403);
    assert_eq!(get(mirror, "/screen.png", &[("Origin", "https://evil.example")]).0, 403);

    let (status, page) = get(central, "/", &[("Accept-Language", "it")]);
    assert!(status == 200 && said(&page).contains("Montefiorito"), "{status}");
    let mut staff = ureq::get(format!("http://{}/staff", program.host("Staff page"))).call().unwrap();
    let staff = staff.body_mut().read_to_string().unwrap();
    assert!(staff.contains("type=\"password\""), "{staff}");
    let (status, services) = get(program.host("Open311"), "/open311/v2/services.json", &[]);
    let services: serde_json::Value = serde_json::from_slice(&services).unwrap();
    assert!(status == 200 && services.as_array().is_some_and(|list| list.len() > 11), "{status}");

    let second = run(folder.path(), &["run", "--screen", "mirror", "--mirror", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second.stderr).contains("another kiosk is already running"), "{}", said(&second.stderr));
}

#[test]
fn a_taken_port_is_said_plainly() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for option in ["--mirror", "--central"] {
        let folder = TempDir::new().unwrap();
        let other = if option == "--mirror" { "--central" } else { "--mirror" };
        let arguments = ["run", "--screen", "mirror", option, &address, other, "127.0.0.1:0"];
        let refused = run(folder.path(), &arguments);
        assert_eq!(refused.status.code(), Some(1), "{option}");
        let message = said(&refused.stderr);
        assert!(
            message.contains(&address) && message.contains("is taken by another program"),
            "{option}: {message}"
        );
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("kiosk.toml");
    fs::write(&file, "[central]\nkind = \"demonstration\"\n\n[screen]\nhieght = 800\n").unwrap();
    let refused = run(folder.path(), &["--config", file.to_str().unwrap(), "run"]);
    assert_eq!(refused.status.code(), Some(1));
    let message = said(&refused.stderr);
    assert!(message.contains("line 5") && message.contains("hieght"), "{message}");
}

#[test]
fn the_doctor_and_the_help_answer_without_a_kiosk() {
    let folder = TempDir::new().unwrap();
    let help = run(folder.path(), &["--help"]);
    for command in ["run", "enrol", "doctor", "outbox"] {
        assert!(said(&help.stdout).contains(&format!("\n  {command} ")), "{command}: {}", said(&help.stdout));
    }
    let well = run(folder.path(), &["doctor"]);
    assert_eq!(well.status.code(), Some(0), "{}", said(&well.stdout));
    let file = folder.path().join("kiosk.toml");
    fs::write(&file, "[central]\nkind = \"demonstration\"\n\n[screen]\nkind = \"kms\"\n").unwrap();
    let ill = run(folder.path(), &["--config", file.to_str().unwrap(), "doctor"]);
    assert_eq!(ill.status.code(), Some(1), "without a screen it does not work: {}", said(&ill.stdout));
}
