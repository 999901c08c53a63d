//! One kiosk, one data folder: a second program on it is refused.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

const LOCK_FILE: &str = "lock";

/// Holds the data folder; lets it go when dropped, or when the program dies.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// It cannot be made or written.
    #[error("the data folder {path} cannot be used")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another program uses it.
    #[error("another kiosk is already running on the data folder {0}")]
    Taken(PathBuf),
    /// There is no user's data folder, and none was given.
    #[error("no data folder is known: set SPORTELLO_DATA")]
    Unknown,
}

impl DataFolder {
    /// Takes the folder; makes it if it is not there. Only its owner can look into a folder made here.
    pub fn take(path: &Path) -> Result<Self, DataFolderError> {
        let unusable = |source| DataFolderError::Unusable { path: path.to_owned(), source };
        make(path).map_err(unusable)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK_FILE))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::Taken(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn make(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The user's data folder for Sportello.
pub fn default_folder() -> Result<PathBuf, DataFolderError> {
    directories::ProjectDirs::from("", "", "sportello")
        .map(|folders| folders.data_dir().to_owned())
        .ok_or(DataFolderError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_and_free_again_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let held = DataFolder::take(&path).unwrap();
        assert!(matches!(DataFolder::take(&path), Err(DataFolderError::Taken(_))));
        drop(held);
        assert!(DataFolder::take(&path).is_ok());
    }
}
