//! WordPress, as Debian has it: a copy for each website, so that its owner can change and renew it.

use std::path::Path;

use kernel::EmailAddress;
use local_protocol::{Password, Spec};

use crate::{
    database,
    fault::{During as _, Fault},
    files::{self, Owner, text},
    host::Host,
    manifest::Manifest,
    password, php,
    program::Program,
};

const CORE: &str = "/usr/share/wordpress/.";
/// Loads WordPress as its own pages do. It calls nobody and sends no mail meanwhile.
const LOAD: &str = "define('WP_HTTP_BLOCK_EXTERNAL', true);\ndefine('DISABLE_WP_CRON', true);\n\
$_SERVER['REQUEST_METHOD'] = 'GET';\n$_SERVER['REQUEST_URI'] = '/';\nfunction wp_mail() { return true; }\n\
require './wp-load.php';\n";

/// The administrator's name, from the address: its part before the `@`, as far as WordPress takes it.
pub(crate) fn login(address: &EmailAddress) -> String {
    let local = address.as_str().split('@').next().unwrap_or_default();
    let taken = |symbol: &char| symbol.is_ascii_lowercase() || symbol.is_ascii_digit() || "._-".contains(*symbol);
    let name: String = local.chars().filter(taken).take(40).collect();
    if name.chars().any(|symbol| symbol.is_ascii_alphanumeric()) { name } else { "owner".to_owned() }
}

/// Copies it, and writes its configuration.
pub(crate) fn fill(host: &Host, manifest: &Manifest, aside: &Path) -> Result<(), Fault> {
    // Links lead to scripts that Debian keeps elsewhere; the copy has the scripts themselves.
    Program::mortal("/usr/bin/cp").args(&["-rL", "--reflink=auto", CORE]).arg(aside).run()?;
    let owner = Owner { uid: manifest.uid, gid: manifest.uid };
    files::write(&aside.join("wp-config.php"), &configuration(host, manifest)?, (0o600, owner))
}

/// The configuration is its owner's alone: the web server need not read it.
pub(crate) fn hide_secrets(manifest: &Manifest, aside: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::{PermissionsExt as _, lchown};
    let file = aside.join("wp-config.php");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).during("hide WordPress's configuration")?;
    lchown(&file, Some(manifest.uid), Some(manifest.uid)).during("hide WordPress's configuration")
}

fn configuration(host: &Host, manifest: &Manifest) -> Result<String, Fault> {
    let mut secrets = String::new();
    for name in [
        "AUTH_KEY",
        "SECURE_AUTH_KEY",
        "LOGGED_IN_KEY",
        "NONCE_KEY",
        "AUTH_SALT",
        "SECURE_AUTH_SALT",
        "LOGGED_IN_SALT",
        "NONCE_SALT",
    ] {
        let line = format!("define('{name}', '{}');\n", files::random_hex(32)?);
        secrets.push_str(&line);
    }
    let secure = crate::site::secure_address(host, manifest);
    let (user, socket) = (&manifest.user, text(&database::socket(host)));
    Ok(format!(
        "<?php\n// The database knows its user by the unix user that asks: there is no password.\n\
         define('DB_NAME', '{user}');\ndefine('DB_USER', '{user}');\ndefine('DB_PASSWORD', '');\n\
         define('DB_HOST', 'localhost:{socket}');\ndefine('DB_CHARSET', 'utf8mb4');\ndefine('DB_COLLATE', '');\n{secrets}\
         // Asked with a certificate, it writes its links so.\n\
         if (($_SERVER['HTTPS'] ?? '') === 'on') {{ define('WP_HOME', '{secure}'); define('WP_SITEURL', '{secure}'); }}\n\
         define('FS_METHOD', 'direct');\n$table_prefix = 'wp_';\n\
         if (!defined('ABSPATH')) {{ define('ABSPATH', __DIR__ . '/'); }}\nrequire_once ABSPATH . 'wp-settings.php';\n"
    ))
}

/// Runs its installer as its owner, if it is not installed, with a password that nobody knows.
pub(crate) fn install(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let Spec::Wordpress { title, admin, .. } = &manifest.spec else { return Err(Fault::failed("it is no WordPress")) };
    let secret = password::random()?;
    let given = [title.as_str(), &login(admin), admin.as_str(), secret.expose()];
    let rest = "require ABSPATH . 'wp-admin/includes/upgrade.php';\n\
                if (!is_blog_installed()) { wp_install($given[0], $given[1], $given[2], true, '', $given[3]); }\n";
    let address = crate::site::address(host, manifest);
    let script = format!("define('WP_INSTALLING', true);\ndefine('WP_SITEURL', '{address}');\n{LOAD}{rest}");
    run_php(host, manifest, &script, &given)
}

/// Sets the administrator's password.
pub(crate) fn set_password(host: &Host, manifest: &Manifest, password: &Password) -> Result<(), Fault> {
    let login = manifest.login.as_deref().unwrap_or_default();
    let rest = "$user = get_user_by('login', $given[0]);\nif (!$user) { exit(3); }\n\
                wp_set_password($given[1], $user->ID);\n\
                WP_Session_Tokens::get_instance($user->ID)->destroy_all();\n";
    run_php(host, manifest, &format!("{LOAD}{rest}"), &[login, password.expose()])
}

/// Runs a script as the website's owner, in its directory and with its limits. Script and values go through standard input,
/// the values as hexadecimal digits, so that none of them can be read as code.
fn run_php(host: &Host, manifest: &Manifest, script: &str, given: &[&str]) -> Result<(), Fault> {
    let values: Vec<String> = given.iter().map(|text| format!("hex2bin('{}')", files::hex(text.as_bytes()))).collect();
    let whole = format!("<?php\n$given = [{}];\n{script}echo \"\\ndone\\n\";\n", values.join(", "));
    let docroot = manifest.dir(host).join("public_html");
    let mut program = Program::mortal("/usr/bin/php8.2");
    for (name, value) in php::limits(host, manifest) {
        program = program.arg("-d").arg(format!("{name}={value}"));
    }
    let ended = program.by(manifest.owner(), &docroot).input(&whole).run_to_end()?;
    if ended.code == 0 && ended.output.trim_end().ends_with("done") {
        return Ok(());
    }
    // What it printed may hold what it was given, so it is not repeated.
    Err(Fault::failed(format!("WordPress did not do what was asked for; PHP ended with {}", ended.code)))
}
