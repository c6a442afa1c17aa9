//! A whole purchase without a mouse, on a screen as wide as a phone's.

use serde_json::{Value, json};

use super::chrome::{self, Chrome, PHONE};
use crate::ground::{Ground, until};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";

/// Whether the element with the focus is of this kind, and how its outline looks.
fn focus(css: &str) -> String {
    let css = json!(css);
    format!(
        "(() => {{ const one = document.activeElement, style = getComputedStyle(one); \
         return {{ there: one.matches({css}), outside: one === document.body, outline: style.outlineStyle, \
         width: parseFloat(style.outlineWidth), what: one.outerHTML.slice(0, 120) }}; }})()"
    )
}

impl Chrome {
    /// Goes from one element to the next until it is at one of this kind; at each, one sees where one is.
    async fn tab_to(&self, css: &str) {
        let mut passed = Vec::new();
        while passed.len() < 120 {
            self.keys(TAB).await;
            let at = self.evaluate(&focus(css)).await;
            let seen = at["outline"] != json!("none") && at["width"].as_f64().is_some_and(|width| width >= 2.0);
            assert!(seen || at["outside"] == json!(true), "nobody sees that the focus is at {at}");
            if at["there"] == json!(true) {
                return;
            }
            passed.push(at["what"].clone());
        }
        panic!("{css} is not reached by the keyboard, only {passed:#?}");
    }

    /// On pages that are not ours there is nothing to say about outlines.
    async fn tab_to_button(&self, name: &str) {
        let there = format!("document.activeElement.textContent.includes({})", json!(name));
        until(name, async || {
            self.keys(TAB).await;
            (self.evaluate(&there).await == json!(true)).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_buys_hosting_with_the_keyboard_alone_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let ground = Ground::open().await;
    let mut chrome = Chrome::open("keyboard", PHONE).await;
    chrome.goto(&ground.desk.api).await;
    chrome.sees("Starter").await;
    // Past the plans to the table that compares them, which scrolls by itself.
    chrome.tab_to(".compared").await;
    let scrolled = "document.activeElement.scrollLeft";
    until("the table scrolls", async || {
        chrome.keys(RIGHT).await;
        chrome.evaluate(scrolled).await.as_f64().filter(|left| *left > 0.0)
    })
    .await;
    chrome.goto(&ground.desk.api).await;
    chrome.tab_to("a[href^='/order/starter']").await;
    chrome.shot("plan").await;
    chrome.keys(ENTER).await;
    chrome.arrives("/order/starter").await;
    chrome.tab_to("button[value='cycle:yearly']").await;
    chrome.keys(" ").await;
    chrome.sees("$35.88").await;
    for (field, text) in [("name", "Gerda Guest"), ("email", "gerda@example.com"), ("subdomain", "gerdas-garden")] {
        chrome.tab_to(&format!("input[name='{field}']")).await;
        chrome.keys(text).await;
    }
    chrome.tab_to("button.main[value='order']").await;
    chrome.shot("order").await;
    chrome.keys(ENTER).await;
    chrome.arrives("/pay/").await;
    chrome.tab_to_button("by card").await;
    chrome.keys(ENTER).await;
    chrome.arrives("/orders/ord_").await;
    chrome.sees("Ready to use").await;
    let row = ground.sql.query_one("SELECT billing_cycle, delivery::text FROM orders", &[]).await.unwrap();
    let (cycle, delivery): (String, String) = (row.get(0), row.get(1));
    assert_eq!(cycle, "yearly");
    assert!(delivery.contains("gerdas-garden"), "{delivery}");
    assert!(chrome.evaluate("1").await != Value::Null, "what is looked at is looked at");
    chrome.close().await;
}
