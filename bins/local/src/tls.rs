//! Certificates, fetched by certbot with the HTTP challenge (RFC 8555, 8.3) that the web server answers from `acme`.

use std::{path::PathBuf, time::Duration};

use crate::{
    fault::Fault,
    files::{self, text},
    host::Host,
    locks::lock,
    process::is_installed,
    program::Program,
};

const CERTBOT: &str = "/usr/bin/certbot";
/// An ACME server looks at the website from several places, and is given time for it.
const LONG: Duration = Duration::from_mins(3);

/// Whether the website with this name has a certificate that is to be used.
pub(crate) fn has_certificate(host: &Host, name: &str) -> bool {
    host.config.acme_directory.is_some() && live(host, name).join("fullchain.pem").exists()
}

/// Certificate with its chain, and key, as the web server's file names them.
pub(crate) fn certificate(host: &Host, name: &str) -> Option<(String, String)> {
    let dir = has_certificate(host, name).then(|| live(host, name))?;
    Some((text(&dir.join("fullchain.pem")), text(&dir.join("privkey.pem"))))
}

/// Fetches a certificate, or a new one for one that ends within 30 days. Whether there is another one than before.
pub(crate) fn obtain(host: &Host, name: &str) -> Result<bool, Fault> {
    let Some(directory) = &host.config.acme_directory else { return Ok(false) };
    if !is_installed(CERTBOT) {
        return Err(Fault::failed("certbot is not installed"));
    }
    let _one_at_a_time = lock(&host.watch.certbot);
    let chain = live(host, name).join("fullchain.pem");
    let before = files::read(&chain)?;
    let mut program = certbot(host, "certonly")
        .args(&["--agree-tos", "--keep-until-expiring", "--key-type", "ecdsa", "--server", directory])
        .args(&["--webroot", "--webroot-path", &text(&host.config.state.join("nginx/acme"))])
        .args(&["--domain", name, "--cert-name", name]);
    program = match &host.config.acme_email {
        Some(email) => program.args(&["--no-eff-email", "--email", email.as_str()]),
        None => program.arg("--register-unsafely-without-email"),
    };
    if let Some(root) = &host.config.acme_root {
        program = program.env("REQUESTS_CA_BUNDLE", root);
    }
    program.run()?;
    Ok(files::read(&chain)? != before)
}

/// Forgets the website's certificate. It is not revoked: its key goes with it.
pub(crate) fn forget(host: &Host, name: &str) -> Result<(), Fault> {
    if !live(host, name).exists() {
        return Ok(());
    }
    let _one_at_a_time = lock(&host.watch.certbot);
    certbot(host, "delete").args(&["--cert-name", name]).run().map(|_| ())
}

fn certbot<'a>(host: &Host, verb: &'static str) -> Program<'a> {
    let dir = dir(host);
    let program = Program::mortal(CERTBOT).time(LONG).arg(verb).args(&["--non-interactive", "--max-log-backups", "5"]);
    program
        .args(&["--config-dir", &text(&dir.join("config")), "--work-dir", &text(&dir.join("work"))])
        .args(&["--logs-dir", &text(&dir.join("logs"))])
}

fn live(host: &Host, name: &str) -> PathBuf {
    dir(host).join("config/live").join(name)
}

fn dir(host: &Host) -> PathBuf {
    host.config.state.join("tls")
}
