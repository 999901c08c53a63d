//! What is never so, read from the sources.

use std::{fs, path::Path};

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "sql") {
            let text = fs::read_to_string(&path).expect("a file");
            // White space and continued lines must not hide anything.
            let text =
                text.replace('\\', " ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            found.push((path.display().to_string(), text));
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

#[test]
fn nothing_changes_or_removes_an_event_or_an_entry_of_the_register() {
    let mut inserts = 0;
    for (path, text) in all_sources() {
        for table in ["ticket_event", "register_entry"] {
            for change in ["update", "delete from", "drop table", "truncate", "insert or replace into"] {
                assert!(!text.contains(&format!("{change} {table}")), "{path} has {change} {table}");
            }
            for insert in text.split(&format!("insert into {table} ")).skip(1) {
                inserts += 1;
                let statement = insert.split([';', '"']).next().unwrap_or_default();
                assert!(!statement.contains("on conflict"), "{path} may replace a row of {table}");
            }
        }
    }
    assert_eq!(inserts, 2, "one statement appends to each table");
}

#[test]
fn the_sql_is_what_distributed_engines_take_as_well() {
    for (path, text) in all_sources() {
        let is_sql = Path::new(&path).extension().is_some_and(|extension| extension == "sql");
        for word in ["serial", "autoincrement", "create trigger", "create sequence", "references ", "jsonb"] {
            assert!(!(is_sql && text.contains(word)), "{path} has {word}");
        }
        for word in ["pg_advisory", "listen ", "notify ", "lock table", "for update"] {
            assert!(
                !(text.contains(&format!("\"{word}")) || is_sql && text.contains(word)),
                "{path} has {word}"
            );
        }
        for table in text.split("create table ").skip(1).filter(|_| is_sql) {
            let name = table.split(' ').next().unwrap_or_default();
            let columns = table.split(");").next().unwrap_or_default();
            let mut keys = columns.split("primary key (").skip(1).chain(columns.split("unique (").skip(1));
            let is_alone = table.contains("( authority text not null primary key");
            assert!(is_alone || keys.all(|key| key.starts_with("authority")), "{path}: the key of {name}");
        }
    }
}
