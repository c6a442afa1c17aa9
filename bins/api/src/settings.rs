//! How this program is configured, as people of the shop see it: every variable, and of secrets whether they are set. A test holds
//! the list against the program's own help.

use std::fmt::Display;

use web::{Setting, Shown};

use crate::config::Config;

fn plain(name: &'static str, value: impl Display) -> Setting {
    Setting { name, value: Shown::Plain(value.to_string()) }
}

fn optional(name: &'static str, value: Option<impl Display>) -> Setting {
    Setting { name, value: value.map_or_else(|| Shown::Plain(String::new()), |value| Shown::Plain(value.to_string())) }
}

fn secret(name: &'static str, value: Option<&String>) -> Setting {
    Setting { name, value: Shown::Secret(value.is_some_and(|text| !text.trim().is_empty())) }
}

/// Every variable of the program's, in the order of its help.
pub(crate) fn shown(config: &Config) -> Vec<Setting> {
    let mut all = doors(config);
    all.extend(accounts(config));
    all.extend(kept(config));
    all.extend(outside(config));
    all
}

fn doors(config: &Config) -> Vec<Setting> {
    vec![
        plain("API_LISTEN", config.api_listen),
        optional("API_WORKERS", config.api_workers),
        plain("API_MAX_CONNECTIONS", config.api_max_connections),
        plain("API_MAX_CONNECTIONS_PER_PEER", config.api_max_connections_per_peer),
        optional("WEBHOOK_LISTEN", config.webhook_listen),
        plain("WEBHOOK_MAX_CONNECTIONS", config.webhook_max_connections),
        plain("CORS_ALLOWED_ORIGINS", config.cors_allowed_origins.join(", ")),
        plain("HSTS_SUBDOMAINS", config.hsts_subdomains),
        plain("TRUSTED_PROXIES", config.trusted_proxies.join(", ")),
        plain("DEV_GALLERY", config.dev_gallery),
    ]
}

fn accounts(config: &Config) -> Vec<Setting> {
    vec![
        secret("JWT_SECRET", config.jwt_secret.as_ref()),
        secret("JWT_SECRETS_OLD", config.jwt_secrets_old.first()),
        plain("REGISTRATION", config.registration),
        plain("STAFF_SECOND_FACTOR", config.staff_second_factor),
        plain("LIMITS", if config.limits.are_off() { "off" } else { "on" }),
    ]
}

fn kept(config: &Config) -> Vec<Setting> {
    let (database, keys) = (&config.database, &config.keys);
    vec![
        secret("DATABASE_URL", database.database_url.as_ref()),
        plain("PGHOST", &database.pg_host),
        plain("PGPORT", database.pg_port),
        plain("PGDATABASE", &database.pg_database),
        plain("PGUSER", &database.pg_user),
        secret("PGPASSWORD", database.pg_password.as_ref()),
        plain("DATABASE_POOL_SIZE", database.database_pool_size),
        secret("SECRETS_KEY", keys.secrets_key.as_ref()),
        secret("SECRETS_KEYS_OLD", keys.secrets_keys_old.first()),
        secret("SECRETS_KEYS_BEFORE", keys.secrets_keys_before.first()),
        plain("BCRYPT_COST", keys.bcrypt_cost),
    ]
}

fn outside(config: &Config) -> Vec<Setting> {
    let (stripe, panel, site) = (&config.stripe, &config.panel, &config.site);
    vec![
        secret("STRIPE_SECRET_KEY", stripe.stripe_secret_key.as_ref()),
        secret("STRIPE_WEBHOOK_SECRET", stripe.stripe_webhook_secret.first()),
        plain("STRIPE_API_BASE", &stripe.stripe_api_base),
        optional("PTERODACTYL_URL", panel.pterodactyl_url.as_ref()),
        secret("PTERODACTYL_API_KEY", panel.pterodactyl_api_key.as_ref()),
        optional("PANEL_URL", panel.panel_url.as_ref()),
        plain("PTERODACTYL_PREFIX", &panel.pterodactyl_prefix),
        plain("PTERODACTYL_CALLS_PER_MINUTE", panel.pterodactyl_calls_per_minute),
        plain("SITES_DOMAIN", &panel.sites_domain),
        optional("LOCAL_SOCKET", panel.local_socket.as_ref().map(|path| path.display())),
        optional("LOCAL_HOST", panel.local_host.as_ref()),
        optional("PROVIDERS_FILE", panel.providers_file.as_ref().map(|path| path.display())),
        plain("OUTBOUND_ALLOW", config.outbound.outbound_allow.join(", ")),
        optional("PUBLIC_SITE_URL", site.public_site_url.as_ref()),
        optional("FRONTEND_URL", site.frontend_url.as_ref()),
        optional("BRAND_FILE", site.brand_file.as_ref().map(|path| path.display())),
        plain("SHOP_NAME", &site.shop_name),
        plain("SUPPORT_EMAIL", &site.support_email),
        plain("WELCOME", site.welcome),
        plain("LOG_FORMAT", &config.log.log_format),
        plain("RUST_LOG", &config.log.filter),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[test]
    fn every_variable_is_shown_and_no_secret_is() {
        let sentinel = "a value that must not be shown anywhere";
        let secrets = [
            "--jwt-secret",
            "--jwt-secrets-old",
            "--database-url",
            "--pg-password",
            "--secrets-key",
            "--secrets-keys-old",
            "--secrets-keys-before",
            "--stripe-secret-key",
            "--stripe-webhook-secret",
            "--pterodactyl-api-key",
        ];
        let arguments = secrets.map(|name| format!("{name}={sentinel}"));
        let config = Config::parse_from(["hostwright-api".to_owned()].into_iter().chain(arguments));
        let shown = shown(&config);
        assert!(!format!("{shown:?}").contains(sentinel), "{shown:?}");
        let listed: BTreeMap<&str, bool> =
            shown.iter().map(|setting| (setting.name, matches!(setting.value, Shown::Secret(_)))).collect();
        assert_eq!(listed.len(), shown.len());
        let command = Config::command();
        let known = command.get_arguments().filter_map(|argument| {
            let name = argument.get_env()?.to_str()?;
            Some((name, argument.is_hide_env_values_set()))
        });
        assert_eq!(listed, known.collect::<BTreeMap<_, _>>());
        let set = |setting: &&Setting| setting.value == Shown::Secret(true);
        assert_eq!(shown.iter().filter(set).count(), secrets.len());
    }
}
