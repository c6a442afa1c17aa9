//! Space for files, reached by SFTP.

use crate::{disk, fault::Fault, files::ensure_dir, host::Host, manifest::Manifest, probe, sftp};

/// The directory that its owner sees.
const FILES: &str = "files";

/// Makes its directory and opens it; its owner sets the password.
pub(crate) fn make(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    disk::limit(host, manifest)?;
    ensure_dir(&manifest.dir(host).join(FILES), 0o700, manifest.owner())?;
    open(host, manifest)?;
    probe::comes_up(|| looks_right(host, manifest)).map_err(Fault::failed)
}

/// Lets its owner log in.
pub(crate) fn open(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    sftp::open(host, manifest)
}

/// Its directory is there, and the file server answers.
pub(crate) fn looks_right(host: &Host, manifest: &Manifest) -> Result<(), String> {
    if !manifest.dir(host).join(FILES).is_dir() {
        return Err("its directory is not there".to_owned());
    }
    sftp::answers(host)
}
