//! Panels of the sandbox that deliver machines and mailboxes, for the demo's shop to sell.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::failure::Failed;

/// What the sandbox's Proxmox and mailcow take for a secret. They are no secrets: anybody may ask the sandbox.
const SECRETS: [(&str, &str); 2] = [
    ("demo-proxmox-secret", "00000000-0000-4000-8000-000000000001"),
    ("demo-mailcow-key", "SANDBO-XMAILC-OWKEY0-00000-000001"),
];

/// Writes the providers file of the demo: where it is.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(state_dir: &Path, sandbox: &str) -> Result<PathBuf, Failed> {
    let failed = |error| Failed::new("write the demo's providers file", error);
    let place = fs::canonicalize(state_dir).map_err(failed)?;
    for (name, secret) in SECRETS {
        let mut file = fs::OpenOptions::new();
        let file = file.write(true).create(true).truncate(true).mode(0o600).open(place.join(name));
        file.and_then(|mut file| file.write_all(secret.as_bytes())).map_err(failed)?;
    }
    let secret = |name: &str| place.join(name).display().to_string();
    let text = format!(
        "# Panels of the sandbox, written anew by each demo.\n\
         [[provider]]\nkey = \"sandbox-vps\"\ntype = \"proxmox\"\nurl = \"{sandbox}/hosting/proxmox\"\n\
         token_id = \"hostwright@pve!shop\"\nsecret_file = {:?}\nfirst_vmid = 10000\nlast_vmid = 19999\n\n\
         [[provider]]\nkey = \"sandbox-mail\"\ntype = \"mailcow\"\nurl = \"{sandbox}/hosting/mailcow\"\n\
         api_key_file = {:?}\nmail_domain = \"mail.example.com\"\n",
        secret("demo-proxmox-secret"),
        secret("demo-mailcow-key"),
    );
    let path = place.join("providers.demo.toml");
    fs::write(&path, text).map_err(failed)?;
    Ok(path)
}
