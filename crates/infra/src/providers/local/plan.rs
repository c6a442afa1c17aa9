//! What a product promises, and what is asked of the helper for it.

use local_protocol::{Domain, InvalidWord, Kind, MailAddress, Mebibytes, PhpVersion, ServerName, Slots, Spec, Title};
use provisioning::{DomainChoice, DomainName, ProviderError, ServiceOrder, SettingsProblem};
use serde_json::Value;

use panels::{
    kind_problems,
    names::domains,
    settings::{Reader, listed},
};

use super::{LocalSettings, refused};

/// Kinds of product that are delivered here, as the catalogue calls them.
pub(super) const KINDS: &[&str] = &["hosting", "wordpress", "email", "game", "storage"];

/// The helper's kind for the catalogue's word.
pub(super) fn kind_of(word: &str) -> Option<Kind> {
    match word {
        "hosting" => Some(Kind::Website),
        "wordpress" => Some(Kind::Wordpress),
        "email" => Some(Kind::Mailbox),
        "game" => Some(Kind::Game),
        "storage" => Some(Kind::Storage),
        _ => None,
    }
}

/// A product's settings. `hosting` and `wordpress`: `php_version`, and `disk_mb`, `memory_mb`, `subdomain_base` where they
/// differ from the usual. `email`: `disk_mb`, `mail_domain`, and `mailbox`, the name on a customer's own domain. `game`:
/// `slots` and `memory_mb`. `storage`: `disk_mb`.
struct Plan {
    disk: i64,
    memory: i64,
    slots: i64,
    base: Option<DomainName>,
    mailbox: String,
}

impl Plan {
    fn read(kind: Kind, settings: &Value) -> Result<Self, Vec<SettingsProblem>> {
        let mut reader = Reader::new(settings);
        let (mut disk, mut memory, mut slots) = (1024, 256, 16);
        let (mut base, mut mailbox) = (None, None);
        let is_domain = |text: &str| text.parse::<DomainName>().is_ok();
        match kind {
            Kind::Website | Kind::Wordpress => {
                let _ = reader.required("php_version");
                let is_version = |text: &str| text == PhpVersion::V8_2.as_str();
                let _ = reader.text("php_version", is_version, "expected the text 8.2, which Debian 12 has");
                disk = reader.number("disk_mb", 16..=1_048_576, Some(disk));
                memory = reader.number("memory_mb", 64..=4096, Some(memory));
                base = reader.text("subdomain_base", is_domain, "expected a domain such as sites.example.com");
            }
            Kind::Mailbox => {
                disk = reader.number("disk_mb", 16..=1_048_576, Some(disk));
                base = reader.text("mail_domain", is_domain, "expected a domain such as mail.example.com");
                let is_name = |text: &str| MailAddress::try_from(format!("{text}@example.com")).is_ok();
                mailbox = reader.text("mailbox", is_name, "expected a name such as info");
            }
            Kind::Storage => disk = reader.number("disk_mb", 16..=1_048_576, Some(disk)),
            Kind::Game => {
                slots = reader.number("slots", 2..=64, Some(slots));
                memory = reader.number("memory_mb", 64..=4096, Some(memory));
            }
        }
        let base = base.and_then(|text| text.parse().ok());
        reader.finish(Self { disk, memory, slots, base, mailbox: mailbox.unwrap_or_else(|| "info".to_owned()) })
    }
}

/// What is wrong with a product's settings.
pub(super) fn problems(kind: &str, settings: &Value) -> Vec<SettingsProblem> {
    match kind_of(kind) {
        None => kind_problems(kind, KINDS),
        Some(kind) => Plan::read(kind, settings).err().unwrap_or_default(),
    }
}

/// What the helper is to make of an order.
pub(super) fn spec(order: &ServiceOrder, settings: &LocalSettings) -> Result<Spec, ProviderError> {
    let kind = kind_of(&order.kind)
        .ok_or_else(|| refused(format!("this provider delivers {}, not {}", KINDS.join(", "), order.kind)))?;
    let plan = Plan::read(kind, &order.settings)
        .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))?;
    let base = plan.base.as_ref().unwrap_or(&settings.subdomain_base);
    built(kind, order, (&plan, base)).map_err(|fault| match fault {
        Wrong::Provider(error) => error,
        Wrong::Word(expected) => refused(format!("the order cannot be made as it is: {expected}")),
    })
}

enum Wrong {
    Provider(ProviderError),
    Word(InvalidWord),
}

impl From<InvalidWord> for Wrong {
    fn from(word: InvalidWord) -> Self {
        Self::Word(word)
    }
}

impl From<ProviderError> for Wrong {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

fn built(kind: Kind, order: &ServiceOrder, (plan, base): (&Plan, &DomainName)) -> Result<Spec, Wrong> {
    let names = || -> Result<Vec<Domain>, Wrong> {
        let names = domains(order.delivery.domain.as_ref(), base, order.service)?;
        Ok(names.into_iter().map(Domain::try_from).collect::<Result<_, _>>()?)
    };
    let (disk, memory) = (Mebibytes::try_from(plan.disk)?, Mebibytes::try_from(plan.memory)?);
    let php = PhpVersion::V8_2;
    Ok(match kind {
        Kind::Website => Spec::Website { domains: names()?, php, disk, memory },
        Kind::Wordpress => {
            let title = Title::try_from(order.label.clone()).or_else(|_| Title::try_from("My website".to_owned()))?;
            Spec::Wordpress { domains: names()?, php, disk, memory, title, admin: order.owner.email.clone() }
        }
        Kind::Mailbox => Spec::Mailbox { addresses: addresses(order, plan, base)?, disk },
        Kind::Storage => Spec::Storage { disk },
        Kind::Game => Spec::Game { name: server_name(order)?, slots: Slots::try_from(plan.slots)?, memory },
    })
}

/// The wish comes first; every other one is made of the service's id, so that asking again asks for the same.
fn addresses(order: &ServiceOrder, plan: &Plan, base: &DomainName) -> Result<Vec<MailAddress>, Wrong> {
    let texts = match &order.delivery.domain {
        Some(DomainChoice::Own(domain)) => vec![format!("{}@{domain}", plan.mailbox)],
        choice @ (Some(DomainChoice::Subdomain(_)) | None) => {
            let names = domains(choice.as_ref(), base, order.service)?;
            let local = |name: String| name.strip_suffix(&format!(".{base}")).map(str::to_owned);
            names.into_iter().filter_map(local).map(|local| format!("{local}@{base}")).collect()
        }
    };
    Ok(texts.into_iter().map(MailAddress::try_from).collect::<Result<_, _>>()?)
}

/// The name that the customer chose, as far as a game server can show it.
fn server_name(order: &ServiceOrder) -> Result<ServerName, Wrong> {
    let chosen = order.delivery.server_name.as_ref().map_or(order.label.as_str(), |name| name.as_str());
    let shown = |symbol: &char| (symbol.is_ascii_graphic() || *symbol == ' ') && !r#""'\;#"#.contains(*symbol);
    let text: String = chosen.chars().filter(shown).take(60).collect();
    Ok(ServerName::try_from(text.trim().to_owned()).or_else(|_| ServerName::try_from("Game server".to_owned()))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
    use kernel::Env;
    use provisioning::testing::sample_order;
    use serde_json::json;

    use super::*;

    fn settings() -> LocalSettings {
        LocalSettings {
            socket: "/nowhere".into(),
            host: "host.example.com".parse().unwrap(),
            subdomain_base: "sites.example.com".parse().unwrap(),
        }
    }

    #[test]
    fn settings_are_checked_each_with_its_place() {
        let places = |kind: &str, settings: &Value| {
            problems(kind, settings).into_iter().map(|problem| problem.path).collect::<Vec<_>>()
        };
        assert!(places("hosting", &json!({ "php_version": "8.2", "disk_mb": 500 })).is_empty());
        assert!(places("email", &json!({})).is_empty());
        assert!(places("game", &json!({ "slots": 8 })).is_empty());
        assert!(places("storage", &json!({ "disk_mb": 102_400 })).is_empty());
        assert_eq!(places("storage", &json!({ "memory_mb": 64 })), ["memory_mb"]);
        assert_eq!(places("hosting", &json!({})), ["php_version"]);
        assert_eq!(places("wordpress", &json!({ "php_version": "8.3", "disk_mb": 1 })), ["php_version", "disk_mb"]);
        assert_eq!(places("game", &json!({ "slots": 65, "php_version": "8.2" })), ["slots", "php_version"]);
        assert_eq!(places("email", &json!({ "mailbox": "../x" })), ["mailbox"]);
        assert_eq!(problems("vps", &json!({})).len(), 1);
    }

    #[test]
    fn a_mailbox_lies_on_the_customers_domain_or_beneath_ours() {
        let mut order = sample_order(&mut Env::system(), "email", json!({ "mailbox": "hello" }));
        order.delivery.domain = Some(DomainChoice::Own("example.org".parse().unwrap()));
        let Spec::Mailbox { addresses, .. } = spec(&order, &settings()).unwrap() else { panic!("a mailbox") };
        assert_eq!(addresses.iter().map(MailAddress::as_str).collect::<Vec<_>>(), ["hello@example.org"]);
        order.delivery.domain = DomainChoice::subdomain("mia").ok();
        let Spec::Mailbox { addresses, .. } = spec(&order, &settings()).unwrap() else { panic!("a mailbox") };
        assert_eq!(addresses.first().unwrap().as_str(), "mia@sites.example.com");
        assert!(addresses.len() > 1);
    }

    #[test]
    fn a_game_server_gets_a_name_that_it_can_show() {
        let mut order = sample_order(&mut Env::system(), "game", json!({}));
        order.delivery.server_name = provisioning::ServerName::parse("Mía's \"best\"; place");
        let Spec::Game { name, .. } = spec(&order, &settings()).unwrap() else { panic!("a game server") };
        assert_eq!(name.as_str(), "Mas best place");
    }
}
