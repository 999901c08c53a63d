//! The people who work at the desk: who they are, how they sign in, how long they stay.
//!
//! It knows logins, roles, passwords and sessions. It deliberately knows no page and no cookie, and it keeps
//! neither a password nor a session's token: only what is derived from them.

mod lockout;
mod password;
mod session;
mod sign_in;

use std::{collections::HashMap, fmt, str::FromStr, sync::Arc};

use crate::{
    clock::Clock,
    random::{Random, RandomError},
    store::{FromStore, Sql as _, Store, StoreError},
};

pub use lockout::{FIRST_WAIT_S, FREE_ATTEMPTS, LONGEST_WAIT_S};
pub use password::MIN_PASSWORD_CHARS;
pub use session::{ABSOLUTE_LIFE_S, IDLE_LIFE_S, MAX_SEARCH_CHARS, Session, form_token};
pub use sign_in::{SignInError, SignedIn};

/// The most characters of a login.
pub const MAX_LOGIN_CHARS: usize = 64;
/// The most characters of a name.
pub const MAX_NAME_CHARS: usize = 100;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads every ticket, works on those of the own office.
    Operator,
    /// Works on every ticket.
    Administrator,
}

impl Role {
    /// The stable name used in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Administrator => "administrator",
        }
    }
}

/// A text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is `operator` or `administrator`")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        [Self::Operator, Self::Administrator]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Somebody who works at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What is typed to sign in: lower-case letters, digits, `.`, `-` and `_`.
    pub login: String,
    /// The name as colleagues and citizens read it: "Marta R.".
    pub name: String,
    /// The office's code.
    pub office: String,
    /// What the person may do.
    pub role: Role,
}

impl Person {
    /// Whether the person may work on a ticket that `office` has. Everybody may read every ticket: it is one
    /// for the whole network.
    pub fn may_work_for(&self, office: &str) -> bool {
        self.role == Role::Administrator || self.office == office
    }
}

/// Why somebody cannot be added, or the people cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The login is empty, too long, or has characters that are hard to type.
    #[error("a login has 1 to {MAX_LOGIN_CHARS} lower-case letters, digits, dots, hyphens and underscores")]
    Login,
    /// Somebody has this login already.
    #[error("this login is taken")]
    LoginTaken,
    /// The name is empty or too long.
    #[error("a name has 1 to {MAX_NAME_CHARS} characters")]
    Name,
    /// The password is too short to be one.
    #[error("a password has at least {MIN_PASSWORD_CHARS} characters")]
    PasswordShort,
    /// The password is longer than anybody types.
    #[error("a password has at most {} characters", password::MAX_PASSWORD_CHARS)]
    PasswordLong,
    /// The password cannot be hashed.
    #[error("the password cannot be hashed")]
    Hash(#[source] argon2::password_hash::Error),
    /// The hashing was interrupted.
    #[error("the password's hashing was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
    /// There is no randomness.
    #[error("no salt or token can be made")]
    Random(#[from] RandomError),
    /// The database failed.
    #[error("the people cannot be read or written")]
    Store(#[from] StoreError),
}

impl FromStore for PeopleError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// The people of one authority.
#[derive(Clone)]
pub struct People {
    store: Store,
    authority: String,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl People {
    /// The people of `authority` in `store`.
    pub fn new(
        store: Store,
        authority: impl Into<String>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { store, authority: authority.into(), clock, random }
    }

    /// Adds somebody with a first password.
    pub async fn add(&self, person: &Person, password: &str) -> Result<(), PeopleError> {
        check_login(&person.login)?;
        if !(1..=MAX_NAME_CHARS).contains(&person.name.trim().chars().count()) {
            return Err(PeopleError::Name);
        }
        let hash = &password::hash(password, &*self.random).await?;
        let added_at_ms = self.clock.now().as_millisecond();
        self.store
            .write(|transaction| async move {
                let added = transaction
                    .run(
                        "INSERT INTO person (authority, login, name, office, role, password, added_at_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                        [
                            self.authority.as_str().into(),
                            person.login.as_str().into(),
                            person.name.trim().into(),
                            person.office.as_str().into(),
                            person.role.as_str().into(),
                            hash.as_str().into(),
                            added_at_ms.into(),
                        ],
                    )
                    .await?;
                if added == 1 { Ok(()) } else { Err(PeopleError::LoginTaken) }
            })
            .await?;
        tracing::info!(role = person.role.as_str(), "somebody was added to the people of the desk");
        Ok(())
    }

    /// Removes somebody and ends the sessions; false if there is nobody of this login. What was done stays under it.
    pub async fn remove(&self, login: &str) -> Result<bool, PeopleError> {
        let removed = self
            .store
            .write(|transaction| async move {
                let mut removed = 0;
                for sql in [
                    "DELETE FROM session WHERE authority = $1 AND login = $2",
                    "DELETE FROM person WHERE authority = $1 AND login = $2",
                ] {
                    removed = transaction.run(sql, [self.authority.as_str().into(), login.into()]).await?;
                }
                Ok::<_, StoreError>(removed)
            })
            .await?;
        if removed == 1 {
            tracing::info!("somebody was removed from the people of the desk");
        }
        Ok(removed == 1)
    }

    /// Finds somebody by login.
    pub async fn find(&self, login: &str) -> Result<Option<Person>, PeopleError> {
        let row = self
            .store
            .read()
            .one(
                "SELECT login, name, office, role FROM person WHERE authority = $1 AND login = $2",
                [self.authority.as_str().into(), login.into()],
            )
            .await?;
        Ok(row.as_ref().map(person_in).transpose()?)
    }

    /// The names of all by login, for pages that say who did something.
    pub async fn names(&self) -> Result<HashMap<String, String>, PeopleError> {
        let sql = "SELECT login, name FROM person WHERE authority = $1";
        let rows = self.store.read().all(sql, [self.authority.as_str().into()]).await?;
        Ok(rows
            .iter()
            .map(|row| Ok((row.read("login")?, row.read("name")?)))
            .collect::<Result<_, StoreError>>()?)
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }
}

fn person_in(row: &crate::store::Row) -> Result<Person, StoreError> {
    Ok(Person {
        login: row.read("login")?,
        name: row.read("name")?,
        office: row.read("office")?,
        role: row.parse("role")?,
    })
}

fn check_login(login: &str) -> Result<(), PeopleError> {
    let fits = (1..=MAX_LOGIN_CHARS).contains(&login.len());
    let typeable = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    if fits && login.bytes().all(typeable) { Ok(()) } else { Err(PeopleError::Login) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_works_for_the_own_office_and_an_administrator_for_all() {
        let mut person = Person {
            login: "marta".to_owned(),
            name: "Marta R.".to_owned(),
            office: "urp".to_owned(),
            role: Role::Operator,
        };
        assert!(person.may_work_for("urp"));
        assert!(!person.may_work_for("lavori-pubblici"));
        person.role = Role::Administrator;
        assert!(person.may_work_for("lavori-pubblici"));
    }

    #[test]
    fn a_login_is_easy_to_type() {
        assert!(check_login("marta.rossi-2").is_ok());
        for login in ["", "Marta", "marta rossi", "màrta", &"a".repeat(MAX_LOGIN_CHARS + 1)] {
            assert!(matches!(check_login(login), Err(PeopleError::Login)), "{login}");
        }
    }
}
