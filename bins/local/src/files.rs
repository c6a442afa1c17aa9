//! Files that are whole or not there, with the owner they shall have from the start.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{ErrorKind, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown, lchown},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::fault::{During as _, Fault};

/// An owner: user and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// Root itself.
pub(crate) const ROOT: Owner = Owner { uid: 0, gid: 0 };

/// A directory with this owner and mode, whose parent exists. Never for directories in a tenant's own.
pub(crate) fn ensure_dir(path: &Path, mode: u32, owner: Owner) -> Result<(), Fault> {
    let what = || format!("make the directory {}", path.display());
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error).during(&what()),
        Ok(()) | Err(_) => {}
    }
    if !fs::symlink_metadata(path).during(&what())?.is_dir() {
        return Err(Fault::failed(format!("{} is not a directory", path.display())));
    }
    chown(path, Some(owner.uid), Some(owner.gid)).during(&what())?;
    fs::set_permissions(path, Permissions::from_mode(mode)).during(&what())
}

/// Writes a file beside its place, with owner and mode, and puts it there in one step.
pub(crate) fn write(path: &Path, text: &str, (mode, owner): (u32, Owner)) -> Result<(), Fault> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let what = format!("write {}", path.display());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_file_name(format!(".{name}.{}-{number}", std::process::id()));
    let written = fill(&beside, text, (mode, owner)).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.during(&what)
}

fn fill(path: &Path, text: &str, (mode, owner): (u32, Owner)) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    chown(path, Some(owner.uid), Some(owner.gid))?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// Writes a file only if it would differ. Whether it did.
pub(crate) fn write_if_different(path: &Path, text: &str, how: (u32, Owner)) -> Result<bool, Fault> {
    if read(path)?.as_deref() == Some(text) {
        return Ok(false);
    }
    write(path, text, how).map(|()| true)
}

/// The text of a file, if it is there.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Fault> {
    absent_is_none(fs::read_to_string(path)).during(&format!("read {}", path.display()))
}

/// Removes a file that may be gone.
pub(crate) fn remove(path: &Path) -> Result<(), Fault> {
    absent_is_none(fs::remove_file(path)).map(|_| ()).during(&format!("remove {}", path.display()))
}

/// How often a tree is tried to be removed into which somebody is still writing.
const TRIES: u32 = 20;

/// Removes a tree that may be gone. Follows no links. A program that is about to end may still write into it.
pub(crate) fn remove_tree(path: &Path) -> Result<(), Fault> {
    let removed = || absent_is_none(fs::remove_dir_all(path));
    let busy =
        |result: &std::io::Result<_>| result.as_ref().is_err_and(|error| error.kind() == ErrorKind::DirectoryNotEmpty);
    let mut result = removed();
    for _ in 1..TRIES {
        if !busy(&result) {
            break;
        }
        result = removed();
    }
    result.map(|_| ()).during(&format!("remove {}", path.display()))
}

/// The names in a directory, sorted; none where it is not there.
pub(crate) fn names(path: &Path) -> Result<Vec<String>, Fault> {
    let what = format!("read the directory {}", path.display());
    let Some(entries) = absent_is_none(fs::read_dir(path)).during(&what)? else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.during(&what)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Gives a tree that only root can write yet to its owner: files 0640, directories 0750.
pub(crate) fn give_tree(path: &Path, owner: Owner) -> std::io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give_tree(&entry?.path(), owner)?;
        }
        fs::set_permissions(path, Permissions::from_mode(0o750))?;
    } else if !fs::symlink_metadata(path)?.is_symlink() {
        fs::set_permissions(path, Permissions::from_mode(0o640))?;
    }
    lchown(path, Some(owner.uid), Some(owner.gid))
}

/// This many random bytes as hexadecimal digits.
pub(crate) fn random_hex(bytes: usize) -> Result<String, Fault> {
    let mut random = vec![0; bytes];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut random)).during("read randomness")?;
    Ok(hex(&random))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A path as a text that stands in configuration files.
pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Whether configuration files can name this path without quoting.
pub(crate) fn is_plain(path: &Path) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    path.is_absolute() && text(path).bytes().all(plain)
}

fn absent_is_none<T>(result: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
