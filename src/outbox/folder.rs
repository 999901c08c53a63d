//! The folder in which the outbox lives: whether it outlives a restart, and whether it has space left.
//!
//! A read-only or A/B system image may fall back to memory without a word; a queue there would be lost at the
//! next power cut. So the mount table is read, not trusted.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

use super::error::OutboxError;

/// Linux' mount table.
pub const MOUNTS: &str = "/proc/mounts";
/// How many bytes are kept aside, so that a full disk can still note what was delivered.
pub(super) const RESERVE_BYTES: usize = 8 * 1024 * 1024;
const RESERVE_FILE: &str = "reserve";

/// Whether a folder outlives a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persistence {
    /// As far as the mount table tells.
    Lasting,
    /// It lives in memory, or on a layer that is dropped.
    Volatile {
        /// The file system's type: `tmpfs`, `overlay`.
        kind: String,
    },
}

/// Says whether `folder` (absolute, links resolved) outlives a restart, given the text of [`MOUNTS`].
///
/// Where nothing is known (no mount table, no fitting line) the folder counts as lasting: other
/// systems than Linux are for development.
pub fn persistence(mounts: &str, folder: &Path) -> Persistence {
    let nearest = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((PathBuf::from(unescape(fields.next()?)), fields.next()?))
        })
        .filter(|(point, _)| folder.starts_with(point))
        // The last of equals covers the others.
        .max_by_key(|(point, _)| point.components().count());
    match nearest {
        Some((_, kind @ ("tmpfs" | "ramfs" | "rootfs" | "overlay" | "aufs" | "squashfs"))) => {
            Persistence::Volatile { kind: kind.to_owned() }
        }
        _ => Persistence::Lasting,
    }
}

/// Undoes the mount table's octal escapes of blanks: `\040`.
fn unescape(field: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .into_iter()
        .fold(field.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// How many bytes the program may still write in the folder.
pub(super) fn free_bytes(folder: &Path) -> Result<u64, OutboxError> {
    let status =
        rustix::fs::statvfs(folder).map_err(std::io::Error::from).map_err(OutboxError::file(folder))?;
    Ok(status.f_bavail.saturating_mul(status.f_frsize))
}

/// Puts space aside, if it is not there yet and the disk has it. A failure is no error: the reserve is a help.
pub(super) fn keep_reserve(folder: &Path) {
    let path = folder.join(RESERVE_FILE);
    let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let enough = |free: u64| free >= 4 * RESERVE_BYTES as u64;
    if size >= RESERVE_BYTES as u64 || !free_bytes(folder).is_ok_and(enough) {
        return;
    }
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; RESERVE_BYTES])?;
        file.sync_all()
    });
    if written.is_err() {
        release_reserve(folder);
    }
}

/// Gives the reserve's space back to the file system.
pub(super) fn release_reserve(folder: &Path) -> bool {
    fs::remove_file(folder.join(RESERVE_FILE)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = "overlay / overlay rw 0 0\n\
        tmpfs /run tmpfs rw 0 0\n\
        /dev/mmcblk0p5 /var/lib/my\\040data ext4 rw,noatime 0 0\n\
        tmpfs /var/lib/my\\040data/scratch tmpfs rw 0 0\n";

    #[test]
    fn only_the_nearest_mount_decides_whether_a_folder_outlives_a_restart() {
        let at = |folder: &str| persistence(IMAGE, Path::new(folder));
        assert_eq!(at("/var/lib/my data/outbox"), Persistence::Lasting);
        assert_eq!(at("/var/lib/my database"), Persistence::Volatile { kind: "overlay".into() });
        assert_eq!(at("/var/lib/my data/scratch"), Persistence::Volatile { kind: "tmpfs".into() });
        assert_eq!(at("/run/sportello"), Persistence::Volatile { kind: "tmpfs".into() });
    }

    #[test]
    fn a_folder_of_which_nothing_is_known_counts_as_lasting() {
        assert_eq!(persistence("", Path::new("/anywhere")), Persistence::Lasting);
    }

    #[test]
    fn the_reserve_takes_its_space_and_gives_it_back() {
        let folder = tempfile::tempdir().expect("a folder");
        keep_reserve(folder.path());
        let kept = fs::metadata(folder.path().join(RESERVE_FILE)).expect("a file").len();
        assert_eq!(kept, RESERVE_BYTES as u64);
        assert!(release_reserve(folder.path()));
        assert!(!release_reserve(folder.path()));
    }
}
