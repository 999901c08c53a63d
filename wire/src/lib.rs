//! What kiosk and central say to each other, and Open311 GeoReport v2 for both sides.
//!
//! Types, codes, sealing and signing only. It deliberately does no I/O: it opens no file and no
//! socket, and it reads no clock. The only randomness is the operating system's, for keys and codes.

pub mod catalogue;
pub mod code;
pub mod device;
pub mod envelope;
pub mod hours;
pub mod keys;
pub mod open311;
pub mod signature;
pub mod submission;
pub mod text;
pub mod ticket;

/// An error with all of its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
