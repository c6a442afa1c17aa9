//! The migrations are embedded by a macro, which does not see when they change; and tests cache a migrated database
//! under a digest of them.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let root = Path::new("../../migrations");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    for folder in fs::read_dir(root)? {
        let folder = folder?.path();
        for file in fs::read_dir(&folder).into_iter().flatten() {
            files.push(file?.path());
        }
    }
    files.sort();
    let mut digest = FNV_START;
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        digest = fnv(digest, file.to_string_lossy().as_bytes());
        digest = fnv(digest, &fs::read(&file)?);
    }
    println!("cargo:rustc-env=MIGRATIONS_DIGEST={digest:016x}");
    Ok(())
}

/// FNV-1a's offset basis. Nothing here needs to withstand an attacker.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
