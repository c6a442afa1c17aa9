//! Watches over websites' names and certificates, apart from the questions, since both take as long as the world takes.
//!
//! A website answers over HTTP from the moment it is made. Its certificate is asked for once its name leads here: asked before,
//! an ACME server would refuse, and count it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use kernel::{Id, entity};
use local_protocol::Kind;

use crate::{
    dns::{self, Leads},
    fault::{During as _, Fault},
    host::Host,
    locks::lock,
    log,
    manifest::{self, Manifest, State},
    nginx, site, tls,
};

/// How often it is looked for what is due.
const TICK: Duration = Duration::from_millis(500);
/// A certificate that was refused is asked for again after this, then after twice as long, and so on up to [`SELDOM`]. Let's
/// Encrypt allows five failures an hour for a name (its documentation, rate limits).
const REFUSED: Duration = Duration::from_mins(10);
const SELDOM: Duration = Duration::from_mins(30);
/// A website with everything is looked at twice a day, as Let's Encrypt asks for.
const WELL: Duration = Duration::from_hours(12);
/// Not made yet, or being ended.
const SOON: Duration = Duration::from_secs(2);

/// How far websites are with their names and certificates. Nothing of it needs to outlive the helper.
#[derive(Default)]
pub(crate) struct Watch {
    states: Mutex<BTreeMap<Id<entity::Service>, Watched>>,
    /// certbot takes its directory for itself.
    pub(crate) certbot: Mutex<()>,
}

struct Watched {
    due: Instant,
    failures: u32,
    notice: Option<String>,
}

impl Watch {
    /// What the owner of a website should know about its name.
    pub(crate) fn notice(&self, service: Id<entity::Service>) -> Option<String> {
        lock(&self.states).get(&service).and_then(|watched| watched.notice.clone())
    }

    /// Its name is well; a certificate may still take a while.
    fn clear(&self, service: Id<entity::Service>) {
        if let Some(watched) = lock(&self.states).get_mut(&service) {
            watched.notice = None;
        }
    }

    fn is_due(&self, service: Id<entity::Service>, now: Instant) -> bool {
        lock(&self.states).get(&service).is_none_or(|watched| watched.due <= now)
    }

    fn put_off(&self, service: Id<entity::Service>, outcome: Outcome) {
        let mut states = lock(&self.states);
        let failures = states.get(&service).map_or(0, |watched| watched.failures);
        let (wait, failures, notice) = match outcome {
            Outcome::Gone => {
                states.remove(&service);
                return;
            }
            Outcome::NotYet => (SOON, 0, None),
            Outcome::Well => (WELL, 0, None),
            Outcome::Waits { first, notice } => {
                (first.saturating_mul(1 << failures.min(10)).min(SELDOM), failures.saturating_add(1), Some(notice))
            }
        };
        states.insert(service, Watched { due: Instant::now() + wait, failures, notice });
    }
}

enum Outcome {
    Gone,
    NotYet,
    Well,
    Waits { first: Duration, notice: String },
}

/// Begins to watch, where there is something to watch over.
pub(crate) fn begin(host: &Arc<Host>) -> Result<(), Fault> {
    if !host.makes_sites() || (host.config.acme_directory.is_none() && host.config.public_addresses.is_empty()) {
        return Ok(());
    }
    let host = Arc::clone(host);
    let _detached = std::thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || {
            while !host.stopping.load(Ordering::SeqCst) {
                look_around(&host);
                std::thread::sleep(TICK);
            }
        })
        .during("start a thread")?;
    Ok(())
}

fn look_around(host: &Host) {
    let keys = match manifest::keys(host) {
        Ok(keys) => keys,
        Err(fault) => return log(&format!("websites cannot be looked at: {fault}")),
    };
    lock(&host.watch.states).retain(|key, _| keys.binary_search(key).is_ok());
    for key in keys {
        if host.stopping.load(Ordering::SeqCst) {
            return;
        }
        if host.watch.is_due(key, Instant::now()) {
            let outcome = care(host, key).unwrap_or_else(|fault| {
                log(&format!("{key}: {fault}"));
                Outcome::Waits {
                    first: REFUSED,
                    notice: "The certificate could not be fetched yet. It is tried again.".to_owned(),
                }
            });
            host.watch.put_off(key, outcome);
        }
    }
}

fn care(host: &Host, key: Id<entity::Service>) -> Result<Outcome, Fault> {
    let Some(manifest) = Manifest::load(host, key)? else { return Ok(Outcome::Gone) };
    if !matches!(manifest.spec.kind(), Kind::Website | Kind::Wordpress) {
        return Ok(Outcome::Well);
    }
    match manifest.state {
        State::Making | State::Ending => return Ok(Outcome::NotYet),
        State::Active | State::Suspended => {}
    }
    if let Some(notice) = what_is_wrong_with(host, &manifest.name) {
        let first = Duration::from_secs(u64::from(host.config.names_again));
        return Ok(Outcome::Waits { first, notice });
    }
    host.watch.clear(key);
    if tls::obtain(host, &manifest.name)? {
        log(&format!("{key}: {} has a certificate", manifest.name));
        use_certificate(host, &manifest)?;
    }
    Ok(Outcome::Well)
}

/// In words for the website's owner.
fn what_is_wrong_with(host: &Host, name: &str) -> Option<String> {
    let ours: Vec<String> = host.config.public_addresses.iter().map(ToString::to_string).collect();
    let ours = ours.join(" and ");
    if ours.is_empty() {
        return None;
    }
    match dns::look(host, name) {
        Leads::Here => None,
        Leads::Nowhere => Some(format!("{name} has no address yet. Set its DNS record to {ours}.")),
        Leads::Elsewhere(found) => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            Some(format!("{name} leads to {}. Set its DNS record to {ours} and nothing else.", found.join(" and ")))
        }
        Leads::Unknown(why) => {
            log(&format!("where {name} leads cannot be asked: {why}"));
            Some(format!("Nobody could say yet where {name} leads. It should lead to {ours}."))
        }
    }
}

/// Shows the website anew, unless it has ended meanwhile.
fn use_certificate(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let _lock = host.services.acquire(manifest.owned.service)?;
    let Some(manifest) = Manifest::load(host, manifest.owned.service)? else {
        return tls::forget(host, &manifest.name);
    };
    match manifest.state {
        State::Active => site::start(host, &manifest)?,
        State::Suspended => site::show_suspended(host, &manifest)?,
        State::Making | State::Ending => return Ok(()),
    }
    // Its file names the same paths when the certificate is a renewed one.
    nginx::reload(host)
}
