//! The catalogue: what kiosks learn of a change.

use sportello_central::knowledge::catalogue::{Changed, MAX_CHANGES};
use sportello_wire::catalogue::{CatalogueDelta, Change, Entry, EntryType};

use crate::{
    on_both_databases,
    town::{AUTHORITY, Town, street},
};

on_both_databases!(
    a_kiosk_gets_everything_once_and_then_only_changes,
    a_great_catalogue_comes_in_parts,
    a_cursor_of_another_database_starts_anew,
    two_imports_at_once_both_reach_the_kiosks,
);

async fn delta(town: &Town, cursor: &str) -> CatalogueDelta {
    town.state.catalogue.delta(AUTHORITY, cursor).await.expect("a delta")
}

async fn a_kiosk_gets_everything_once_and_then_only_changes(town: Town) {
    let catalogue = &town.state.catalogue;
    let all = delta(&town, "").await;
    assert_eq!((all.changes.len(), all.reset, all.more), (9, true, false));
    let nothing = delta(&town, &all.cursor).await;
    assert_eq!((nothing.changes.len(), nothing.reset, &nothing.cursor), (0, false, &all.cursor));

    let same =
        catalogue.put(AUTHORITY, &[street("Via Po", "Nord"), street("Via Po", "Sud")]).await.expect("put");
    assert_eq!(same, Changed { put: 1, same: 1 });
    assert!(catalogue.remove(AUTHORITY, EntryType::Street, "Via Dante").await.expect("removed"));
    assert!(!catalogue.remove(AUTHORITY, EntryType::Street, "Via Dante").await.expect("gone already"));
    let changes = delta(&town, &all.cursor).await;
    assert!(!changes.reset);
    assert_eq!(
        changes.changes,
        [
            Change::Put { item: street("Via Po", "Sud") },
            Change::Remove { entry_type: EntryType::Street, key: "Via Dante".into() }
        ]
    );
    let streets = catalogue.entries(AUTHORITY, EntryType::Street).await.expect("streets");
    assert_eq!(streets, [street("Via Po", "Sud")]);
    assert_eq!(catalogue.entry(AUTHORITY, EntryType::Street, "Via Dante").await.expect("read"), None);

    catalogue.put(AUTHORITY, &[street("Via Dante", "Centro")]).await.expect("put again");
    let back = delta(&town, &changes.cursor).await;
    assert_eq!(back.changes, [Change::Put { item: street("Via Dante", "Centro") }]);
}

async fn a_great_catalogue_comes_in_parts(town: Town) {
    let streets: Vec<Entry> = (0..1_000).map(|number| street(&format!("Via {number}"), "Nord")).collect();
    town.state.catalogue.put(AUTHORITY, &streets).await.expect("put");
    let (mut cursor, mut parts) = (String::new(), Vec::new());
    loop {
        let part = delta(&town, &cursor).await;
        assert_eq!(part.reset, cursor.is_empty());
        parts.push(part.changes.len());
        cursor = part.cursor;
        if !part.more {
            break;
        }
    }
    assert_eq!(parts, [MAX_CHANGES, MAX_CHANGES, 9]);
}

async fn a_cursor_of_another_database_starts_anew(town: Town) {
    for unknown in ["nonsense", "0123:4", ":", "other:instance:3"] {
        assert!(delta(&town, unknown).await.reset, "{unknown}");
    }
    let all = delta(&town, "").await;
    let ahead = format!("{}9", all.cursor);
    assert!(delta(&town, &ahead).await.reset);
    let nowhere = town.state.catalogue.delta("altrove.example.it", &all.cursor).await.expect("a delta");
    assert_eq!((nowhere.reset, nowhere.changes.len()), (true, 0));
}

async fn two_imports_at_once_both_reach_the_kiosks(town: Town) {
    let before = delta(&town, "").await.cursor;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4 {
        let catalogue = town.state.catalogue.clone();
        tasks.spawn(async move {
            for number in 0..20 {
                catalogue
                    .put(AUTHORITY, &[street(&format!("Via {task}/{number}"), "Nord")])
                    .await
                    .expect("put");
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(delta(&town, &before).await.changes.len(), 80);
}
