//! Websites, with WordPress or without.

use local_protocol::{Mebibytes, Spec};

use crate::{
    database, disk,
    fault::{During as _, Fault},
    files::{self, Owner, ROOT, ensure_dir, text},
    host::Host,
    log,
    manifest::Manifest,
    nginx::{self, Shown},
    pages, php, probe, sftp, tls, wordpress,
};

/// Makes all of it, and looks at it.
pub(crate) fn make(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let dir = manifest.dir(host);
    disk::limit(host, manifest)?;
    ensure_dir(&dir.join("tmp"), 0o700, manifest.owner())?;
    // Only root writes here: what root opens must not be a link that a tenant has put there.
    ensure_dir(&dir.join("logs"), 0o750, Owner { uid: 0, gid: manifest.uid })?;
    let is_wordpress = matches!(manifest.spec, Spec::Wordpress { .. });
    if is_wordpress {
        database::ensure(host, manifest)?;
    }
    ensure_docroot(host, manifest)?;
    if is_wordpress {
        wordpress::install(host, manifest)?;
    }
    start(host, manifest)?;
    probe::comes_up(|| looks_right(host, manifest)).map_err(Fault::failed)?;
    runs_php(host, manifest).map_err(Fault::failed)
}

/// The directory with the pages is made aside and put in its place in one step. After that root never writes in it: it is
/// its owner's, who may have put links there.
fn ensure_docroot(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let (place, aside) = (manifest.dir(host).join("public_html"), manifest.dir(host).join("aside"));
    if place.symlink_metadata().is_ok() {
        return Ok(());
    }
    files::remove_tree(&aside)?;
    ensure_dir(&aside, 0o700, ROOT)?;
    let owner = Owner { uid: manifest.uid, gid: host.www.gid };
    if matches!(manifest.spec, Spec::Wordpress { .. }) {
        wordpress::fill(host, manifest, &aside)?;
    } else {
        files::write(&aside.join("index.php"), &pages::welcome(manifest), (0o640, owner))?;
    }
    files::give_tree(&aside, owner).during("give the pages to their owner")?;
    if matches!(manifest.spec, Spec::Wordpress { .. }) {
        wordpress::hide_secrets(manifest, &aside)?;
    }
    std::fs::rename(&aside, &place).during("put the pages in their place")
}

/// Shows it and starts its PHP, unless its owner has stopped it.
pub(crate) fn start(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    if manifest.powered {
        php::start(host, manifest, memory(&manifest.spec)?)?;
    }
    let php = text(&php::socket(host, manifest));
    let index_answers = matches!(manifest.spec, Spec::Wordpress { .. });
    nginx::show(host, manifest, &Shown::Site { php: &php, index_answers })?;
    // A website is there without it; whoever sets its password tries again, and is told.
    if let Err(fault) = sftp::open(host, manifest) {
        log(&format!("{}: its files cannot be reached by SFTP: {fault}", manifest.key()));
    }
    Ok(())
}

/// Stops its PHP.
pub(crate) fn stop(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    php::stop(host, manifest)
}

/// Shows that it is paused, and stops its PHP.
pub(crate) fn suspend(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    nginx::show(host, manifest, &Shown::Suspended)?;
    sftp::close(host, manifest)?;
    php::stop(host, manifest)?;
    probe::comes_up(|| match get(host, manifest, "/")? {
        page if page.status == 503 => Ok(()),
        page => Err(format!("the suspended website still answers with {}", page.status)),
    })
    .map_err(Fault::failed)
}

/// Shows that it is paused, once more.
pub(crate) fn show_suspended(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    nginx::show(host, manifest, &Shown::Suspended)
}

/// Takes all of it away but its directory.
pub(crate) fn remove(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    nginx::forget(host, manifest)?;
    tls::forget(host, &manifest.name)?;
    sftp::close(host, manifest)?;
    php::remove(host, manifest)?;
    if matches!(manifest.spec, Spec::Wordpress { .. }) {
        database::remove(host, manifest)?;
    }
    Ok(())
}

/// The web server answers for this very website.
pub(crate) fn looks_right(host: &Host, manifest: &Manifest) -> Result<(), String> {
    let page = get(host, manifest, "/.well-known/hostwright")?;
    if page.status == 200 && page.text.contains(&manifest.key()) {
        return Ok(());
    }
    Err(format!("{} answers with {} and not with its mark", manifest.name, page.status))
}

/// Where people find it.
pub(crate) fn address(host: &Host, manifest: &Manifest) -> String {
    match host.config.http_port {
        80 => format!("http://{}", manifest.name),
        port => format!("http://{}:{port}", manifest.name),
    }
}

/// Where people find it once it has a certificate.
pub(crate) fn secure_address(host: &Host, manifest: &Manifest) -> String {
    match host.config.https_port {
        443 => format!("https://{}", manifest.name),
        port => format!("https://{}:{port}", manifest.name),
    }
}

fn runs_php(host: &Host, manifest: &Manifest) -> Result<(), String> {
    let (path, sign) = match manifest.spec {
        Spec::Wordpress { .. } => ("/wp-login.php", "user_login"),
        Spec::Website { .. } | Spec::Mailbox { .. } | Spec::Game { .. } | Spec::Storage { .. } => ("/", "PHP 8.2."),
    };
    let page = get(host, manifest, path)?;
    if page.status == 200 && page.text.contains(sign) {
        return Ok(());
    }
    Err(format!("{}{path} answers with {} and not with what PHP should write", manifest.name, page.status))
}

fn get(host: &Host, manifest: &Manifest, path: &str) -> Result<probe::Page, String> {
    let port = host.config.http_port;
    let page = probe::get(host.at(port), (&manifest.name, port), path);
    page.map_err(|error| format!("{} does not answer: {error}", manifest.name))
}

fn memory(spec: &Spec) -> Result<Mebibytes, Fault> {
    match spec {
        Spec::Website { memory, .. } | Spec::Wordpress { memory, .. } => Ok(*memory),
        Spec::Mailbox { .. } | Spec::Game { .. } | Spec::Storage { .. } => Err(Fault::failed("it is no website")),
    }
}
