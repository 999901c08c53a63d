//! A kiosk in a process of its own, and a viewer of its mirror that touches it as a browser would.

use std::{
    error::Error,
    fs,
    io::{BufRead as _, BufReader, ErrorKind, Lines, Read as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

pub(crate) type Failure = Box<dyn Error>;

/// The program, built with the same profile as the bench.
const PROGRAM: &str = env!("CARGO_BIN_EXE_sportello");
/// What the line of the mirror's address begins with.
const ADDRESS_LINE: &str = "Kiosk screen";
/// A kiosk that shows nothing for so long is broken.
const PATIENCE: Duration = Duration::from_mins(1);
/// When no picture has come for so long after a touch, the page stands still.
const STILL: Duration = Duration::from_millis(40);
/// The bytes before a picture: its place and size.
const HEAD_BYTES: usize = 8;

/// A running kiosk. It is killed when this is dropped: as when somebody pulls the plug.
pub(crate) struct Program {
    child: Child,
    started: Instant,
    /// Kept open: what the kiosk prints has somebody who could read it.
    _lines: Lines<BufReader<ChildStdout>>,
    /// `http://127.0.0.1:…/`
    url: String,
}

impl Program {
    /// Starts it on a data folder, at any free port.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Result<Self, Failure> {
        let started = Instant::now();
        let mut child = Command::new(PROGRAM)
            .args(["run", "--screen", "mirror", "--mirror", "127.0.0.1:0"])
            .args(arguments)
            .env("SPORTELLO_DATA", folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let line = lines.find_map(|line| Some(line.ok()?.strip_prefix(ADDRESS_LINE)?.trim().to_owned()));
        let url = line.ok_or("the kiosk ended before it told its address")?;
        Ok(Self { child, started, _lines: lines, url })
    }

    /// Waits for the first picture that is not black; returns the time since the start.
    pub(crate) fn first_picture(&self, viewer: &mut Viewer) -> Result<Duration, Failure> {
        loop {
            let png = viewer.picture(PATIENCE)?.ok_or("the screen stays black")?;
            let shown = self.started.elapsed();
            if decode(&png)?.iter().any(|level| *level > 0) {
                return Ok(shown);
            }
        }
    }

    /// The current picture's bytes.
    pub(crate) fn screen(&self) -> Result<Vec<u8>, Failure> {
        let mut png = Vec::new();
        let answer = ureq::get(format!("{}screen.png", self.url)).call()?;
        answer.into_body().into_reader().read_to_end(&mut png)?;
        decode(&png)
    }

    /// How much memory it holds, in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended by itself if this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody who looks at a kiosk's mirror.
pub(crate) struct Viewer(WebSocket<MaybeTlsStream<TcpStream>>);

impl Viewer {
    pub(crate) fn of(program: &Program) -> Result<Self, Failure> {
        let address = format!("{}socket", program.url.replacen("http", "ws", 1));
        Ok(Self(tungstenite::connect(address)?.0))
    }

    /// The next picture's PNG; none if none comes in this time.
    pub(crate) fn picture(&mut self, patience: Duration) -> Result<Option<Vec<u8>>, Failure> {
        if let MaybeTlsStream::Plain(stream) = self.0.get_mut() {
            stream.set_read_timeout(Some(patience))?;
        }
        loop {
            match self.0.read() {
                Ok(Message::Binary(bytes)) => {
                    self.say(r#"{"is":"shown"}"#)?;
                    return Ok(bytes.get(HEAD_BYTES..).map(<[u8]>::to_vec));
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Touches a place, and looks until the page stands still.
    pub(crate) fn touch(&mut self, (x, y): (f32, f32)) -> Result<(), Failure> {
        self.say(&format!(r#"{{"is":"press","x":{x},"y":{y}}}"#))?;
        self.say(&format!(r#"{{"is":"release","x":{x},"y":{y}}}"#))?;
        self.picture(PATIENCE)?.ok_or("a touch changed nothing")?;
        while self.picture(STILL)?.is_some() {}
        Ok(())
    }

    fn say(&mut self, message: &str) -> Result<(), Failure> {
        Ok(self.0.send(Message::text(message))?)
    }
}

/// The levels of red, green and blue.
pub(crate) fn decode(png: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info()?;
    let mut levels = vec![0; reader.output_buffer_size().ok_or("too large")?];
    reader.next_frame(&mut levels)?;
    Ok(levels)
}
