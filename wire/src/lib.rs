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
