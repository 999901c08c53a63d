//! The central from outside: its stores, its tickets, its APIs.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

mod browser;
mod catalogue;
mod chromium;
mod client;
mod command_line;
mod enrolment;
mod find_chromium;
mod find_postgres;
mod intake;
#[cfg(unix)]
mod killed;
mod kiosk_api;
mod layers;
mod open311;
mod people;
mod postgres;
mod public;
mod register;
mod staff;
mod stores;
mod tickets;
mod town;

/// Runs a test on SQLite and on PostgreSQL, each with a small town of its own.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(crate::town::Town::on_sqlite().await).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(no_postgres, ignore = "skipped: PostgreSQL is not here")]
                async fn $name() {
                    super::$name(crate::town::Town::on_postgres().await).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_databases;
