//! What an operator reads about cases is complete.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use cases::CaseKind;

#[test]
fn every_kind_has_its_line_in_operations() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/OPERATIONS.md");
    let page = std::fs::read_to_string(path).unwrap();
    let missing: Vec<&str> = CaseKind::ALL
        .map(CaseKind::as_str)
        .into_iter()
        .filter(|kind| !page.contains(&format!("\n| `{kind}` |")))
        .collect();
    assert!(missing.is_empty(), "docs/OPERATIONS.md says nothing of {missing:?}");
}
