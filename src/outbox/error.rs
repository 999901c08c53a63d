//! What can go wrong in the outbox, and why a submission stands in quarantine.
//!
//! No message carries anything of a citizen: neither words nor codes.

use std::path::PathBuf;

use sportello_wire::{device::Refusal, envelope::EnvelopeError};
use uuid::Uuid;

/// Why the outbox cannot take submissions now. The screen asks before typing starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The kiosk belongs to no authority yet, so there is no key to seal to.
    #[error("the kiosk is not enrolled")]
    NotEnrolled,
    /// Too many envelopes wait already.
    #[error("too many submissions wait to be delivered")]
    QueueFull,
    /// The disk has too little space left.
    #[error("the disk is full")]
    DiskFull,
    /// The data folder does not outlive a restart (tmpfs, overlay).
    #[error("the data folder does not outlive a restart")]
    VolatileFolder,
    /// The disk or the database failed; the next call opens it anew.
    #[error("the data folder cannot be written")]
    Broken,
}

/// Why the outbox did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// It takes nothing now. Nothing of the submission was kept.
    #[error("no submission can be taken now: {0}")]
    Obstacle(Obstacle),
    /// A text of the submission is longer than allowed.
    #[error("{field} has {chars} characters, at most {most} are allowed")]
    TooLong {
        /// The field: `words`, `place`, `contact`, `attributes`.
        field: &'static str,
        /// How many characters it has.
        chars: usize,
        /// How many it may have.
        most: usize,
    },
    /// This id was used for another ticket's submission.
    #[error("another submission has this id")]
    IdReused,
    /// It could not be sealed.
    #[error("the submission cannot be sealed")]
    Seal(#[source] EnvelopeError),
    /// No submission with this id is in quarantine.
    #[error("no submission {0} is in quarantine")]
    NotQuarantined(Uuid),
    /// A row does not read back as what was written.
    #[error("a row of the outbox is damaged")]
    Damaged,
    /// The database refused.
    #[error("the outbox's database failed")]
    Database(#[source] rusqlite::Error),
    /// The bundled SQLite is older than [`super::SQLITE_VERSION_NEEDED`].
    #[error("SQLite is too old: version number {0}")]
    SqliteTooOld(i32),
    /// The database was made by a newer version of this software.
    #[error("the outbox has format {found}, this software knows {known}")]
    NewerFormat {
        /// The format of the file.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// A file or folder could not be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl OutboxError {
    /// Makes a [`Self::File`] of an I/O error.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<rusqlite::Error> for OutboxError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Obstacle(Obstacle::DiskFull),
            _ => Self::Database(error),
        }
    }
}

/// Why a submission stands in quarantine instead of being delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuarantineReason {
    /// The central can never take it as it is.
    Refused(Refusal),
    /// A foreign server cannot take it as it is.
    RefusedByServer,
    /// It may have arrived at a foreign server, and it cannot be seen whether it did.
    Uncertain,
    /// The envelope on disk is not what was written, or cannot be opened.
    Damaged,
}

impl QuarantineReason {
    const ALL: [Self; 9] = [
        Self::Refused(Refusal::BadSignature),
        Self::Refused(Refusal::CannotOpen),
        Self::Refused(Refusal::UnknownContent),
        Self::Refused(Refusal::TooLarge),
        Self::Refused(Refusal::IdTaken),
        Self::Refused(Refusal::WrongCode),
        Self::RefusedByServer,
        Self::Uncertain,
        Self::Damaged,
    ];

    /// The stable name used in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused(Refusal::BadSignature) => "bad_signature",
            Self::Refused(Refusal::CannotOpen) => "cannot_open",
            Self::Refused(Refusal::UnknownContent) => "unknown_content",
            Self::Refused(Refusal::TooLarge) => "too_large",
            Self::Refused(Refusal::IdTaken) => "id_taken",
            Self::Refused(Refusal::WrongCode) => "wrong_code",
            Self::RefusedByServer => "refused_by_server",
            Self::Uncertain => "uncertain",
            Self::Damaged => "damaged",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}
