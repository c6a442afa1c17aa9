//! Fault rules: which calls go wrong, how, and how often. Set over `/control/faults`.

use crate::http::{Answer, Call, Line};
use crate::world::lock;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// The stand-in that a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    Stripe,
    Panel,
    /// A hosting panel at `/hosting/{name}`; the path begins with its name.
    Hosting,
    Smtp,
    Webhook,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Waits `ms`, then works as usual. The work is done even if the client has gone by then.
    Delay,
    /// Refuses with `status`, without effect.
    Fail,
    /// Takes effect, then answers `status`.
    FailAfterEffect,
    /// Takes effect, says nothing for `ms`, then closes the connection.
    HangAfterEffect,
    /// HTTP: closes the connection without effect. SMTP: likewise, at the end of the mail. Webhook: is never sent.
    Drop,
    /// Webhook: sent `count` times more (default 1).
    Duplicate,
    /// Webhook: held back until `count` (default 3) have gathered or `ms` (default 2000) have passed, then shuffled.
    Reorder,
}

/// Whose voice a failure has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Voice {
    /// The service itself, in its own error shape.
    #[default]
    Service,
    /// A proxy in front of it: an HTML page.
    Html,
    /// The panel relaying its daemon: `DaemonConnectionException`.
    Daemon,
    /// A redirect, 302, as to a page for signing in.
    Redirect,
    /// A panel of another version: a success, and of a shape that this one does not have.
    OtherVersion,
}

/// One rule. It fires for calls that match everything it names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(skip_deserializing)]
    pub(crate) id: u64,
    pub(crate) target: Target,
    pub(crate) kind: Kind,
    /// One, or several with commas between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    /// One part, or several with commas between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path_contains: Option<String>,
    /// The same for the body and the query, as they were sent: some panels have one path for everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body_contains: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) event_type: Option<String>,
    /// How many more calls it fires for; 0 means until it is removed.
    #[serde(default)]
    pub(crate) times: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    #[serde(default)]
    pub(crate) voice: Voice,
    /// Stripe: whether the failure is what the idempotency key replays. Default: only a 500 after effect is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) saved: Option<bool>,
    #[serde(skip_deserializing)]
    pub(crate) fired: u64,
}

impl Rule {
    /// How long it waits.
    pub(crate) fn wait(&self, default_ms: u64) -> Duration {
        Duration::from_millis(self.ms.unwrap_or(default_ms))
    }

    /// Whether Stripe saves this failure under the idempotency key.
    pub(crate) fn is_saved(&self) -> bool {
        self.saved.unwrap_or(self.kind == Kind::FailAfterEffect && self.status.unwrap_or(500) == 500)
    }

    /// A sentence about what is wrong with the rule, if anything is.
    pub(crate) fn objection(&self) -> Option<String> {
        let webhook_only = matches!(self.kind, Kind::Duplicate | Kind::Reorder);
        let effect_kinds = matches!(self.kind, Kind::FailAfterEffect | Kind::HangAfterEffect);
        if webhook_only && self.target != Target::Webhook {
            return Some("The kinds duplicate and reorder are for the target webhook.".to_owned());
        }
        if effect_kinds && self.target == Target::Webhook {
            return Some(
                "A webhook takes effect at its receiver; use drop, fail, delay, duplicate or reorder.".to_owned(),
            );
        }
        if (self.method.is_some() || self.path_contains.is_some()) && self.target == Target::Webhook {
            return Some("Rules for webhooks match by event_type, not by method or path.".to_owned());
        }
        if self.event_type.is_some() && self.target != Target::Webhook {
            return Some("event_type is for the target webhook.".to_owned());
        }
        let voiced = match self.voice {
            Voice::Service => true,
            Voice::Html => matches!(self.target, Target::Panel | Target::Hosting | Target::Stripe),
            Voice::Daemon => self.target == Target::Panel,
            Voice::Redirect | Voice::OtherVersion => matches!(self.target, Target::Panel | Target::Hosting),
        };
        if !voiced {
            return Some(
                "The voice html is for the targets panel, hosting and stripe, redirect and other_version are for panel and \
                 hosting, daemon is for panel."
                    .to_owned(),
            );
        }
        if self.body_contains.is_some() && self.target != Target::Hosting {
            return Some("body_contains is for the target hosting.".to_owned());
        }
        if self.saved.is_some() && self.target != Target::Stripe {
            return Some("saved is for the target stripe: it is about idempotency keys.".to_owned());
        }
        match self.status {
            Some(status) if !(400..=599).contains(&status) => {
                Some(format!("{status} is no error status (400 to 599)."))
            }
            Some(_) | None => None,
        }
    }

    fn matches(&self, target: Target, method: &str, path: &str, event_type: &str) -> bool {
        self.target == target
            && self.method.as_deref().is_none_or(|wanted| is_one_of(wanted, method))
            && self.path_contains.as_deref().is_none_or(|parts| has_one_of(parts, path))
            && self.event_type.as_deref().is_none_or(|wanted| wanted == event_type)
    }
}

/// `POST,DELETE` names two.
fn is_one_of(wanted: &str, method: &str) -> bool {
    wanted.split(',').any(|wanted| wanted.trim().eq_ignore_ascii_case(method))
}

/// `suspend,unsuspend` names two parts.
fn has_one_of(parts: &str, text: &str) -> bool {
    parts.split(',').any(|part| text.contains(part))
}

/// The book of rules.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
    // Lets calls pass without touching the lock while there is no rule.
    active: AtomicUsize,
    last_id: Mutex<u64>,
}

impl Faults {
    /// The fault for this call, if a rule fires; the oldest matching rule wins.
    pub(crate) fn take(&self, target: Target, method: &str, path: &str, event_type: &str) -> Option<Rule> {
        self.take_if(|rule| rule.matches(target, method, path, event_type))
    }

    /// The fault for a call of a hosting panel.
    pub(crate) fn take_hosting(&self, call: &Call) -> Option<Rule> {
        let said = format!("{}&{}", call.query, String::from_utf8_lossy(&call.body));
        self.take_if(|rule| {
            rule.matches(Target::Hosting, &call.method, &call.path, "")
                && rule.body_contains.as_deref().is_none_or(|parts| has_one_of(parts, &said))
        })
    }

    /// The fault for a webhook of this type: at its sending (`Fail`) or when it is queued (all other kinds).
    pub(crate) fn take_webhook(&self, event_type: &str, sending: bool) -> Option<Rule> {
        self.take_if(|rule| {
            (rule.kind == Kind::Fail) == sending && rule.matches(Target::Webhook, "POST", "", event_type)
        })
    }

    fn take_if(&self, wanted: impl Fn(&Rule) -> bool) -> Option<Rule> {
        if self.active.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut rules = lock(&self.rules);
        let at = rules.iter().position(wanted)?;
        let rule = rules.get_mut(at)?;
        rule.fired += 1;
        let fired = rule.clone();
        match rule.times {
            0 => {}
            1 => drop(rules.remove(at)),
            _ => rule.times -= 1,
        }
        self.active.store(rules.len(), Ordering::Release);
        Some(fired)
    }

    /// Adds a rule and tells its id.
    pub(crate) fn add(&self, mut rule: Rule) -> u64 {
        let id = {
            let mut last = lock(&self.last_id);
            *last += 1;
            *last
        };
        rule.id = id;
        let mut rules = lock(&self.rules);
        rules.push(rule);
        self.active.store(rules.len(), Ordering::Release);
        id
    }

    /// All rules that can still fire.
    pub(crate) fn list(&self) -> Vec<Rule> {
        lock(&self.rules).clone()
    }

    /// Removes one rule; tells whether it was there.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut rules = lock(&self.rules);
        let before = rules.len();
        rules.retain(|rule| rule.id != id);
        self.active.store(rules.len(), Ordering::Release);
        rules.len() < before
    }

    /// Removes all rules.
    pub(crate) fn clear(&self) {
        let mut rules = lock(&self.rules);
        rules.clear();
        self.active.store(0, Ordering::Release);
    }
}

/// Does the work as a rule has it go wrong. `failure` is what the service then says.
pub(crate) async fn go_wrong(
    rule: Rule,
    line: &Line,
    work: impl FnOnce() -> Answer + 'static,
    failure: impl FnOnce(&Rule) -> Answer,
) -> Answer {
    match rule.kind {
        Kind::Delay => {
            // In a task of its own: PHP goes on working when the client has hung up.
            let work = async move {
                sleep(rule.wait(1000)).await;
                work()
            };
            actix_web::rt::spawn(work).await.unwrap_or_else(|_| Answer::empty(500))
        }
        Kind::Fail => failure(&rule),
        Kind::FailAfterEffect => {
            drop(work());
            failure(&rule)
        }
        Kind::HangAfterEffect => {
            drop(work());
            sleep(rule.wait(60_000)).await;
            line.cut();
            Answer::empty(500)
        }
        Kind::Drop | Kind::Duplicate | Kind::Reorder => {
            line.cut();
            Answer::empty(500)
        }
    }
}
