//! What the tests of sync share: a real TCP server that can be told to misbehave, and a thread to observe.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use super::{Pace, Remote, Sync, SyncEvent, SyncHandle};
use crate::{catalogue::Catalogue, outbox::testing::Kiosk};

/// How long a test waits for what has to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request as the server read it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Instant,
}

/// What the server does with a request.
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// It reads the request and hangs up.
    HangUp,
    /// It sends these bytes and hangs up.
    Raw(Vec<u8>),
    /// It says nothing until the other side hangs up.
    Silence,
}

impl Reply {
    pub(crate) fn json(status: u16, value: &impl serde::Serialize) -> Self {
        Self::Answer(status, Vec::new(), serde_json::to_vec(value).expect("json"))
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), Vec::new())
    }
}

/// A real server on loopback that answers with a function.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) received: Arc<Mutex<Vec<Received>>>,
    /// While set, it hangs up before it has read a request.
    pub(crate) cutting: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(answer: impl FnMut(&Received) -> Reply + Send + 'static) -> Self {
        Self::start_at("127.0.0.1:0", answer)
    }

    pub(crate) fn start_at(
        address: &str,
        mut answer: impl FnMut(&Received) -> Reply + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (cutting, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (log, cut, end) = (Arc::clone(&received), Arc::clone(&cutting), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                if cut.load(Ordering::SeqCst) {
                    // Unread bytes make the system reset the connection.
                    let _ = (&stream).read(&mut [0; 8]);
                    continue;
                }
                let Some(request) = read_request(&stream) else { continue };
                log.lock().expect("a log").push(request.clone());
                reply(stream, answer(&request));
            }
        });
        Self { url, received, cutting, stop, thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub(crate) fn requests(&self, method: &str, path: &str) -> Vec<Received> {
        let received = self.received.lock().expect("a log");
        let fits = |request: &&Received| request.method == method && request.path.starts_with(path);
        received.iter().filter(fits).cloned().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read_request(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    Some(Received { method, path, query, headers, body, at: Instant::now() })
}

fn reply(mut stream: TcpStream, reply: Reply) {
    match reply {
        Reply::HangUp => {}
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes);
        }
        Reply::Silence => {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.read(&mut [0; 8]);
        }
        Reply::Answer(status, headers, body) => {
            let mut head =
                format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                head.extend([name, ": ", &value, "\r\n"]);
            }
            let _ = stream.write_all(format!("{head}\r\n").as_bytes());
            let _ = stream.write_all(&body);
        }
    }
}

/// A running thread whose events a test can wait for.
pub(crate) struct Observed {
    pub(crate) handle: SyncHandle,
    events: Receiver<SyncEvent>,
}

impl Observed {
    /// Starts a thread that retries at once and does nothing else by itself for a long time.
    pub(crate) fn start(kiosk: &Kiosk, remote: Remote) -> Self {
        Self::start_with(kiosk, remote, 0.0)
    }

    pub(crate) fn start_with(kiosk: &Kiosk, remote: Remote, random: f64) -> Self {
        let (sender, events) = channel();
        let sync = Sync {
            remote,
            outbox: kiosk.outbox.clone(),
            catalogue: Catalogue::open(&kiosk.folder.path().join("catalogue.db")).expect("a catalogue"),
            pace: Pace::default(),
            random: Box::new(move || random),
            on_event: Box::new(move |event| {
                let _ = sender.send(event);
            }),
        };
        Self { handle: sync.start().expect("a thread"), events }
    }

    /// Waits for an event and returns what `pick` makes of it; others are passed over.
    pub(crate) fn wait<T>(&self, mut pick: impl FnMut(&SyncEvent) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let event = self.events.recv_timeout(left).expect("the event comes in time");
            if let Some(found) = pick(&event) {
                return found;
            }
        }
    }

    pub(crate) fn wait_for(&self, expected: &SyncEvent) {
        self.wait(|event| (event == expected).then_some(()));
    }
}
