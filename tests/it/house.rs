//! What is never so, read from the sources: the layers, the module pages, the size of files.

use std::{
    fs,
    path::{Path, PathBuf},
};

const MAX_LINES: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found
}

fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in folders {
        let path = root().join(folder);
        let files = if path.is_file() { vec![path] } else { files_below(&path, "rs") };
        for file in files {
            let name = file.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&file).unwrap()));
        }
    }
    assert!(!found.is_empty(), "nothing to read below {folders:?}");
    found
}

/// The code of a file without comments and without its tests at the bottom.
fn code(text: &str) -> String {
    let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn none_of(folders: &[&str], words: &[&str]) {
    for (name, text) in sources(folders) {
        let code = code(&text);
        for word in words {
            assert!(!code.contains(word), "{name} knows {word}");
        }
    }
}

#[test]
fn the_journey_knows_no_clock_no_disk_no_network_and_no_screen() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::thread",
        "std::env",
        "Instant",
        "SystemTime",
        "Timestamp::now",
        "rusqlite",
        "tokio",
        "slint",
        "sportello_ui",
        "sportello_hardware",
        "getrandom",
        "ureq",
        "new_v4",
        "now_v7",
    ];
    let folder = sources(&["src/journey"]);
    for (name, text) in folder.iter().filter(|(name, _)| !name.ends_with("tests.rs")) {
        for word in forbidden {
            assert!(!code(text).contains(word), "{name} knows {word}");
        }
    }
}

#[test]
fn the_wire_and_the_schedule_do_no_input_or_output() {
    let forbidden =
        ["std::fs", "std::net", "std::thread", "Timestamp::now", "Instant::now", "tokio", "rusqlite", "ureq"];
    none_of(&["wire/src", "src/outbox/schedule.rs"], &forbidden);
}

#[test]
fn only_the_face_the_mirror_and_what_starts_them_know_slint() {
    for (name, text) in sources(&["src"]) {
        let may = ["src/face/", "src/mirror/", "src/run.rs"].iter().any(|part| name.starts_with(part));
        for word in ["slint::", "sportello_ui"] {
            assert!(may || !code(&text).contains(word), "{name} knows {word}");
        }
    }
    for name in ["hardware", "wire", "central"] {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("slint") && !manifest.contains("sportello-ui"), "{name}");
    }
}

#[test]
fn only_sync_speaks_http_outwards_and_only_the_mirror_serves_it() {
    for (name, text) in sources(&["src"]) {
        let code = code(&text);
        assert!(name.starts_with("src/sync/") || !code.contains("ureq"), "{name} speaks HTTP");
        let serves = code.contains("axum") || code.contains("TcpListener");
        assert!(name.starts_with("src/mirror/") || name == "src/sync/testing.rs" || !serves, "{name} serves");
    }
}

#[test]
fn one_file_knows_rppal_and_the_hardware_knows_no_citizen() {
    let knowing: Vec<_> = sources(&["hardware/src", "src", "wire/src", "central/src"])
        .into_iter()
        .filter(|(_, text)| code(text).contains("rppal::"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(knowing.len(), 1, "{knowing:?}");
    let words = ["sportello_wire", "Ticket", "ticket", "citizen", "Citizen", "journey"];
    none_of(&["hardware/src"], &words);
    let manifest = fs::read_to_string(root().join("ui/Cargo.toml")).unwrap();
    assert!(
        !manifest.contains("sportello-hardware") && !manifest.contains("sportello-wire"),
        "ui knows a device"
    );
}

#[test]
fn every_module_says_what_it_is() {
    let folders = ["src", "ui/src", "hardware/src", "wire/src", "central/src", "tests", "benches"];
    for (name, text) in sources(&folders) {
        assert!(text.starts_with("//!"), "{name} begins without a page about itself");
    }
}

#[test]
fn no_file_is_too_long_to_be_one_idea() {
    let folders = ["src", "ui", "hardware/src", "wire/src", "central/src", "tests"];
    for folder in folders {
        for extension in ["rs", "slint"] {
            for file in files_below(&root().join(folder), extension) {
                let lines = fs::read_to_string(&file).unwrap().lines().count();
                assert!(lines <= MAX_LINES, "{} has {lines} lines", file.display());
            }
        }
    }
}

#[test]
fn nothing_that_may_stand_in_a_log_holds_a_citizens_words_or_code() {
    // What logs may name of a submission is its id; everything else that a citizen typed or was given stays out.
    let private =
        ["words", "contact", "email", "phone", "query", "%code", "?code", "%place", "?place", "?submission"];
    for (name, text) in sources(&["src", "central/src"]) {
        let code = code(&text);
        for macro_name in ["error!", "warn!", "info!", "debug!", "trace!"] {
            for call in code.split(macro_name).skip(1) {
                let call = call.split(");").next().unwrap_or_default();
                let arguments: Vec<_> = call.split('"').step_by(2).collect();
                for word in private {
                    assert!(!arguments.iter().any(|part| part.contains(word)), "{name} logs {word}: {call}");
                }
            }
        }
    }
}
