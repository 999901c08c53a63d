//! Where randomness comes from. Tests give a known one.

use sportello_wire::code::TicketCode;
use uuid::Uuid;

/// Makes random bytes.
pub trait Random: Send + Sync {
    /// Fills the bytes.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system gives no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no randomness")]
pub struct RandomError(#[from] getrandom::Error);

/// The operating system's randomness.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        Ok(getrandom::fill(bytes)?)
    }
}

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Makes a text of `length` random characters of Crockford's base 32, five bits each.
pub fn base32(random: &dyn Random, length: usize) -> Result<String, RandomError> {
    let mut bytes = vec![0; length];
    random.fill(&mut bytes)?;
    let symbol = |byte: u8| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0'));
    Ok(bytes.into_iter().map(symbol).collect())
}

/// Makes a ticket code, for tickets that do not come from a kiosk.
pub fn ticket_code(random: &dyn Random) -> Result<TicketCode, RandomError> {
    let mut bytes = [0; 8];
    random.fill(&mut bytes)?;
    Ok(TicketCode::from_random(u64::from_le_bytes(bytes)))
}

/// Makes a random id (UUID version 4).
pub fn id(random: &dyn Random) -> Result<Uuid, RandomError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
