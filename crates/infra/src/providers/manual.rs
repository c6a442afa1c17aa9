//! Delivery by a person: nothing is made here, and the order says so at once, with what is to be done.

use std::time::Duration;

use provisioning::{
    BoxFuture, Capabilities, Lookup, Provider, ProviderError, Remote, RemoteRef, ServiceOrder, SettingsProblem,
};
use serde_json::Value;

use panels::settings::Reader;

/// Delivers nothing by itself. Its settings: `{ instructions = "what a person has to do" }`.
///
/// It is the one provider whose `create` never succeeds: the refusal is what brings the order before a person. What comes
/// later is a person's, too: it can do nothing with what was delivered, and says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct ManualProvider;

fn instructions(settings: &Value) -> Result<String, Vec<SettingsProblem>> {
    let mut reader = Reader::new(settings);
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= 1000;
    let _ = reader.required("instructions");
    let text = reader.text("instructions", fits, "expected 1 to 1000 characters saying what a person has to do");
    reader.finish(text.unwrap_or_default())
}

impl Provider for ManualProvider {
    fn capabilities(&self) -> Capabilities {
        Capabilities { kinds: &[], installs: false, finds: true, lists: false, settle: Duration::ZERO, does: &[] }
    }

    fn check_settings(&self, _kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        instructions(settings).err().unwrap_or_default()
    }

    fn find<'a>(&'a self, _order: &'a ServiceOrder) -> BoxFuture<'a, Result<Lookup, ProviderError>> {
        Box::pin(async { Ok(Lookup::Absent) })
    }

    fn create<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        let text = instructions(&order.settings).unwrap_or_else(|_| "see the product".to_owned());
        let detail = format!("this plan is delivered by hand: {}", text.trim());
        Box::pin(async move { Err(ProviderError::Refused { detail }) })
    }

    fn observe<'a>(&'a self, _remote: &'a RemoteRef) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        let detail = "what was delivered by hand cannot be observed".to_owned();
        Box::pin(async move { Err(ProviderError::Refused { detail }) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn instructions_are_required() {
        let places = |settings: Value| -> Vec<String> {
            ManualProvider.check_settings("vps", &settings).into_iter().map(|problem| problem.path).collect()
        };
        assert!(places(json!({ "instructions": "Make a VPS." })).is_empty());
        assert_eq!(places(json!({})), ["instructions"]);
        assert_eq!(places(json!({ "instructions": " " })), ["instructions"]);
        assert_eq!(places(json!({ "instructions": "x", "by": "me" })), ["by"]);
    }
}
