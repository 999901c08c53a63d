//! Passwords, as Argon2id (OWASP's second choice of parameters: 19 MiB, two passes, one lane).
//!
//! Hashing takes long and much memory on purpose, so it is done beside the threads that answer requests, and
//! only [`MAX_AT_ONCE`] at a time.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error, PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use super::PeopleError;
use crate::random::Random;

/// The fewest characters of a password (NIST SP 800-63B: 8 at least; an own tool may ask for more).
pub const MIN_PASSWORD_CHARS: usize = 10;
/// The most characters of a password: longer ones only make the machine work.
pub(super) const MAX_PASSWORD_CHARS: usize = 200;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// The most passwords that are hashed at once; others wait. Each takes [`MEMORY_KIB`], and anybody may try to sign
/// in: without this limit many tries at once would take all the memory of the machine, with it 57 MiB.
const MAX_AT_ONCE: usize = 3;

/// One for the whole program, as its memory is.
static HASHING: Semaphore = Semaphore::const_new(MAX_AT_ONCE);

/// A hash that no password has, checked when there is no such login, so that both take equally long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c3BvcnRlbGxvLW5vYm9keQ\
                      $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a new password with a fresh salt, as a PHC string.
pub(super) async fn hash(password: &str, random: &dyn Random) -> Result<String, PeopleError> {
    let chars = password.chars().count();
    if chars < MIN_PASSWORD_CHARS {
        return Err(PeopleError::PasswordShort);
    }
    if chars > MAX_PASSWORD_CHARS {
        return Err(PeopleError::PasswordLong);
    }
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt)?;
    let password = password.to_owned();
    let hash: Result<PasswordHash, Error> = beside(move || {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::from)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(password.as_bytes(), &salt)
    })
    .await?;
    Ok(hash.map_err(PeopleError::Hash)?.to_string())
}

/// Whether `password` is the one that was hashed. Without a hash it takes as long and is never so.
pub(super) async fn fits(password: &str, hash: Option<String>) -> Result<bool, PeopleError> {
    if password.chars().count() > MAX_PASSWORD_CHARS {
        return Ok(false);
    }
    let (password, known) = (password.to_owned(), hash.is_some());
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    let verified =
        beside(move || Argon2::default().verify_password(password.as_bytes(), hash.as_str())).await?;
    match verified {
        Ok(()) => Ok(known),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(PeopleError::Hash(error)),
    }
}

/// Hashes when it is its turn, on a thread of its own.
async fn beside<T: Send + 'static>(hashing: impl FnOnce() -> T + Send + 'static) -> Result<T, PeopleError> {
    // It is never closed, so there is always a turn.
    let turn = HASHING.acquire().await.ok();
    let done = tokio::task::spawn_blocking(move || {
        // Kept by the thread: who asked may be gone before it has finished, the memory is not.
        let _turn = turn;
        hashing()
    });
    Ok(done.await?)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::random::SystemRandom;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let hashed = hash("una parola lunga", &SystemRandom).await.expect("it is long enough");
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(fits("una parola lunga", Some(hashed.clone())).await.expect("it can be checked"));
        assert!(!fits("una parola Lunga", Some(hashed)).await.expect("it can be checked"));
        assert!(!fits("una parola lunga", None).await.expect("nobody's hash can be read"));
    }

    #[tokio::test]
    async fn however_many_sign_in_only_a_few_passwords_are_hashed_at_once() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        static FULL: Barrier = Barrier::new(MAX_AT_ONCE);
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..8 * MAX_AT_ONCE {
            all.spawn(beside(|| {
                MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                FULL.wait();
                NOW.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        let done = all.join_all().await;
        assert!(done.len() == 8 * MAX_AT_ONCE && done.iter().all(Result::is_ok), "{done:?}");
        assert!(MOST.load(Ordering::SeqCst) <= MAX_AT_ONCE, "{MOST:?} at once");
    }

    #[tokio::test]
    async fn a_password_that_is_none_is_refused() {
        assert!(matches!(hash("corta", &SystemRandom).await, Err(PeopleError::PasswordShort)));
        let long = "a".repeat(MAX_PASSWORD_CHARS + 1);
        assert!(matches!(hash(&long, &SystemRandom).await, Err(PeopleError::PasswordLong)));
    }
}
