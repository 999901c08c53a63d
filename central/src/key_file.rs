//! The file of the key that opens submissions: 32 bytes as hex, readable by its owner only.
//!
//! It lies outside of the database, so that a stolen backup of the one tells nothing of the other.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sportello_wire::keys::OpeningKey;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or made.
    #[error("the key file {path} cannot be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the key file {path} holds no key")]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// Others may read the file.
    #[error("the key file {path} can be read by others: its mode has to be 600")]
    Permissions {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the key, or makes one if there is no file.
pub fn open(path: &Path) -> Result<OpeningKey, KeyFileError> {
    let failed = |source| KeyFileError::Io { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(text) => {
            check_permissions(path)?;
            let bytes = from_hex(text.trim());
            let key = bytes.and_then(|bytes| OpeningKey::from_bytes(&bytes).ok());
            key.ok_or_else(|| KeyFileError::Content { path: path.to_owned() })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = OpeningKey::generate();
            write_new(path, &to_hex(&key.to_bytes())).map_err(failed)?;
            tracing::info!(key = key.public().id(), "a key to open submissions with was made");
            Ok(key)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes beside the file first, so that it is there whole or not at all after a power cut.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut file = options.open(&beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    // Not renamed, because that would replace a key that another process has made meanwhile.
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    linked
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// What the group and everybody else may do.
#[cfg(unix)]
const FOR_OTHERS: u32 = 0o077;

#[cfg(unix)]
fn check_permissions(path: &Path) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).map_err(|source| KeyFileError::Io { path: path.to_owned(), source })?;
    if metadata.permissions().mode() & FOR_OTHERS == 0 {
        Ok(())
    } else {
        Err(KeyFileError::Permissions { path: path.to_owned() })
    }
}

#[cfg(not(unix))]
fn check_permissions(_path: &Path) -> Result<(), KeyFileError> {
    Ok(())
}
