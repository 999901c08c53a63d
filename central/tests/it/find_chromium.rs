//! Where Chromium's driver is, if it is anywhere. Shared with the build script.

use std::{env, path::PathBuf};

/// The program that drives Chromium by the WebDriver protocol.
pub(crate) fn driver() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join("chromedriver")).find(|program| program.is_file())
}
