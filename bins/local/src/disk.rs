//! How much disk a service may take, where the file system counts by users.

use std::path::Path;

use local_protocol::Spec;

use crate::{fault::Fault, host::Host, manifest::Manifest, process::is_installed, program::Program};

const SETQUOTA: &str = "/usr/sbin/setquota";

/// Whether the file system of the services' files counts by users.
pub(crate) fn has_quotas(host: &Host) -> bool {
    counting(host).is_some()
}

/// Sets the plan's limit on the service's user, if the file system can hold it to that.
pub(crate) fn limit(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let Some(mount) = counting(host) else { return Ok(()) };
    let disk = match &manifest.spec {
        Spec::Website { disk, .. } | Spec::Wordpress { disk, .. } | Spec::Storage { disk } => disk.get(),
        // Mailboxes are held to theirs by dovecot, and game servers write next to nothing.
        Spec::Mailbox { .. } | Spec::Game { .. } => return Ok(()),
    };
    // In blocks of 1 KiB: no soft limit, the hard one, and none on the number of files (setquota(8)).
    let hard = (u64::from(disk) * 1024).to_string();
    Program::new(SETQUOTA).args(&["-u", &manifest.user, "0", &hard, "0", "0", &mount]).run().map(|_| ())
}

fn counting(host: &Host) -> Option<String> {
    if !is_installed(SETQUOTA) {
        return None;
    }
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    counted(&mounts, &host.config.root)
}

/// The mount point that holds this path, if its file system counts by users (the options of ext4 and XFS, mount(8)).
fn counted(mounts: &str, path: &Path) -> Option<String> {
    let lines = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (point, options) = (fields.next()?, fields.nth(1)?);
        path.starts_with(point).then_some((point, options))
    });
    let (point, options) = lines.max_by_key(|(point, _)| point.len())?;
    let counts = |option: &str| matches!(option, "usrquota" | "uquota" | "quota") || option.starts_with("usrjquota=");
    options.split(',').any(counts).then(|| point.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_that_holds_the_path_decides() {
        let mounts = "/dev/sda1 / ext4 rw,relatime 0 0\n/dev/sdb1 /srv ext4 rw,usrjquota=aquota.user,jqfmt=vfsv1 0 0\n\
                      /dev/sdc1 /srv/other xfs rw,noquota 0 0\n";
        assert_eq!(counted(mounts, Path::new("/srv/hosting")), Some("/srv".to_owned()));
        assert_eq!(counted(mounts, Path::new("/srv/other/hosting")), None);
        assert_eq!(counted(mounts, Path::new("/var/hosting")), None);
        assert_eq!(counted(mounts, Path::new("/srvhosting")), None);
    }
}
