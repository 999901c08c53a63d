//! Sessions: a random token in the browser, only its SHA-256 in the database.
//!
//! A session ends 30 minutes after its last use, 12 hours after it was opened, and when the person signs out.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{People, PeopleError, Person, person_in};
use crate::store::{Sql as _, StoreError};

/// How long a session lives without being used, in seconds.
pub const IDLE_LIFE_S: i64 = 30 * 60;
/// How long a session lives at all, in seconds.
pub const ABSOLUTE_LIFE_S: i64 = 12 * 60 * 60;
/// The most characters of a search that a session keeps.
pub const MAX_SEARCH_CHARS: usize = 200;
/// How exactly the last use is kept, in milliseconds: reading pages should not mean writing to the disk.
const USE_GRAIN_MS: i64 = 60_000;
const TOKEN_BYTES: usize = 32;

/// Somebody who has signed in, with what belongs to the visit.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub person: Person,
    /// What every form carries, so that no other site can send it. Derived from the token.
    pub form_token: String,
    /// The last search. It is kept here because words to search for may be somebody's name, and those do not belong
    /// in an address.
    pub search: String,
    digest: String,
}

impl Session {
    /// Whether a form carries what it has to. Digests are compared, so that the time taken tells nothing.
    pub fn sent(&self, form_token: &str) -> bool {
        digest(form_token.as_bytes()) == digest(self.form_token.as_bytes())
    }
}

impl People {
    /// Makes a token: 256 random bits in hexadecimal.
    pub fn new_token(&self) -> Result<String, PeopleError> {
        let mut bytes = [0; TOKEN_BYTES];
        self.random.fill(&mut bytes)?;
        Ok(hexadecimal(&bytes))
    }

    /// Opens a session and returns its token.
    pub(super) async fn open_session(&self, login: &str) -> Result<String, PeopleError> {
        let token = self.new_token()?;
        let digest = &digest(token.as_bytes());
        let now_ms = self.now_ms();
        self.store
            .write(|transaction| async move {
                // Sessions that have ended by themselves are removed when the next one begins.
                transaction
                    .run(
                        "DELETE FROM session WHERE authority = $1 AND (used_at_ms < $2 OR opened_at_ms < $3)",
                        [
                            self.authority.as_str().into(),
                            (now_ms - IDLE_LIFE_S * 1_000).into(),
                            (now_ms - ABSOLUTE_LIFE_S * 1_000).into(),
                        ],
                    )
                    .await?;
                transaction
                    .run(
                        "INSERT INTO session (authority, digest, login, opened_at_ms, used_at_ms, search) \
                         VALUES ($1, $2, $3, $4, $4, '')",
                        [self.authority.as_str().into(), digest.as_str().into(), login.into(), now_ms.into()],
                    )
                    .await?;
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(token)
    }

    /// Finds the living session of a token, and notes that it was used.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, PeopleError> {
        let digest = digest(token.as_bytes());
        let now_ms = self.now_ms();
        let row = self
            .store
            .read()
            .one(
                "SELECT p.login AS login, p.name AS name, p.office AS office, p.role AS role, \
                 s.used_at_ms AS used_at_ms, s.search AS search \
                 FROM session s JOIN person p ON p.authority = s.authority AND p.login = s.login \
                 WHERE s.authority = $1 AND s.digest = $2 AND s.used_at_ms >= $3 AND s.opened_at_ms >= $4",
                [
                    self.authority.as_str().into(),
                    digest.as_str().into(),
                    (now_ms - IDLE_LIFE_S * 1_000).into(),
                    (now_ms - ABSOLUTE_LIFE_S * 1_000).into(),
                ],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        if now_ms - row.read::<i64>("used_at_ms")? >= USE_GRAIN_MS {
            let sql = "UPDATE session SET used_at_ms = $3 WHERE authority = $1 AND digest = $2";
            self.change(sql, &digest, now_ms.into()).await?;
        }
        Ok(Some(Session {
            person: person_in(&row)?,
            form_token: form_token(token),
            search: row.read("search")?,
            digest,
        }))
    }

    /// Keeps what was searched for, cut to [`MAX_SEARCH_CHARS`].
    pub async fn keep_search(&self, session: &Session, search: &str) -> Result<(), PeopleError> {
        let search: String = search.trim().chars().take(MAX_SEARCH_CHARS).collect();
        let sql = "UPDATE session SET search = $3 WHERE authority = $1 AND digest = $2";
        self.change(sql, &session.digest, search.into()).await
    }

    /// Ends a session at once.
    pub async fn sign_out(&self, session: &Session) -> Result<(), PeopleError> {
        let sql = "DELETE FROM session WHERE authority = $1 AND digest = $2 AND login = $3";
        self.change(sql, &session.digest, session.person.login.as_str().into()).await
    }

    async fn change(&self, sql: &str, digest: &str, value: sea_orm::Value) -> Result<(), PeopleError> {
        let value = &value;
        self.store
            .write(|transaction| async move {
                transaction.run(sql, [self.authority.as_str().into(), digest.into(), value.clone()]).await?;
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }
}

/// What forms carry beside a token in a cookie: a digest of it for this purpose only.
pub fn form_token(token: &str) -> String {
    digest(format!("sportello form {token}").as_bytes())
}

/// SHA-256 in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_forms_carry_tells_neither_the_token_nor_what_the_database_keeps() {
        let token = "0".repeat(64);
        assert_ne!(form_token(&token), digest(token.as_bytes()));
        assert!(!form_token(&token).contains(&token));
        assert_eq!(digest(b"").len(), 64);
    }
}
