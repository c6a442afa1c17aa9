//! The web server: one nginx of our own, one file a website.

use std::{path::PathBuf, time::Duration};

use rustix::process::Signal;

use crate::{
    fault::Fault,
    files::{self, Owner, ROOT, ensure_dir, text},
    host::Host,
    manifest::Manifest,
    pages,
    process::{self, Daemon, until},
    program::Program,
    site, tls,
};

const NGINX: &str = "/usr/sbin/nginx";
/// How long the web server may take to read its files anew.
const RELOAD: Duration = Duration::from_secs(15);

/// What a website's file says.
pub(crate) enum Shown<'a> {
    /// The website, with the socket of its PHP; WordPress lets its index answer for what is not there.
    Site { php: &'a str, index_answers: bool },
    /// That it is suspended.
    Suspended,
}

/// Starts the web server, or tells the one that runs to read anew.
pub(crate) fn start(host: &Host) -> Result<(), Fault> {
    let dir = dir(host);
    let group = Owner { uid: 0, gid: host.www.gid };
    ensure_dir(&dir, 0o750, group)?;
    for inner in ["sites", "candidates"] {
        ensure_dir(&dir.join(inner), 0o700, ROOT)?;
    }
    for inner in ["pages", "acme", "acme/.well-known", "acme/.well-known/acme-challenge"] {
        ensure_dir(&dir.join(inner), 0o750, group)?;
    }
    ensure_dir(&dir.join("tmp"), 0o700, host.www)?;
    files::write_if_different(&dir.join("pages/suspended.html"), pages::SUSPENDED, (0o640, group))?;
    let sites = format!("include {}/sites/*.conf;", text(&dir));
    files::write_if_different(&dir.join("nginx.conf"), &configuration(host, "nginx.pid", &sites), (0o600, ROOT))?;
    test(host, &dir.join("nginx.conf"))?;
    if daemon(host).is_running() {
        daemon(host).signal(Signal::HUP);
        return Ok(());
    }
    let error_log = text(&dir.join("error.log"));
    Program::new(NGINX).args(&["-e", &error_log, "-c"]).arg(dir.join("nginx.conf")).run().map(|_| ())
}

pub(crate) fn stop(host: &Host) -> Result<(), Fault> {
    daemon(host).stop(Signal::TERM)
}

/// Shows a website. Its file is tried alone first, so that a bad one never reaches the others.
pub(crate) fn show(host: &Host, manifest: &Manifest, shown: &Shown<'_>) -> Result<(), Fault> {
    let name = format!("{}.conf", manifest.key());
    let server = server(host, manifest, shown);
    let candidate = dir(host).join("candidates").join(&name);
    let pid = format!("candidates/{name}.pid");
    files::write(&candidate, &configuration(host, &pid, &server), (0o600, ROOT))?;
    let tested = test(host, &candidate);
    files::remove(&candidate)?;
    files::remove(&dir(host).join(&pid))?;
    tested?;
    let place = dir(host).join("sites").join(&name);
    if files::write_if_different(&place, &server, (0o600, ROOT))? { reload(host) } else { Ok(()) }
}

/// Takes a website away.
pub(crate) fn forget(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let place = dir(host).join("sites").join(format!("{}.conf", manifest.key()));
    if !place.exists() {
        return Ok(());
    }
    files::remove(&place)?;
    reload(host)
}

/// Reads anew, and waits until no process answers any more that has read the old files.
pub(crate) fn reload(host: &Host) -> Result<(), Fault> {
    host.reloads.reload(|| {
        let Some(master) = daemon(host).pid() else { return start(host) };
        let old = process::children(master);
        daemon(host).signal(Signal::HUP);
        let leave = |pid: &i32| process::command_line(*pid).is_none_or(|line| line.contains("shutting down"));
        if until(RELOAD, || old.iter().all(leave)) {
            return Ok(());
        }
        Err(Fault::failed("the web server does not read its files anew; its error log says why"))
    })
}

fn test(host: &Host, file: &std::path::Path) -> Result<(), Fault> {
    let error_log = text(&dir(host).join("error.log"));
    Program::new(NGINX).args(&["-t", "-q", "-e", &error_log, "-c"]).arg(file).run().map(|_| ())
}

fn daemon(host: &Host) -> Daemon {
    Daemon { pid_file: dir(host).join("nginx.pid"), mark: dir(host).join("nginx.conf") }
}

fn dir(host: &Host) -> PathBuf {
    host.config.state.join("nginx")
}

fn configuration(host: &Host, pid: &str, sites: &str) -> String {
    let dir = text(&dir(host));
    let listen = format!("{}:{}", host.config.address, host.config.http_port);
    // Whoever asks for a name that has no certificate gets none: no name is shown that was not asked for.
    let secure = host.config.acme_directory.as_ref().map_or_else(String::new, |_| {
        let listen = format!("{}:{}", host.config.address, host.config.https_port);
        format!(
            "    ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_session_cache shared:tls:1m;\n    ssl_session_tickets off;\n    \
             server {{ listen {listen} ssl default_server; ssl_reject_handshake on; }}\n"
        )
    });
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("    {what}_temp_path {dir}/tmp/{what};\n"))
        .concat();
    format!(
        "user www-data;\nworker_processes 2;\npid {dir}/{pid};\nerror_log {dir}/error.log warn;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n    include /etc/nginx/mime.types;\n    default_type application/octet-stream;\n    sendfile on;\n    \
         server_tokens off;\n    server_names_hash_bucket_size 256;\n    server_names_hash_max_size 16384;\n    \
         client_max_body_size 64m;\n    access_log off;\n{temporary}    \
         server {{ listen {listen} default_server; server_name _; return 404; }}\n{secure}    {sites}\n}}\n"
    )
}

fn server(host: &Host, manifest: &Manifest, shown: &Shown<'_>) -> String {
    let (dir, own) = (text(&dir(host)), text(&manifest.dir(host)));
    let listen = format!("{}:{}", host.config.address, host.config.http_port);
    let (domain, key) = (&manifest.name, manifest.key());
    let mark =
        format!("    location = /.well-known/hostwright {{ default_type text/plain; return 200 \"{key}\\n\"; }}\n");
    let challenge = format!("    location ^~ /.well-known/acme-challenge/ {{ root {dir}/acme; }}\n");
    let body = match shown {
        Shown::Site { php, index_answers } => {
            let otherwise = if *index_answers { "/index.php?$args" } else { "=404" };
            format!(
                "{mark}    location ~ /\\.(?!well-known/) {{ return 404; }}\n    \
                 location / {{ try_files $uri $uri/ {otherwise}; }}\n    \
                 location ~ \\.php$ {{\n        try_files $uri =404;\n        include /etc/nginx/fastcgi_params;\n        \
                 fastcgi_param HTTP_HOST $http_host;\n        \
                 fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n        \
                 fastcgi_read_timeout 60s;\n        fastcgi_pass unix:{php};\n    }}\n"
            )
        }
        Shown::Suspended => format!(
            "    error_page 503 /suspended.html;\n    \
             location = /suspended.html {{ root {dir}/pages; internal; add_header Retry-After 3600 always; }}\n    \
             location / {{ return 503; }}\n"
        ),
    };
    let (mut before, mut listens) = (String::new(), format!("    listen {listen};\n"));
    if let Some((chain, private)) = tls::certificate(host, domain) {
        let port = format!("{}:{}", host.config.address, host.config.https_port);
        let secure =
            format!("    listen {port} ssl http2;\n    ssl_certificate {chain};\n    ssl_certificate_key {private};\n");
        if matches!(shown, Shown::Site { .. }) {
            let to = site::secure_address(host, manifest);
            before = format!(
                "server {{\n{listens}    server_name {domain};\n{challenge}{mark}    \
                 location / {{ return 301 {to}$request_uri; }}\n}}\n"
            );
            listens = secure;
        } else {
            listens.push_str(&secure);
        }
    }
    // A tenant may put links into its directory; the web server, which may read every tenant's, follows none that lead to
    // another owner's files.
    format!(
        "{before}server {{\n{listens}    server_name {domain};\n    root {own}/public_html;\n    \
         index index.php index.html;\n    disable_symlinks if_not_owner from={own}/public_html;\n    \
         access_log {own}/logs/access.log;\n    error_log {own}/logs/error.log;\n{challenge}{body}}}\n"
    )
}
