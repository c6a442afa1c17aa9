//! What a service uses.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

use local_protocol::{Kind, Measured};

use crate::{
    game,
    host::Host,
    manifest::{Manifest, State},
    php, process,
};

/// The size of a block in `stat`'s count (stat(2)).
const BLOCK: u64 = 512;
/// Ticks of the clock in a second, as Linux shows them in /proc (proc(5); USER_HZ).
const TICKS: u64 = 100;

/// Looks at the service's processes and files.
pub(crate) fn usage(host: &Host, manifest: &Manifest) -> Measured {
    let processes = process::all_of(manifest.uid);
    let running = match manifest.spec.kind() {
        Kind::Website | Kind::Wordpress => php::is_running(host, manifest),
        Kind::Game => game::is_running(host, manifest),
        Kind::Mailbox | Kind::Storage => manifest.state == State::Active,
    };
    Measured {
        running,
        memory_bytes: processes.iter().map(|pid| resident(*pid)).sum(),
        disk_bytes: size(&manifest.dir(host)),
        cpu_ms: processes.iter().map(|pid| ticks(*pid)).sum::<u64>().saturating_mul(1000 / TICKS),
    }
}

fn resident(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    kib.unwrap_or(0_u64).saturating_mul(1024)
}

/// In the system and outside of it: the fourteenth and fifteenth field (proc(5)).
fn ticks(pid: i32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn size(path: &Path) -> u64 {
    let Ok(found) = fs::symlink_metadata(path) else { return 0 };
    let own = found.blocks().saturating_mul(BLOCK);
    if !found.is_dir() {
        return own;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum::<u64>().saturating_add(own)
}
