//! What the helper is told at its start.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::Parser;
use local_protocol::Kind;

/// What the helper is told at its start. Every option may come from the environment.
#[derive(Debug, Clone, Parser)]
#[command(version, about = "Makes websites, mailboxes, storage and game servers on this machine; runs as root.")]
pub struct Config {
    /// The socket that the worker speaks to. Its directory must exist.
    #[arg(long, env = "LOCAL_SOCKET", default_value = "/run/hostwright-local.sock")]
    pub socket: PathBuf,
    /// The number of the user that may speak to it, besides root.
    #[arg(long, env = "LOCAL_ALLOW_UID", default_value_t = 0)]
    pub allow_uid: u32,
    /// Where the services' own files are.
    #[arg(long, env = "LOCAL_ROOT", default_value = "/srv/hosting")]
    pub root: PathBuf,
    /// Where the daemons' configuration, sockets and logs are. Paths of sockets must stay under 108 bytes.
    #[arg(long, env = "LOCAL_STATE", default_value = "/var/lib/hostwright-local")]
    pub state: PathBuf,
    /// The address that the daemons listen on.
    #[arg(long, env = "LOCAL_ADDRESS", default_value_t = Ipv4Addr::UNSPECIFIED)]
    pub address: Ipv4Addr,
    /// The port of websites.
    #[arg(long, env = "LOCAL_HTTP_PORT", default_value_t = 80)]
    pub http_port: u16,
    /// The port of websites with a certificate; used where certificates are fetched.
    #[arg(long, env = "LOCAL_HTTPS_PORT", default_value_t = 443)]
    pub https_port: u16,
    /// The port at which owners reach their files by SFTP.
    #[arg(long, env = "LOCAL_SFTP_PORT", default_value_t = 2222)]
    pub sftp_port: u16,
    /// Fetches a certificate for every website from this ACME server (RFC 8555), such as
    /// `https://acme-v02.api.letsencrypt.org/directory`, whose terms of service are agreed to with it.
    #[arg(long, env = "LOCAL_ACME_DIRECTORY", value_parser = directory)]
    pub acme_directory: Option<String>,
    /// Where the ACME server writes to about certificates.
    #[arg(long, env = "LOCAL_ACME_EMAIL", requires = "acme_directory")]
    pub acme_email: Option<kernel::EmailAddress>,
    /// The certificate that the ACME server's own is checked against, PEM, where it is no public one.
    #[arg(long, env = "LOCAL_ACME_ROOT", requires = "acme_directory")]
    pub acme_root: Option<PathBuf>,
    /// The addresses that websites' names must lead to: this machine's as the world sees it. Without one names are not looked at.
    #[arg(long, env = "LOCAL_PUBLIC_ADDRESSES", value_delimiter = ',')]
    pub public_addresses: Vec<IpAddr>,
    /// How long a name that leads elsewhere is left alone at first, in seconds; then twice as long, and so on.
    #[arg(long, env = "LOCAL_NAMES_AGAIN", default_value_t = 20)]
    pub names_again: u32,
    /// The name server that is asked where names lead, with its port, such as `9.9.9.9:53`; the machine's own if not given.
    #[arg(long, env = "LOCAL_NAME_SERVER")]
    pub name_server: Option<SocketAddr>,
    /// The port of IMAP.
    #[arg(long, env = "LOCAL_IMAP_PORT", default_value_t = 143)]
    pub imap_port: u16,
    /// The port at which mail is delivered by LMTP, on 127.0.0.1 alone.
    #[arg(long, env = "LOCAL_LMTP_PORT", default_value_t = 24)]
    pub lmtp_port: u16,
    /// A certificate with its chain for IMAP, PEM. Without one only this machine can log in.
    #[arg(long, env = "LOCAL_IMAP_CERTIFICATE", requires = "imap_key")]
    pub imap_certificate: Option<PathBuf>,
    /// The certificate's key, PEM.
    #[arg(long, env = "LOCAL_IMAP_KEY", requires = "imap_certificate")]
    pub imap_key: Option<PathBuf>,
    /// The first port of game servers.
    #[arg(long, env = "LOCAL_GAME_PORTS_FROM", default_value_t = 8303)]
    pub game_ports_from: u16,
    /// How many ports game servers have, one each.
    #[arg(long, env = "LOCAL_GAME_PORTS", default_value_t = 500)]
    pub game_ports: u16,
    /// What the names of unix users and databases begin with: 1 to 6 small letters. Two helpers on one machine need two.
    #[arg(long, env = "LOCAL_PREFIX", default_value = "w", value_parser = prefix)]
    pub prefix: String,
    /// The first number of a unix user; numbers are not used twice.
    #[arg(long, env = "LOCAL_FIRST_UID", default_value_t = 30_000)]
    pub first_uid: u32,
    /// What is made here: `website`, `wordpress`, `mailbox`, `game`, `storage`. All whose programs are installed, if not given.
    #[arg(long, env = "LOCAL_KINDS", value_delimiter = ',', value_parser = kind)]
    pub kinds: Vec<Kind>,
    /// Brings everything down that a helper with these options started, and ends.
    #[arg(long)]
    pub stop: bool,
}

fn prefix(text: &str) -> Result<String, String> {
    let fits = (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase());
    if fits { Ok(text.to_owned()) } else { Err("expected 1 to 6 letters from a to z".to_owned()) }
}

fn directory(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.starts_with("https://") && plain {
        Ok(text.to_owned())
    } else {
        Err("expected an https address".to_owned())
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    let found = Kind::ALL.into_iter().find(|kind| kind.as_str() == text);
    found.ok_or_else(|| "expected website, wordpress, mailbox, game or storage".to_owned())
}
