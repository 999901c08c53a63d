//! Where PostgreSQL's programs are, if they are anywhere. Shared with the build script.

use std::{env, fs, path::PathBuf};

/// Where Debian keeps the programs, one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder that holds `initdb` and `pg_ctl`.
pub(crate) fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let versions =
        fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    env::split_paths(&path)
        .chain(versions)
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}
