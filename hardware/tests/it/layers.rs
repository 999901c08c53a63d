//! What is not in this crate.

use std::{fs, path::PathBuf};

/// Words of those who use the devices. No device knows them.
const FOREIGN_WORDS: [&str; 8] =
    ["ticket", "citizen", "receipt", "journey", "outbox", "sportello_wire", "slint", "protocol_number"];

/// All sources of the crate, without their comments.
fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                sources.push((path, code.collect::<Vec<_>>().join("\n").to_lowercase()));
            }
        }
    }
    assert!(sources.len() > 20);
    sources
}

#[test]
fn no_device_knows_who_uses_it_and_for_what() {
    for (path, code) in sources() {
        for word in FOREIGN_WORDS {
            assert!(!code.contains(word), "{word} in {}", path.display());
        }
    }
}

#[test]
fn one_file_knows_rppal() {
    let files: Vec<_> =
        sources().into_iter().filter(|(_, code)| code.contains("rppal::")).map(|(path, _)| path).collect();
    assert!(files.len() == 1 && files[0].ends_with("panel/rppal_pins.rs"), "{files:?}");
}
