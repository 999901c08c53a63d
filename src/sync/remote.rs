//! To whom the kiosk speaks: one set of calls, two ways to make them.

use sportello_wire::{
    catalogue::CatalogueDelta,
    code::TicketCode,
    device::{Heartbeat, HeartbeatAnswer, MAX_BATCH, SealingKeyInfo},
    envelope::Envelope,
    ticket::TicketState,
};
use uuid::Uuid;

use super::{
    CallError,
    central::{Arrival, Central},
    identity::IdentityError,
    open311::Open311,
};
use crate::outbox::Sealer;

/// To whom the kiosk speaks.
pub enum Remote {
    /// To our central.
    Central(Box<Central>),
    /// To a foreign Open311 server.
    Open311(Box<Open311>),
}

impl Remote {
    /// The most envelopes that one delivery takes.
    pub(super) fn batch_limit(&self) -> usize {
        match self {
            Self::Central(_) => MAX_BATCH,
            // One call each, between which a citizen's question can be answered.
            Self::Open311(_) => 1,
        }
    }

    pub(super) fn deliver(&mut self, envelopes: &[Envelope]) -> Result<Vec<(Uuid, Arrival)>, CallError> {
        match self {
            Self::Central(central) => central.deliver(envelopes),
            Self::Open311(server) => {
                envelopes.iter().map(|envelope| Ok((envelope.header.id, server.deliver(envelope)?))).collect()
            }
        }
    }

    pub(super) fn ticket(&mut self, code: &TicketCode) -> Result<Option<TicketState>, CallError> {
        match self {
            Self::Central(central) => central.ticket(code),
            Self::Open311(server) => server.ticket(code),
        }
    }

    pub(super) fn catalogue(&mut self, cursor: Option<&str>) -> Result<CatalogueDelta, CallError> {
        match self {
            Self::Central(central) => central.catalogue(cursor),
            Self::Open311(server) => server.catalogue(cursor),
        }
    }

    /// Says how the kiosk is, to those who want to know.
    pub(super) fn heartbeat(&mut self, heartbeat: &Heartbeat) -> Result<Option<HeartbeatAnswer>, CallError> {
        match self {
            Self::Central(central) => central.heartbeat(heartbeat).map(Some),
            // The protocol has none; the catalogue tells often enough whether the server is there.
            Self::Open311(_) => Ok(None),
        }
    }

    /// Takes the central's keys; returns how to seal from now on if that changes.
    pub(super) fn renew_sealing_keys(
        &mut self,
        keys: &[SealingKeyInfo],
    ) -> Result<Option<Sealer>, IdentityError> {
        match self {
            Self::Central(central) => {
                let identity = central.identity_mut();
                Ok(identity.renew_sealing_keys(keys)?.then(|| identity.sealer()))
            }
            Self::Open311(_) => Ok(None),
        }
    }
}
