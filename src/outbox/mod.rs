//! The durable queue: what a citizen submits is sealed, signed and committed to disk before anything is said.
//!
//! [`Outbox`] is the store and may be cloned between threads: no call waits for the network, and none
//! holds the lock longer than one commit. [`schedule`] decides which envelope goes when and knows no disk and no
//! clock. Nothing here speaks to anybody: delivering is `crate::sync`'s part. Nothing here can read again what
//! it has sealed, except a kiosk that speaks to a foreign Open311 server and keeps the opening key itself.

mod database;
mod error;
mod folder;
mod lengths;
mod record;
mod rows;
mod salvage;
pub mod schedule;
mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod types;

pub use database::SQLITE_VERSION_NEEDED;
pub use error::{Obstacle, OutboxError, QuarantineReason};
pub use folder::{MOUNTS, Persistence, persistence};
pub use record::{KnownTicket, RemoteReference, RemoteTicket};
pub use salvage::Recovery;
pub use store::Outbox;
pub use types::{
    Accepted, Limits, MAX_WAITING, Options, Quarantined, RETENTION_DAYS, Sealer, Sent, Tally, Waiting,
};
