//! Signing in: the password, and the wait after wrong ones.
//!
//! Wrong passwords are counted for logins that do not exist as well, so that the wait tells nobody which ones do.
//! What was typed as login is kept as a digest only: people type passwords into the wrong field.

use super::{
    People, PeopleError, Person,
    lockout::{FORGOTTEN_AFTER_MS, wait_s},
    password, person_in,
    session::digest,
};
use crate::store::{FromStore, Sql as _, StoreError};

/// Somebody has signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// What the browser brings with each request. It exists nowhere else.
    pub token: String,
}

/// Why somebody did not get in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Login and password do not belong together.
    #[error("login and password do not belong together")]
    Wrong,
    /// There were too many wrong passwords.
    #[error("too many wrong passwords: the next try counts in {wait_s} seconds")]
    Locked {
        /// How long it still takes, in seconds.
        wait_s: u32,
    },
    /// It could not be found out.
    #[error("nobody can sign in at the moment")]
    People(#[from] PeopleError),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::People(error.into())
    }
}

impl FromStore for SignInError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::People(error) => error.store_error(),
            _ => None,
        }
    }
}

impl People {
    /// Checks the password and opens a session.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, SignInError> {
        let login = login.trim().to_lowercase();
        let counted_as = digest(login.as_bytes());
        // The attempt is counted before the password is looked at, so that trying many at once gains nothing.
        self.count_attempt(&counted_as).await?;
        let row = self
            .store
            .read()
            .one(
                "SELECT login, name, office, role, password FROM person WHERE authority = $1 AND login = $2",
                [self.authority.as_str().into(), login.into()],
            )
            .await?;
        let hash = row.as_ref().map(|row| row.read("password")).transpose()?;
        let fits = password::fits(password, hash).await?;
        let Some(row) = row.filter(|_| fits) else {
            tracing::info!("a sign-in was refused");
            return Err(SignInError::Wrong);
        };
        self.forget_attempts(&counted_as).await?;
        let person = person_in(&row)?;
        let token = self.open_session(&person.login).await?;
        Ok(SignedIn { person, token })
    }

    async fn count_attempt(&self, counted_as: &str) -> Result<(), SignInError> {
        let now_ms = self.now_ms();
        self.store
            .write(|transaction| async move {
                let row = transaction
                    .one(
                        "SELECT failures, last_at_ms, locked_until_ms FROM sign_in_failure \
                         WHERE authority = $1 AND login_digest = $2",
                        [self.authority.as_str().into(), counted_as.into()],
                    )
                    .await?;
                let (mut failures, last_at_ms, locked_until_ms) = match &row {
                    Some(row) => {
                        (row.number("failures")?, row.read("last_at_ms")?, row.read("locked_until_ms")?)
                    }
                    None => (0_u32, now_ms, 0_i64),
                };
                if locked_until_ms > now_ms {
                    let wait_ms = u64::try_from(locked_until_ms - now_ms).unwrap_or_default();
                    return Err(SignInError::Locked {
                        wait_s: u32::try_from(wait_ms.div_ceil(1_000)).unwrap_or(u32::MAX),
                    });
                }
                if now_ms.saturating_sub(last_at_ms) > FORGOTTEN_AFTER_MS {
                    failures = 0;
                }
                let failures = failures.saturating_add(1);
                let locked_until_ms = now_ms + i64::from(wait_s(failures)) * 1_000;
                transaction
                    .run(
                        "INSERT INTO sign_in_failure \
                         (authority, login_digest, failures, last_at_ms, locked_until_ms) \
                         VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (authority, login_digest) DO UPDATE SET failures = excluded.failures, \
                         last_at_ms = excluded.last_at_ms, locked_until_ms = excluded.locked_until_ms",
                        [
                            self.authority.as_str().into(),
                            counted_as.into(),
                            i64::from(failures).into(),
                            now_ms.into(),
                            locked_until_ms.into(),
                        ],
                    )
                    .await?;
                Ok(())
            })
            .await
    }

    /// Forgets the attempts of this login, and those of all others that are old.
    async fn forget_attempts(&self, counted_as: &str) -> Result<(), PeopleError> {
        let old_ms = self.now_ms() - FORGOTTEN_AFTER_MS;
        self.store
            .write(|transaction| async move {
                transaction
                    .run(
                        "DELETE FROM sign_in_failure \
                         WHERE authority = $1 AND (login_digest = $2 OR last_at_ms < $3)",
                        [self.authority.as_str().into(), counted_as.into(), old_ms.into()],
                    )
                    .await?;
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }
}
