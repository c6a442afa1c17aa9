//! The machine, as far as this helper has it.

use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Mutex, atomic::AtomicBool},
};

use kernel::{Id, entity};
use local_protocol::Kind;

use crate::{
    config::Config,
    fault::{During as _, Fault},
    files::{self, Owner, ROOT, ensure_dir},
    locks::{Reloads, ServiceLocks},
    process::is_installed,
    users,
    watch::Watch,
};

/// The machine, as far as this helper has it.
pub(crate) struct Host {
    pub(crate) config: Config,
    /// What can be made here.
    pub(crate) kinds: Vec<Kind>,
    /// The web server's user.
    pub(crate) www: Owner,
    pub(crate) services: ServiceLocks,
    pub(crate) reloads: Reloads,
    pub(crate) names: Mutex<()>,
    pub(crate) users: Mutex<()>,
    /// Held while the database server is looked for or started; the mail server likewise.
    pub(crate) database: Mutex<()>,
    pub(crate) mail: Mutex<()>,
    pub(crate) sftp: Mutex<()>,
    /// How far websites are with their names and certificates.
    pub(crate) watch: Watch,
    /// It was told to stop.
    pub(crate) stopping: AtomicBool,
    /// Nobody else works in these directories while this is open.
    _alone: File,
}

impl Host {
    /// Takes the directories for this helper and makes what is missing in them.
    pub(crate) fn open(config: Config) -> Result<Self, Fault> {
        for path in [&config.root, &config.state] {
            if !files::is_plain(path) {
                let what = "an absolute path of letters, digits and . _ -";
                return Err(Fault::never(format!(
                    "{} is not {what}, which configuration files ask for",
                    path.display()
                )));
            }
        }
        std::fs::create_dir_all(&config.root).during("make the root directory")?;
        std::fs::create_dir_all(&config.state).during("make the state directory")?;
        let lock = File::create(config.state.join("lock")).during("open the lock")?;
        lock.try_lock().map_err(|_| Fault::failed("another helper has these directories"))?;
        let www = users::named("www-data")?.unwrap_or(ROOT);
        let kinds = kinds(&config);
        let host = Self {
            config,
            kinds,
            www,
            services: ServiceLocks::default(),
            reloads: Reloads::default(),
            names: Mutex::default(),
            users: Mutex::default(),
            database: Mutex::default(),
            mail: Mutex::default(),
            sftp: Mutex::default(),
            watch: Watch::default(),
            stopping: AtomicBool::new(false),
            _alone: lock,
        };
        host.ensure_dirs()?;
        Ok(host)
    }

    fn ensure_dirs(&self) -> Result<(), Fault> {
        // Through these two others go and cannot look around.
        ensure_dir(&self.config.root, 0o711, ROOT)?;
        ensure_dir(&self.config.state, 0o711, ROOT)?;
        for private in ["names", "ended", "game", "php", "sftp", "tls"] {
            ensure_dir(&self.config.state.join(private), 0o700, ROOT)?;
        }
        ensure_dir(&self.config.state.join("fpm"), 0o710, Owner { uid: 0, gid: self.www.gid })
    }

    /// Where a service's files are.
    pub(crate) fn dir(&self, service: Id<entity::Service>) -> PathBuf {
        self.config.root.join(service.to_string())
    }

    /// Where the ends are remembered.
    pub(crate) fn ended(&self) -> PathBuf {
        self.config.state.join("ended")
    }

    /// Where a daemon of this machine answers on this port.
    pub(crate) fn at(&self, port: u16) -> SocketAddr {
        let address = self.config.address;
        let address = if address.is_unspecified() { Ipv4Addr::LOCALHOST } else { address };
        SocketAddr::new(IpAddr::V4(address), port)
    }

    pub(crate) fn makes(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether owners reach their files: storage is nothing else, and websites have it where it can be had.
    pub(crate) fn has_sftp(&self) -> bool {
        let wanted = self.makes(Kind::Storage) || self.makes_sites();
        wanted && programs(Kind::Storage).iter().all(|path| is_installed(path))
    }

    /// Whether there are websites of any kind.
    pub(crate) fn makes_sites(&self) -> bool {
        self.makes(Kind::Website) || self.makes(Kind::Wordpress)
    }
}

/// What the helper was told to make, as far as the programs for it are here.
fn kinds(config: &Config) -> Vec<Kind> {
    let wanted = |kind: &Kind| config.kinds.is_empty() || config.kinds.contains(kind);
    Kind::ALL.into_iter().filter(wanted).filter(|kind| programs(*kind).iter().all(|path| is_installed(path))).collect()
}

/// The programs that a kind needs, as Debian 12 has them.
pub(crate) const fn programs(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Website => &["/usr/sbin/nginx", "/usr/sbin/php-fpm8.2"],
        Kind::Wordpress => &[
            "/usr/sbin/nginx",
            "/usr/sbin/php-fpm8.2",
            "/usr/bin/php8.2",
            "/usr/sbin/mariadbd",
            "/usr/bin/mariadb",
            "/usr/bin/mariadb-install-db",
            "/usr/share/wordpress/wp-login.php",
            "/usr/share/wordpress/wp-content/themes/twentytwentythree/style.css",
        ],
        Kind::Mailbox => &["/usr/sbin/dovecot", "/usr/bin/doveadm", "/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/imap"],
        Kind::Storage => &["/usr/sbin/sshd", "/usr/bin/ssh-keygen", "/usr/sbin/chpasswd"],
        Kind::Game => &["/usr/games/teeworlds-server", "/usr/bin/prlimit", "/usr/sbin/start-stop-daemon"],
    }
}
