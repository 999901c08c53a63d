//! Lets tests that need PostgreSQL, Chromium, or the Python package `georeport`, be counted as ignored where there is
//! none.
//!
//! With `SPORTELLO_REQUIRE=all` they are never ignored, and fail instead.

#[path = "tests/it/find_chromium.rs"]
mod find_chromium;
#[path = "tests/it/find_postgres.rs"]
mod find_postgres;

use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(no_chromium, no_georeport, no_postgres)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=tests/it/find_chromium.rs");
    println!("cargo::rerun-if-changed=tests/it/find_postgres.rs");
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rerun-if-env-changed=PYTHONPATH");
    println!("cargo::rerun-if-env-changed=SPORTELLO_REQUIRE");
    let is_required = std::env::var("SPORTELLO_REQUIRE").is_ok_and(|what| what == "all");
    if !is_required && find_postgres::programs().is_none() {
        println!("cargo::rustc-cfg=no_postgres");
    }
    if !is_required && find_chromium::driver().is_none() {
        println!("cargo::rustc-cfg=no_chromium");
    }
    let import = Command::new("python3").args(["-c", "import georeport"]).output();
    if !is_required && !import.is_ok_and(|output| output.status.success()) {
        println!("cargo::rustc-cfg=no_georeport");
    }
}
