//! Where things lie: binaries, logs, the database's directory, a small disk of its own, free ports.

use std::{
    fs::{self, File},
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    cluster::Postgres,
    dice::Dice,
    failed::{Because, Failed, Outcome},
};

/// Everything a stack needs to know of its surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Where the programs lie.
    pub(crate) bin: PathBuf,
    pub(crate) catalog: String,
    /// A directory that PostgreSQL's user can write to.
    pub(crate) pg: PathBuf,
    pub(crate) logs: PathBuf,
    pub(crate) postgres: Postgres,
    pub(crate) faketime: Option<PathBuf>,
}

impl Place {
    /// A disk of its own in memory.
    pub(crate) fn disk(&self, size_mb: u32) -> Outcome<Tmpfs> {
        let path = self.pg.join("disk");
        fs::create_dir_all(&path).because("make a place for a disk")?;
        Tmpfs::mount(path, size_mb)
    }

    /// Why there can be no disk of its own here, if so.
    pub(crate) fn refuses_disks(&self) -> Option<String> {
        self.disk(1).err().map(|error| error.to_string())
    }
}

/// Different ports that nobody listens on, from below those that the system gives to outgoing connections: a program that is
/// killed and started again must find its port free.
pub(super) fn free_ports(count: usize, dice: &Dice) -> Outcome<Vec<u16>> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first: u64 = range.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(32_768);
    let mut held = Vec::new();
    for _ in 0..2000 {
        let port = u16::try_from(dice.between(10_000, first.max(20_000) - 1)).unwrap_or(0);
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            held.push(listener);
        }
        if held.len() == count {
            return held.iter().map(|one| one.local_addr().map(|at| at.port()).because("a free port")).collect();
        }
    }
    Err(Failed::new("no free ports"))
}

/// A small file system that can be filled up. Unmounted when dropped.
pub(crate) struct Tmpfs {
    pub(crate) path: PathBuf,
}

impl Tmpfs {
    fn mount(path: PathBuf, size_mb: u32) -> Outcome<Self> {
        // What a run that was killed may have left.
        unmount(&path);
        let options = format!("size={size_mb}m,mode=0777");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "hostwright-torture"]).arg(&path).stdin(Stdio::null());
        let output = mount.output().because("mount")?;
        if output.status.success() {
            return Ok(Self { path });
        }
        Err(Failed::new(String::from_utf8_lossy(&output.stderr).trim()))
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    /// Writes until nothing more fits; how many bytes.
    pub(crate) fn fill(&mut self) -> Outcome<u64> {
        let mut file = File::create(self.ballast()).because("fill the disk")?;
        let mut written = 0;
        // Smaller and smaller, to the last page.
        for piece in [vec![1_u8; 1 << 20], vec![1_u8; 4096]] {
            while let Ok(count) = file.write(&piece) {
                if count == 0 {
                    break;
                }
                written += count as u64;
            }
        }
        Ok(written)
    }

    /// Makes room again.
    pub(crate) fn relieve(&mut self) {
        drop(fs::remove_file(self.ballast()));
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        self.relieve();
        // Lazily: a server that was just killed may have a file open for a moment.
        unmount(&self.path);
    }
}

fn unmount(path: &Path) {
    drop(Command::new("umount").arg("-l").arg(path).stderr(Stdio::null()).status());
}

/// Where Debian puts the library that shows another time.
pub(crate) fn find_faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|path| Path::exists(path))
}
