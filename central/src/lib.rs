//! The desk behind the counter: one ticket shared by all offices that touch it, and its APIs.
//!
//! It can be embedded ([`start::Central`]) or run as `sportello-central`. It deliberately knows
//! nothing of screens and devices of a kiosk: a kiosk is somebody who signs requests.

pub mod clock;
pub mod device;
pub mod http;
pub mod key_file;
pub mod knowledge;
pub mod network;
pub mod people;
pub mod random;
pub mod register;
pub mod start;
pub mod store;
pub mod ticket;

pub use sportello_wire::chain;
