//! A printer on the network: raw bytes over TCP, by custom on port 9100.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::{ByteStream, Connector};

/// A socket's time limit cannot be zero.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// A network printer.
#[derive(Debug, Clone)]
pub struct Tcp {
    host: String,
    port: u16,
    connect_timeout: Duration,
    write_timeout: Duration,
}

impl Tcp {
    /// Names the printer; nothing is opened. The host's name is looked up anew for each connection.
    pub fn new(host: &str, port: u16, connect_timeout: Duration, write_timeout: Duration) -> Self {
        let write_timeout = write_timeout.max(SHORTEST_WAIT);
        Self {
            host: host.to_owned(),
            port,
            connect_timeout: connect_timeout.max(SHORTEST_WAIT),
            write_timeout,
        }
    }
}

impl Connector for Tcp {
    type Stream = TcpConnection;

    fn connect(&self) -> io::Result<TcpConnection> {
        let mut failure = io::Error::from(ErrorKind::AddrNotAvailable);
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, self.connect_timeout) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_write_timeout(Some(self.write_timeout))?;
                    return Ok(TcpConnection { stream });
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn may_be_one_way(&self) -> bool {
        false
    }
}

/// A connection to a network printer.
#[derive(Debug)]
pub struct TcpConnection {
    stream: TcpStream,
}

impl ByteStream for TcpConnection {
    fn read_within(&mut self, buffer: &mut [u8], within: Duration) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(within.max(SHORTEST_WAIT)))?;
        match self.stream.read(buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Ok(0)
            }
            other => other,
        }
    }
}

impl Write for TcpConnection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
