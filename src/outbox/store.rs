//! The queue on disk: sealed envelopes that wait, what became of them, and what is known of their tickets.
//!
//! It decides neither when an envelope goes nor to whom; it only keeps, and says what it has.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use sportello_wire::{
    code::TicketCode,
    envelope::{ClockState, Envelope, Header},
    submission::Submission,
    ticket::TicketState,
};
use uuid::Uuid;

use super::{
    database::{self, DATABASE_FILE, Opened},
    error::{Obstacle, OutboxError, QuarantineReason},
    folder::{self, Persistence},
    lengths,
    record::{KnownTicket, Record, RecordKey, RemoteTicket},
    rows::{epoch_and_sequence, find, insert, kind, learn, read_record, time, uuid, write, write_record},
    salvage::{self, Recovery},
    types::{Accepted, Limits, Options, Quarantined, RETENTION_DAYS, Sealer, Sent, Tally, Waiting},
};

/// The durable queue. Clones share it; calls from several threads follow one another.
#[derive(Clone)]
pub struct Outbox {
    store: Arc<Mutex<Store>>,
}

impl Outbox {
    /// Opens the queue in `folder`, or makes it. A corrupt database is set aside, and what can be read of it saved.
    pub fn open(
        folder: &Path,
        options: Options,
        now: Timestamp,
    ) -> Result<(Self, Option<Recovery>), OutboxError> {
        fs::create_dir_all(folder).map_err(OutboxError::file(folder))?;
        let folder = folder.canonicalize().map_err(OutboxError::file(folder))?;
        let (connection, recovery) = open_or_recover(&folder, now)?;
        folder::keep_reserve(&folder);
        let mounts = options.mounts.unwrap_or_else(|| fs::read_to_string(super::MOUNTS).unwrap_or_default());
        let volatile = folder::persistence(&mounts, &folder) != Persistence::Lasting;
        let store = Store {
            connection: Some(connection),
            folder,
            opened_at: now,
            limits: options.limits,
            volatile: volatile && !options.allow_volatile,
            sealer: None,
        };
        Ok((Self { store: Arc::new(Mutex::new(store)) }, recovery))
    }

    /// From now on submissions are sealed and signed like this.
    pub fn set_sealer(&self, sealer: Sealer) {
        self.lock().sealer = Some(sealer);
    }

    /// Whether a submission would be taken now. To be asked before the citizen types.
    pub fn can_accept(&self) -> Result<(), Obstacle> {
        match self.lock().check_room() {
            Ok(()) => Ok(()),
            Err(OutboxError::Obstacle(obstacle)) => Err(obstacle),
            Err(_) => Err(Obstacle::Broken),
        }
    }

    /// Seals, signs and commits a submission; returns only when it is on the disk.
    ///
    /// The caller chooses `id` and uses it again when in doubt: the second call returns the first's result
    /// and keeps nothing more. On an error nothing is kept, except after [`Obstacle::Broken`], when a call with
    /// the same id tells.
    pub fn submit(
        &self,
        id: Uuid,
        submission: &Submission,
        now: Timestamp,
        clock: ClockState,
    ) -> Result<Accepted, OutboxError> {
        lengths::check(submission)?;
        let key = RecordKey::of(submission.code());
        self.lock().run(|store, connection| store.submit(connection, id, submission, &key, now, clock))
    }

    /// The envelopes that wait, in order, from after `place` (0 for all).
    pub fn waiting(&self, after_place: i64) -> Result<Vec<Waiting>, OutboxError> {
        self.lock().run(|_, connection| {
            let mut statement = connection.prepare_cached(
                "SELECT place, id, sequence, submitted_at, length(envelope) FROM submission
                 WHERE state = 'waiting' AND place > ?1 ORDER BY place",
            )?;
            let mut rows = statement.query([after_place])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(Waiting {
                    place: row.get(0)?,
                    id: uuid(row, 1)?,
                    sequence: row.get::<_, i64>(2)? as u64,
                    submitted_at: time(row.get(3)?)?,
                    bytes: row.get::<_, i64>(4)? as usize,
                });
            }
            Ok(found)
        })
    }

    /// The envelope of a waiting submission, as it was written; none if it does not wait any more.
    pub fn envelope(&self, id: Uuid) -> Result<Option<Envelope>, OutboxError> {
        self.lock().run(|_, connection| {
            let found: Option<(String, String)> = connection
                .query_row(
                    "SELECT envelope, digest FROM submission WHERE id = ?1 AND state = 'waiting'",
                    [id.into_bytes()],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((json, digest)) = found else { return Ok(None) };
            let envelope: Envelope = serde_json::from_str(&json).map_err(|_| OutboxError::Damaged)?;
            if envelope.digest() == digest { Ok(Some(envelope)) } else { Err(OutboxError::Damaged) }
        })
    }

    /// When sending this began without a known end; none if nothing can have arrived.
    ///
    /// Who sends to a server that does not know repeated requests needs it, to look for the first one.
    pub fn sent(&self, id: Uuid) -> Result<Option<Sent>, OutboxError> {
        self.lock().run(|_, connection| {
            let sql = "SELECT first_sent_at, last_sent_at FROM submission WHERE id = ?1";
            let found: Option<(Option<i64>, Option<i64>)> = connection
                .query_row(sql, [id.into_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match found {
                Some((Some(first), Some(last))) => Ok(Some(Sent { first: time(first)?, last: time(last)? })),
                _ => Ok(None),
            }
        })
    }

    /// Notes when sending began: before it begins, or to take it back when it is known that nothing arrived.
    pub fn set_sent(&self, id: Uuid, sent: Option<Sent>) -> Result<(), OutboxError> {
        self.settle(|connection| {
            connection.execute(
                "UPDATE submission SET first_sent_at = ?2, last_sent_at = ?3 WHERE id = ?1",
                params![
                    id.into_bytes(),
                    sent.map(|sent| sent.first.as_millisecond()),
                    sent.map(|sent| sent.last.as_millisecond()),
                ],
            )?;
            Ok(())
        })
    }

    /// Forgets a submission's envelope, because it has arrived; `state` is what the answer said of its ticket.
    pub fn delivered(&self, id: Uuid, state: &TicketState, now: Timestamp) -> Result<(), OutboxError> {
        let key = RecordKey::of(&state.code);
        self.settle(|connection| {
            let transaction = write(connection)?;
            transaction.execute(
                "UPDATE submission SET state = 'delivered', envelope = NULL, reason = NULL, settled_at = ?2
                 WHERE id = ?1 AND state <> 'delivered'",
                params![id.into_bytes(), now.as_millisecond()],
            )?;
            learn(&transaction, &key, state, now)?;
            transaction.commit()?;
            Ok(())
        })
    }

    /// Takes a submission out of the queue and keeps it where somebody sees it.
    pub fn quarantine(&self, id: Uuid, reason: QuarantineReason, now: Timestamp) -> Result<(), OutboxError> {
        self.settle(|connection| {
            connection.execute(
                "UPDATE submission SET state = 'quarantined', reason = ?2, settled_at = ?3
                 WHERE id = ?1 AND state = 'waiting'",
                params![id.into_bytes(), reason.as_str(), now.as_millisecond()],
            )?;
            Ok(())
        })
    }

    /// What stands in quarantine, oldest first.
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, OutboxError> {
        self.lock().run(|_, connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, sequence, kind, submitted_at, reason, settled_at FROM submission
                 WHERE state = 'quarantined' ORDER BY place",
            )?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let reason: String = row.get(4)?;
                found.push(Quarantined {
                    id: uuid(row, 0)?,
                    sequence: row.get::<_, i64>(1)? as u64,
                    kind: kind(&row.get::<_, String>(2)?)?,
                    submitted_at: time(row.get(3)?)?,
                    reason: QuarantineReason::from_name(&reason).ok_or(OutboxError::Damaged)?,
                    since: time(row.get(5)?)?,
                });
            }
            Ok(found)
        })
    }

    /// Puts a submission from quarantine back at the end of the queue. It will be sent even if it was in doubt
    /// whether it had arrived: somebody has decided.
    pub fn requeue(&self, id: Uuid) -> Result<(), OutboxError> {
        let changed = self.lock().run(|_, connection| {
            let transaction = write(connection)?;
            // A new place makes it visible to those who look only for what is new.
            let changed = transaction.execute(
                "UPDATE submission SET state = 'waiting', reason = NULL, settled_at = NULL,
                     first_sent_at = NULL, last_sent_at = NULL,
                     place = 1 + (SELECT seq FROM sqlite_sequence WHERE name = 'submission')
                 WHERE id = ?1 AND state = 'quarantined'",
                [id.into_bytes()],
            )?;
            transaction.execute(
                "UPDATE sqlite_sequence SET seq = seq + ?1 WHERE name = 'submission'",
                [changed as i64],
            )?;
            transaction.commit()?;
            Ok(changed)
        })?;
        if changed == 1 { Ok(()) } else { Err(OutboxError::NotQuarantined(id)) }
    }

    /// What is known of a ticket without asking anybody; none if nothing is.
    pub fn known_ticket(&self, code: &TicketCode) -> Result<Option<KnownTicket>, OutboxError> {
        let key = RecordKey::of(code);
        self.lock().run(|_, connection| {
            let Some(record) = read_record(connection, &key)? else { return Ok(None) };
            let waiting = connection.query_row(
                "SELECT count(*) FROM submission WHERE ticket = ?1 AND state = 'waiting'",
                [key.name],
                |row| row.get(0),
            )?;
            let Record { submitted_at, kind, state, state_at, remote } = record;
            Ok(Some(KnownTicket { submitted_at, kind, waiting, state, state_at, remote }))
        })
    }

    /// Keeps what the central said of a ticket, for following it without the network.
    pub fn save_state(&self, state: &TicketState, now: Timestamp) -> Result<(), OutboxError> {
        let key = RecordKey::of(&state.code);
        self.settle(|connection| {
            let transaction = write(connection)?;
            learn(&transaction, &key, state, now)?;
            transaction.commit()?;
            Ok(())
        })
    }

    /// Keeps where a foreign server has a ticket.
    pub fn save_remote(
        &self,
        code: &TicketCode,
        remote: &RemoteTicket,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let key = RecordKey::of(code);
        self.settle(|connection| {
            let transaction = write(connection)?;
            let record = read_record(&transaction, &key)?.unwrap_or_default();
            write_record(&transaction, &key, &Record { remote: Some(remote.clone()), ..record }, now)?;
            transaction.commit()?;
            Ok(())
        })
    }

    /// The queue's epoch. Places begin anew with it.
    pub fn epoch(&self) -> Result<Uuid, OutboxError> {
        self.lock().run(|_, connection| Ok(epoch_and_sequence(connection)?.0))
    }

    /// How the queue stands.
    pub fn tally(&self) -> Result<Tally, OutboxError> {
        self.lock().run(|_, connection| {
            let count = |state: &str| -> Result<u64, OutboxError> {
                let sql = "SELECT count(*) FROM submission WHERE state = ?1";
                Ok(connection.query_row(sql, [state], |row| row.get::<_, i64>(0))? as u64)
            };
            let (epoch, last_sequence) = epoch_and_sequence(connection)?;
            let oldest: Option<i64> = connection.query_row(
                "SELECT min(submitted_at) FROM submission WHERE state = 'waiting'",
                [],
                |row| row.get(0),
            )?;
            let oldest = oldest.map(time).transpose()?;
            Ok(Tally {
                waiting: count("waiting")?,
                quarantined: count("quarantined")?,
                oldest,
                epoch,
                last_sequence,
            })
        })
    }

    /// Forgets what is older than [`RETENTION_DAYS`] and empties the WAL. For idle moments.
    pub fn tidy(&self, now: Timestamp) -> Result<(), OutboxError> {
        let before = now.saturating_sub(SignedDuration::from_hours(24 * RETENTION_DAYS));
        let before_ms = before.map_or(i64::MIN, Timestamp::as_millisecond);
        self.settle(|connection| {
            let transaction = write(connection)?;
            transaction.execute(
                "DELETE FROM submission WHERE state = 'delivered' AND settled_at < ?1",
                [before_ms],
            )?;
            transaction.execute(
                "DELETE FROM ticket WHERE changed_at < ?1 AND NOT EXISTS
                     (SELECT 1 FROM submission WHERE ticket = name AND state <> 'delivered')",
                [before_ms],
            )?;
            transaction.commit()?;
            database::truncate_wal(connection)
        })?;
        let store = self.lock();
        folder::keep_reserve(&store.folder);
        Ok(())
    }

    /// Runs what must work even on a full disk: the reserve is given up for it.
    fn settle(&self, act: impl Fn(&mut Connection) -> Result<(), OutboxError>) -> Result<(), OutboxError> {
        let mut store = self.lock();
        match store.run(|_, connection| act(connection)) {
            Err(OutboxError::Obstacle(Obstacle::DiskFull)) if folder::release_reserve(&store.folder) => {
                tracing::warn!("the disk is full; the outbox's reserve is used up");
                store.run(|_, connection| act(connection))
            }
            result => result,
        }
    }

    /// Lets the database grow no further, as if the disk were full.
    #[cfg(test)]
    pub(crate) fn fill_disk(&self, full: bool) {
        let connection = &self.lock().connection;
        let connection = connection.as_ref().expect("a connection");
        let pages: i64 =
            connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a count");
        let most = if full { pages } else { 1_000_000_000 };
        connection.pragma_update(None, "max_page_count", most).expect("limited");
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        // A transaction that a panic left open was rolled back when it was dropped.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Store {
    /// None after the disk or the file failed: a failed flush must never be repeated on the same connection,
    /// because the system has then forgotten what it did not write.
    connection: Option<Connection>,
    folder: PathBuf,
    opened_at: Timestamp,
    limits: Limits,
    volatile: bool,
    sealer: Option<Sealer>,
}

impl Store {
    /// Runs a piece of work, and gives the connection up if disk or file turn out to be broken.
    fn run<T>(
        &mut self,
        work: impl FnOnce(&Self, &mut Connection) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        let mut connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            tracing::warn!("the outbox's database is opened anew");
            open_or_recover(&self.folder, self.opened_at)?.0
        };
        let result = work(self, &mut connection);
        match &result {
            Err(OutboxError::Database(error)) if is_failure(error) => {
                tracing::error!(%error, "the outbox's database failed");
            }
            _ => self.connection = Some(connection),
        }
        result
    }

    fn check_room(&mut self) -> Result<(), OutboxError> {
        let obstacle = |obstacle| Err(OutboxError::Obstacle(obstacle));
        if self.sealer.is_none() {
            return obstacle(Obstacle::NotEnrolled);
        }
        if self.volatile {
            return obstacle(Obstacle::VolatileFolder);
        }
        if folder::free_bytes(&self.folder)? < self.limits.min_free_bytes {
            return obstacle(Obstacle::DiskFull);
        }
        let limit = self.limits.max_waiting;
        self.run(|_, connection| check_queue(connection, limit))
    }

    fn submit(
        &self,
        connection: &mut Connection,
        id: Uuid,
        submission: &Submission,
        key: &RecordKey,
        now: Timestamp,
        clock: ClockState,
    ) -> Result<Accepted, OutboxError> {
        let code = *submission.code();
        let transaction = write(connection)?;
        if let Some((ticket, sequence, submitted_at)) = find(&transaction, id)? {
            let accepted = Accepted { id, code, sequence, submitted_at };
            return if ticket == key.name { Ok(accepted) } else { Err(OutboxError::IdReused) };
        }
        if self.volatile {
            return Err(OutboxError::Obstacle(Obstacle::VolatileFolder));
        }
        let sealer = self.sealer.as_ref().ok_or(OutboxError::Obstacle(Obstacle::NotEnrolled))?;
        check_queue(&transaction, self.limits.max_waiting)?;

        let (epoch, last) = epoch_and_sequence(&transaction)?;
        let sequence = last + 1;
        let submitted_at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let header = Header {
            version: 0,
            sealing_key: String::new(),
            authority: sealer.authority.clone(),
            device: sealer.device.clone(),
            epoch,
            sequence,
            id,
            kind: submission.kind(),
            submitted_at,
            clock,
        };
        let envelope =
            Envelope::seal(header, submission, &sealer.to, &sealer.signer).map_err(OutboxError::Seal)?;
        insert(&transaction, &envelope, &key.name)?;
        transaction.execute("UPDATE queue SET last_sequence = ?1", [sequence as i64])?;
        if let Submission::Ticket(ticket) = submission {
            let record =
                Record { submitted_at: Some(submitted_at), kind: Some(ticket.kind), ..Record::default() };
            write_record(&transaction, key, &record, now)?;
        }
        transaction.commit()?;
        Ok(Accepted { id, code, sequence, submitted_at })
    }
}

/// Opens the database; if it is corrupt, saves what can be read and sets it aside.
fn open_or_recover(folder: &Path, now: Timestamp) -> Result<(Connection, Option<Recovery>), OutboxError> {
    let path = folder.join(DATABASE_FILE);
    let recovery = salvage::finish(folder, now)?;
    if let Opened::Sound(connection) = database::open(&path)? {
        return Ok((connection, recovery));
    }
    let recovery = salvage::recover(folder, now)?;
    match database::open(&path)? {
        Opened::Sound(connection) => Ok((connection, Some(recovery))),
        Opened::Corrupt => Err(OutboxError::Damaged),
    }
}

/// Whether the connection must not be used any further.
fn is_failure(error: &rusqlite::Error) -> bool {
    database::is_corruption(error)
        || matches!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen))
}

fn check_queue(connection: &Connection, limit: u64) -> Result<(), OutboxError> {
    let sql = "SELECT count(*) FROM submission WHERE state = 'waiting'";
    let waiting: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    if (waiting as u64) < limit { Ok(()) } else { Err(OutboxError::Obstacle(Obstacle::QueueFull)) }
}
