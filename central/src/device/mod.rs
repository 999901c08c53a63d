//! Kiosks: how they come to belong to the network, and what they bring.
//!
//! HTTP is not known here; how a request is signed is in `sportello_wire::signature`.

mod enrol;
mod intake;
mod kiosk;

pub use enrol::{CODE_LIFETIME_MINUTES, EnrolCode, EnrolError, MAX_FAILURES};
pub use intake::{AfterCommit, Intake, OnCommitted};
pub use kiosk::{Devices, Kiosk};
