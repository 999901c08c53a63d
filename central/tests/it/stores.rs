//! The store itself: starting, durability, and transactions that lose against each other.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait as _, Statement};
use sportello_central::{
    random::SystemRandom,
    store::{Store, StoreError},
};
use tokio::sync::Barrier;

use crate::{
    on_both_databases,
    town::{AUTHORITY, Town, street},
};

on_both_databases!(
    a_database_of_a_later_version_is_refused,
    centrals_that_start_at_once_on_an_empty_database_all_start,
    what_fails_in_a_transaction_leaves_nothing_behind,
    a_transaction_whose_caller_goes_away_is_undone_and_holds_up_nobody,
    transactions_that_wait_for_each_other_are_done_again,
);

async fn open(address: &str) -> Result<Store, StoreError> {
    Store::open(address, Arc::new(SystemRandom)).await
}

async fn number(store: &Store, sql: &str) -> i64 {
    let statement = Statement::from_string(store.read().get_database_backend(), sql);
    let row = store.read().query_one_raw(statement).await.expect("read").expect("a row");
    row.try_get("", "number").expect("a number")
}

async fn a_database_of_a_later_version_is_refused(town: Town) {
    let later = "INSERT INTO schema_migration (version, name) VALUES (9999, 'of tomorrow')";
    town.state.store.read().execute_unprepared(later).await.expect("written");
    assert!(matches!(open(&town.config.database).await, Err(StoreError::Later { version: 9999 })));
}

async fn centrals_that_start_at_once_on_an_empty_database_all_start(town: Town) {
    let empty = if town.config.database.starts_with("sqlite:") {
        format!("sqlite:{}", town.folder.path().join("empty.db").display())
    } else {
        crate::postgres::database().await
    };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let empty = empty.clone();
        tasks.spawn(async move { open(&empty).await.map(drop) });
    }
    for started in tasks.join_all().await {
        started.expect("started");
    }
}

async fn what_fails_in_a_transaction_leaves_nothing_behind(town: Town) {
    let failed: Result<(), StoreError> = town
        .state
        .store
        .write(|transaction| async move {
            transaction.execute_unprepared("DELETE FROM catalogue_entry").await?;
            Err(StoreError::Address)
        })
        .await;
    failed.expect_err("the work's own error");
    let sql = "SELECT COUNT(*) AS number FROM catalogue_entry";
    assert_eq!(number(&town.state.store, sql).await, 9);
}

async fn a_transaction_whose_caller_goes_away_is_undone_and_holds_up_nobody(town: Town) {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (store, begun) = (town.state.store.clone(), std::sync::Mutex::new(Some(begun)));
    let caller = tokio::spawn(async move {
        let begun = &begun;
        store
            .write(|transaction| async move {
                transaction.execute_unprepared("DELETE FROM catalogue_entry").await?;
                if let Some(begun) = begun.lock().expect("the sender").take() {
                    begun.send(()).expect("somebody waits");
                }
                std::future::pending::<Result<(), StoreError>>().await
            })
            .await
    });
    has_begun.await.expect("it has begun");
    caller.abort();
    caller.await.expect_err("it was aborted");
    town.state.catalogue.put(AUTHORITY, &[street("Via Nuova", "Nord")]).await.expect("put");
    let sql = "SELECT COUNT(*) AS number FROM catalogue_entry";
    assert_eq!(number(&town.state.store, sql).await, 10);
}

/// Each locks its own row first and the other's then. PostgreSQL ends one of the two; SQLite lets them
/// in one after the other.
async fn transactions_that_wait_for_each_other_are_done_again(town: Town) {
    let store = town.state.store.clone();
    let seed = "INSERT INTO register_counter (authority, year, last_number) VALUES ('a', 1, 0), ('b', 1, 0)";
    store.read().execute_unprepared(seed).await.expect("two rows");
    // A second store, as in a second program: the turn that writers of one store wait for is not shared.
    let other = open(&town.config.database).await.expect("a second store");
    let barrier = Arc::new(Barrier::new(2));
    let mut tasks = tokio::task::JoinSet::new();
    for (store, order) in [(store.clone(), ["a", "b"]), (other, ["b", "a"])] {
        let barrier = barrier.clone();
        tasks.spawn(async move {
            let barrier = &barrier;
            store
                .write(|transaction| async move {
                    for (at, row) in order.iter().enumerate() {
                        let sql = format!("UPDATE register_counter SET last_number = last_number + 1 WHERE authority = '{row}'");
                        transaction.execute_unprepared(&sql).await?;
                        if at == 0 {
                            // Both have their first row now, or the database lets only one of them in.
                            let _ = tokio::time::timeout(Duration::from_millis(300), barrier.wait()).await;
                        }
                    }
                    Ok::<_, StoreError>(())
                })
                .await
        });
    }
    for done in tasks.join_all().await {
        done.expect("done, if need be at the second try");
    }
    let sql = "SELECT MIN(last_number) AS number FROM register_counter";
    assert_eq!(number(&store, sql).await, 2);
}

#[tokio::test]
async fn sqlite_keeps_what_it_has_confirmed() {
    let town = Town::on_sqlite().await;
    for (pragma, expected) in [("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1")] {
        let backend = town.state.store.read().get_database_backend();
        let statement = Statement::from_string(backend, format!("PRAGMA {pragma}"));
        let row = town.state.store.read().query_one_raw(statement).await.expect("read").expect("a row");
        let value = row.try_get_by_index::<i64>(0).map(|value| value.to_string());
        let value = value.or_else(|_| row.try_get_by_index::<String>(0)).expect("a value");
        assert_eq!(value, expected, "{pragma}");
    }
}
