//! axe-core over every page that a walk looks at, in both themes. `scripts/test` installs it from npm.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::chrome::Chrome;
use crate::ground::binary;

/// What it found, as lines that name rule, element and remedy.
const RUN: &str = "axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations.flatMap((rule) => \
    rule.nodes.map((node) => `${rule.id} (${rule.impact}) at ${node.target.join(' ')}: ${node.failureSummary}`)))";

/// The sandbox's payment page is another's.
const OURS: &str = "document.querySelector('link[rel=stylesheet][href^=\"/assets/site.\"]') !== null";

/// Its source; `None` where it is not installed, which is said.
fn source() -> Option<String> {
    let target: PathBuf = binary("hostwright").parent()?.parent()?.to_owned();
    let file = target.join("axe/node_modules/axe-core/axe.min.js");
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        eprintln!("NO AXE: {} is not there, and accessibility is LEFT OUT; scripts/test installs it", file.display());
    }
    text
}

impl Chrome {
    /// Whatever axe finds on the page that is shown is a failure.
    pub(super) async fn is_accessible(&self, step: &str) {
        let Some(source) = source() else { return };
        if self.evaluate(OURS).await != json!(true) {
            return;
        }
        self.evaluate(&source).await;
        for theme in ["light", "dark"] {
            let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
            self.devtools("Emulation.setEmulatedMedia", features).await;
            let found = self.evaluate(RUN).await;
            let found = found.as_array().unwrap_or_else(|| panic!("axe did not run at {step}: {found}"));
            let lines: Vec<&str> = found.iter().filter_map(Value::as_str).collect();
            assert!(lines.is_empty(), "{step}, {theme}:\n{}", lines.join("\n"));
        }
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await;
    }

    /// What a piece of script comes to, awaited. Past the page's content policy, which is for pages.
    pub(super) async fn evaluate(&self, expression: &str) -> Value {
        let wanted = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        self.devtools("Runtime.evaluate", wanted).await["result"]["value"].clone()
    }
}
