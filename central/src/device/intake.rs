//! The intake: an envelope becomes a ticket or a follow-up, once, whatever the network does.
//!
//! Everything that a submission does is one transaction. Whoever sends the same envelope again gets
//! the answer of the first time; what can never be taken is refused, and the refusal is kept.

use std::{collections::BTreeMap, sync::Arc};

use sea_orm::DatabaseTransaction;
use sportello_wire::{
    device::{Outcome, Refusal, SubmissionResult},
    envelope::{ENVELOPE_VERSION, Envelope, EnvelopeError, Header, MAX_CIPHERTEXT_BYTES},
    keys::OpeningKey,
    submission::{Submission, SubmissionKind},
    ticket::TicketState,
};
use uuid::Uuid;

use super::kiosk::Kiosk;
use crate::{
    clock::Clock,
    network::Directory,
    store::{FromStore, Sql as _, Store, StoreError},
    ticket::{self, Action, Actor, Channel, Opening, TicketError},
};

/// What the server does after a submission was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterCommit {
    /// It answers.
    Answer,
    /// It drops the connection without an answer, as if it had been killed at that moment.
    DropConnection,
}

/// Is asked after each committed submission. For tests of what a lost answer does.
pub type OnCommitted = Arc<dyn Fn(Uuid) -> AfterCommit + Send + Sync>;

/// The intake of submissions.
#[derive(Clone)]
pub struct Intake {
    store: Store,
    clock: Arc<dyn Clock>,
    opening_key: Arc<OpeningKey>,
}

/// Why a submission is not taken.
#[derive(Debug, thiserror::Error)]
enum IntakeError {
    #[error("the submission is refused")]
    Refused(Refusal),
    #[error("something that came before it is still on its way")]
    TooEarly,
    #[error("the submission cannot be taken now")]
    Ticket(#[from] TicketError),
}

impl From<StoreError> for IntakeError {
    fn from(error: StoreError) -> Self {
        Self::Ticket(error.into())
    }
}

impl FromStore for IntakeError {
    fn store_error(&self) -> Option<&StoreError> {
        if let Self::Ticket(error) = self { error.store_error() } else { None }
    }
}

impl Intake {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, opening_key: Arc<OpeningKey>) -> Self {
        Self { store, clock, opening_key }
    }

    /// Takes an envelope that `kiosk` sent.
    pub async fn take(&self, kiosk: &Kiosk, envelope: &Envelope) -> SubmissionResult {
        let taken = match signed_by(kiosk, envelope) {
            Ok(()) => self.take_signed(kiosk, envelope).await,
            Err(refusal) => Err(IntakeError::Refused(refusal)),
        };
        let outcome = match taken {
            Ok(outcome) => outcome,
            Err(IntakeError::Refused(reason)) => {
                tracing::warn!(device = kiosk.id, ?reason, "a submission was refused");
                Outcome::Refused { reason }
            }
            Err(IntakeError::TooEarly) => Outcome::TryAgain,
            Err(error @ IntakeError::Ticket(_)) => {
                tracing::error!(error = crate::chain(&error), "a submission could not be taken");
                Outcome::TryAgain
            }
        };
        SubmissionResult { id: envelope.header.id, outcome }
    }

    async fn take_signed(&self, kiosk: &Kiosk, envelope: &Envelope) -> Result<Outcome, IntakeError> {
        let opened = &envelope.open(&self.opening_key);
        let digest = &envelope.digest();
        let taken = self
            .store
            .write(|transaction| async move {
                self.take_in(&transaction, kiosk, &envelope.header, digest, opened).await
            })
            .await;
        if let Err(IntakeError::Refused(reason)) = &taken {
            self.keep_refusal(kiosk, &envelope.header, digest, *reason).await?;
        }
        taken
    }

    async fn take_in(
        &self,
        transaction: &DatabaseTransaction,
        kiosk: &Kiosk,
        header: &Header,
        digest: &str,
        opened: &Result<Submission, EnvelopeError>,
    ) -> Result<Outcome, IntakeError> {
        let authority = &kiosk.authority;
        if let Some(outcome) = taken_before(transaction, authority, header.id, digest).await? {
            return Ok(outcome);
        }
        let submission = opened.as_ref().map_err(|error| IntakeError::Refused(refusal(error)))?;
        let id = match submission {
            Submission::Ticket(_) => header.id,
            Submission::FollowUp(follow_up) => {
                match ticket::id_of(transaction, authority, &follow_up.code).await? {
                    Some(id) => id,
                    None => return Err(unknown_code(transaction, authority, header).await?),
                }
            }
        };
        if !self.keep(transaction, authority, header, digest, id).await? {
            // Somebody else has just taken the same submission.
            let outcome = taken_before(transaction, authority, header.id, digest).await?;
            return Ok(outcome.unwrap_or(Outcome::TryAgain));
        }
        let now = self.clock.now();
        match submission {
            Submission::Ticket(new) => {
                let opening = Opening {
                    id,
                    ticket: new.clone(),
                    channel: Channel::Kiosk,
                    site: kiosk.site.clone(),
                    device: Some(kiosk.id.clone()),
                    submitted_at: header.submitted_at,
                    clock: Some(header.clock),
                    channel_fields: BTreeMap::new(),
                };
                ticket::open_in(transaction, authority, &opening, now).await
            }
            Submission::FollowUp(follow_up) => {
                let action = Action::FollowUp {
                    words: follow_up.words.clone(),
                    language: follow_up.language.clone(),
                    submitted_at: crate::register::counted_time(header.submitted_at, Some(header.clock), now),
                };
                ticket::act_in(transaction, authority, id, &Actor::Citizen, &action, now).await
            }
        }
        .map_err(|error| match error {
            TicketError::CodeTaken | TicketError::NotFound => IntakeError::Refused(Refusal::WrongCode),
            TicketError::TooLong { .. } => IntakeError::Refused(Refusal::TooLarge),
            TicketError::Workflow(_) => IntakeError::Refused(Refusal::UnknownContent),
            other => other.into(),
        })?;
        let ticket = Box::new(state(transaction, authority, id).await?);
        Ok(Outcome::Created { digest: digest.to_owned(), ticket })
    }

    /// Keeps the submission's id; false if it was there already.
    async fn keep(
        &self,
        transaction: &DatabaseTransaction,
        authority: &str,
        header: &Header,
        digest: &str,
        ticket: Uuid,
    ) -> Result<bool, IntakeError> {
        let sql = "INSERT INTO submission (authority, id, digest, kind, ticket, device, epoch, sequence, \
                   submitted_at_ms, received_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                   ON CONFLICT DO NOTHING";
        let kind = match header.kind {
            SubmissionKind::Ticket => "ticket",
            SubmissionKind::FollowUp => "follow_up",
        };
        let values = [
            authority.into(),
            header.id.to_string().into(),
            digest.into(),
            kind.into(),
            ticket.to_string().into(),
            header.device.as_str().into(),
            header.epoch.to_string().into(),
            sequence(header)?.into(),
            header.submitted_at.as_millisecond().into(),
            self.clock.now().as_millisecond().into(),
        ];
        Ok(transaction.run(sql, values).await? == 1)
    }

    async fn keep_refusal(
        &self,
        kiosk: &Kiosk,
        header: &Header,
        digest: &str,
        reason: Refusal,
    ) -> Result<(), IntakeError> {
        let sql = "INSERT INTO refusal (authority, id, digest, reason, device, epoch, sequence, received_at_ms) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        let reason = &serde_json::to_value(reason).map_err(StoreError::from)?;
        let now_ms = self.clock.now().as_millisecond();
        self.store
            .write(|transaction| async move {
                let values = [
                    kiosk.authority.as_str().into(),
                    header.id.to_string().into(),
                    digest.into(),
                    reason.as_str().unwrap_or_default().into(),
                    header.device.as_str().into(),
                    header.epoch.to_string().into(),
                    sequence(header).unwrap_or(i64::MAX).into(),
                    now_ms.into(),
                ];
                transaction.run(sql, values).await.map(drop).map_err(IntakeError::from)
            })
            .await
    }
}

/// Checks what can be checked before the database is asked.
fn signed_by(kiosk: &Kiosk, envelope: &Envelope) -> Result<(), Refusal> {
    let header = &envelope.header;
    if envelope.ciphertext.len() > MAX_CIPHERTEXT_BYTES.div_ceil(3) * 4 {
        return Err(Refusal::TooLarge);
    }
    if header.device != kiosk.id || header.authority != kiosk.authority {
        return Err(Refusal::BadSignature);
    }
    if header.version != ENVELOPE_VERSION {
        return Err(Refusal::UnknownContent);
    }
    envelope.verify(&kiosk.public_key).map_err(|_| Refusal::BadSignature)
}

fn refusal(error: &EnvelopeError) -> Refusal {
    match error {
        EnvelopeError::Content(_) | EnvelopeError::Mismatch => Refusal::UnknownContent,
        EnvelopeError::Hpke | EnvelopeError::Malformed => Refusal::CannotOpen,
        EnvelopeError::Signature => Refusal::BadSignature,
    }
}

fn sequence(header: &Header) -> Result<i64, IntakeError> {
    i64::try_from(header.sequence).map_err(|_| IntakeError::Refused(Refusal::UnknownContent))
}

async fn taken_before(
    transaction: &DatabaseTransaction,
    authority: &str,
    id: Uuid,
    digest: &str,
) -> Result<Option<Outcome>, IntakeError> {
    let sql = "SELECT digest, ticket FROM submission WHERE authority = $1 AND id = $2";
    let Some(row) = transaction.one(sql, [authority.into(), id.to_string().into()]).await? else {
        return Ok(None);
    };
    if row.read::<String>("digest")? != digest {
        return Err(IntakeError::Refused(Refusal::IdTaken));
    }
    let ticket = Box::new(state(transaction, authority, row.parse("ticket")?).await?);
    Ok(Some(Outcome::Exists { digest: digest.to_owned(), ticket }))
}

/// A follow-up whose ticket is not here: as long as something of the same queue that comes before it is
/// missing, that may be the ticket.
async fn unknown_code(
    transaction: &DatabaseTransaction,
    authority: &str,
    header: &Header,
) -> Result<IntakeError, IntakeError> {
    let sql = "SELECT COUNT(*) AS arrived FROM (\
               SELECT sequence FROM submission WHERE authority = $1 AND device = $2 AND epoch = $3 AND sequence < $4 \
               UNION \
               SELECT sequence FROM refusal WHERE authority = $1 AND device = $2 AND epoch = $3 AND sequence < $4\
               ) AS earlier";
    let sequence = sequence(header)?;
    let values =
        [authority.into(), header.device.as_str().into(), header.epoch.to_string().into(), sequence.into()];
    let arrived = transaction.one(sql, values).await?.map_or(Ok(0), |row| row.read::<i64>("arrived"))?;
    Ok(if arrived < sequence - 1 { IntakeError::TooEarly } else { IntakeError::Refused(Refusal::WrongCode) })
}

async fn state(
    transaction: &DatabaseTransaction,
    authority: &str,
    id: Uuid,
) -> Result<TicketState, TicketError> {
    let directory = Directory::read(transaction, authority).await?;
    ticket::state_in(transaction, authority, id, &directory).await?.ok_or(TicketError::NotFound)
}
