//! One service of a customer's: how it is, how to use it, what it uses, what can be done with it.

use flows::SignedIn;
use infra::queries::ServiceView;
use provisioning::{Ability, Power, Usage};
use serde::Serialize;

use crate::{
    say::{Fill, Say, say},
    words::{Access, Badge, duration, service_badge},
};

/// The page of one service.
#[derive(Debug, Serialize)]
pub(crate) struct ServicePage {
    url: String,
    label: String,
    /// Where it says more than the label.
    plan_name: Option<String>,
    status: Badge,
    access: Vec<Access>,
    /// What to do with it, step by step.
    how: Vec<Say>,
    order_url: String,
    /// What it uses; `None` where its provider does not tell.
    usage: Option<UsageView>,
    powers: Vec<PowerButton>,
    /// Its owner signs in there with a password of its own, and sets it here.
    password: bool,
    /// Its provider has a page where its owner manages it.
    console: bool,
    notice: Option<Notice>,
}

#[derive(Debug, Serialize)]
struct PowerButton {
    word: &'static str,
    text: Say,
    /// It may cost what was not saved.
    harsh: bool,
}

/// What is said on top: what was done, or why it was not.
#[derive(Debug, Serialize)]
pub(crate) struct Notice {
    pub(crate) text: Say,
    pub(crate) good: bool,
}

/// What it uses, as far as that could be learnt in time.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UsageView {
    /// The provider did not answer in time, or with an error.
    Away(bool),
    /// Figures with their names.
    Figures(Vec<Figure>),
}

#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    label: Say,
    value: Fill,
}

impl From<Usage> for UsageView {
    fn from(usage: Usage) -> Self {
        let figure = |label: Say, value: Fill| Figure { label, value };
        let mut figures = vec![figure(say("usage-activity"), activity(&usage.activity))];
        if usage.cpu_millis > 0 {
            let percent = i64::try_from(usage.cpu_millis / 10).unwrap_or(i64::MAX);
            figures.push(figure(say("usage-cpu"), say("usage-percent").with("percent", percent).into()));
        }
        if usage.memory_bytes > 0 {
            figures.push(figure(say("usage-memory"), size(usage.memory_bytes).into()));
        }
        figures.push(figure(say("usage-disk"), size(usage.disk_bytes).into()));
        if let Some(up) = chrono::Duration::from_std(usage.uptime).ok().filter(|up| up.num_seconds() > 0) {
            figures.push(figure(say("usage-uptime"), duration(up).into()));
        }
        Self::Figures(figures)
    }
}

/// The words that panels use; another one is shown as it comes.
fn activity(word: &str) -> Fill {
    match word {
        "running" => say("usage-running").into(),
        "starting" => say("usage-starting").into(),
        "stopping" => say("usage-stopping").into(),
        "offline" | "stopped" => say("usage-stopped").into(),
        other => other.into(),
    }
}

/// `640 MiB`, `1.5 GiB`: cut, not rounded.
fn size(bytes: u64) -> Say {
    const MIB: u64 = 1024 * 1024;
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    if bytes < 1024 * MIB {
        return say("size-mib").with("size", whole(bytes / MIB));
    }
    let tenths = bytes / MIB * 10 / 1024;
    say("size-gib").with("whole", whole(tenths / 10)).with("tenth", whole(tenths % 10))
}

/// The page. `abilities` are what can be done with it now.
pub(crate) fn service(
    who: &SignedIn,
    row: &ServiceView,
    abilities: &[Ability],
    usage: Option<UsageView>,
    notice: Option<Notice>,
) -> ServicePage {
    // Whoever acts in a customer's place looks, and leaves the rest to them.
    let own = who.means.acted_by().is_none();
    let can = |ability| own && abilities.contains(&ability);
    let powers = if can(Ability::Power) && runs_alone(&row.kind) { buttons() } else { Vec::new() };
    ServicePage {
        url: format!("/account/services/{}", row.id),
        label: row.label.clone(),
        plan_name: Some(row.plan_name.clone()).filter(|name| *name != row.label),
        status: service_badge(&row.status),
        access: row.access.iter().map(Access::from).collect(),
        how: if row.status == "active" { how(&row.kind) } else { Vec::new() },
        order_url: format!("/orders/{}", row.order),
        usage,
        powers,
        password: can(Ability::SetPassword) && has_password(&row.kind),
        console: can(Ability::Console),
        notice,
    }
}

/// Kinds of product into which somebody signs in with a password of their own.
fn has_password(kind: &str) -> bool {
    ["hosting", "wordpress", "email", "storage"].contains(&kind)
}

/// Kinds of product for which something runs that can be started and stopped.
fn runs_alone(kind: &str) -> bool {
    !["email", "storage"].contains(&kind)
}

fn buttons() -> Vec<PowerButton> {
    let button = |power: Power, text: Say, harsh| PowerButton { word: power.as_str(), text, harsh };
    vec![
        button(Power::Start, say("power-start"), false),
        button(Power::Restart, say("power-restart"), false),
        button(Power::Stop, say("power-stop"), false),
        button(Power::Kill, say("power-kill"), true),
    ]
}

/// What was asked for, once it was done.
pub(crate) const fn powered(power: Power) -> Say {
    match power {
        Power::Start => say("power-started"),
        Power::Stop => say("power-stopped"),
        Power::Restart => say("power-restarted"),
        Power::Kill => say("power-killed"),
    }
}

/// What to do with a running service of this kind.
fn how(kind: &str) -> Vec<Say> {
    match kind {
        "game" => vec![say("how-game-join"), say("how-game-settings"), say("how-game-stopped")],
        "hosting" => vec![say("how-hosting-open"), say("how-hosting-files"), say("how-hosting-domain")],
        "wordpress" => vec![
            say("how-wordpress-open"),
            say("how-wordpress-log-in"),
            say("how-wordpress-files"),
            say("how-wordpress-domain"),
        ],
        "email" => vec![say("how-email-program"), say("how-email-password"), say("how-email-send")],
        "vps" | "cloud" => vec![say("how-vps-log-in"), say("how-vps-update")],
        "storage" => vec![say("how-storage-connect"), say("how-storage-password")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::size;
    use crate::{languages::spoken_in_english, say::Fill};

    #[test]
    fn sizes_are_said_in_the_unit_that_is_read_best() {
        const MIB: u64 = 1024 * 1024;
        let said = |bytes| spoken_in_english(&Fill::from(size(bytes)));
        let sizes = [0, MIB * 640, MIB * 1024 - 1, MIB * 1024, MIB * 1536, MIB * 1024 * 12 + 1];
        let words = ["0 MiB", "640 MiB", "1023 MiB", "1.0 GiB", "1.5 GiB", "12.0 GiB"];
        assert_eq!(sizes.map(said), words);
    }
}
