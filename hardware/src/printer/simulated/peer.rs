//! The simulated machine at the other end of a real line: a socket as printers have it, or any stream.
//!
//! For trying the real drivers without a real printer.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::SimulatedPrinterControl;

/// How long to wait for bytes before looking up whether somebody pulled the cable.
const LOOK_UP: Duration = Duration::from_millis(10);

/// A simulated printer on the network. It serves one connection at a time, and ends when dropped.
#[derive(Debug)]
pub struct SimulatedPeer {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl SimulatedPeer {
    /// Listens on an address; port 0 takes any that is free.
    pub fn listen(printer: SimulatedPrinterControl, address: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let thread = thread::Builder::new().name("simulated-printer".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::Relaxed) {
                    break;
                }
                let served =
                    stream.set_read_timeout(Some(LOOK_UP)).and_then(|()| serve(&printer, stream, &end));
                if let Err(error) = served {
                    tracing::debug!(%error, "the simulated printer lost its connection");
                }
            }
        })?;
        Ok(Self { address, ended, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for SimulatedPeer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes it up if it waits for a connection.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            thread.join().ok();
        }
    }
}

/// Serves one connection until it is closed, broken by the machine, or ended. Reading from the stream has to time out.
pub fn serve(
    printer: &SimulatedPrinterControl,
    mut stream: impl Read + Write,
    ended: &AtomicBool,
) -> io::Result<()> {
    let machine = &printer.machine;
    let mut buffer = [0; 4096];
    // What was asked over an earlier connection is not answered on this one.
    machine.listen();
    while !ended.load(Ordering::Relaxed) && !machine.look(|state| state.unplugged) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                if !machine.receive(buffer.get(..count).unwrap_or_default()) {
                    break;
                }
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
        // Also when nothing came: it prints on, and says then that it is done.
        let answers: Vec<u8> = machine.listen().into();
        if !answers.is_empty() {
            stream.write_all(&answers)?;
        }
    }
    Ok(())
}
