//! Every component of the design, where the setting for it is on, and nowhere else.

use super::chrome::{self, Chrome, DESK, Look, PHONE};
use crate::ground::{Ground, Wishes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gallery_shows_every_component_in_a_browser() {
    if !chrome::wanted() {
        return;
    }
    let settings = vec![("DEV_GALLERY", "true".to_owned())];
    let ground = Ground::open_with(Wishes { settings, ..Wishes::default() }).await;
    for (story, look) in [("gallery", DESK), ("gallery-dark", Look { dark: true, ..PHONE })] {
        let mut chrome = Chrome::open(story, look).await;
        chrome.goto(&format!("{}/_gallery", ground.desk.api)).await;
        let seen = chrome.sees("Empty states").await;
        for word in
            ["Only 3 left", "Sold out", "Please enter an e-mail address", "the plans compared", "Paid orders a day"]
        {
            assert!(seen.contains(word), "no {word:?} in {seen}");
        }
        chrome.shot("all").await;
        chrome.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_no_gallery_in_a_shop() {
    let ground = Ground::open().await;
    let reply = ground.desk.get("/_gallery").await.unwrap();
    assert_eq!(reply.status, 404, "{reply:?}");
}
