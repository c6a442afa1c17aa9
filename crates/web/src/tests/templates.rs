//! Every template with every view it can get, in strict mode; and what no template may contain.

use std::sync::Arc;

use flows::testing::MemoryShop;

use super::browser::state;
use crate::{
    answer::Message,
    head::Head,
    languages::spoken_in_english,
    pages,
    render::TEMPLATES,
    say::say,
    visitor::{Parameters, Visitor},
    words::Badge,
};

#[test]
fn no_template_holds_inline_style_or_script() {
    for (name, source) in TEMPLATES {
        let lower = source.to_lowercase();
        assert!(!lower.contains("style="), "{name} has a style attribute");
        assert!(!lower.contains("<style"), "{name} has a style element");
        assert!(!lower.contains("javascript:"), "{name} has a script address");
        let events = [" onclick", " onload", " onsubmit", " onerror", " onchange", " oninput"];
        assert!(!events.iter().any(|event| lower.contains(event)), "{name} has an event attribute");
        for script in lower.split("<script").skip(1) {
            assert!(script.starts_with(" src=") && script.contains("></script>"), "{name} has an inline script");
        }
        let raw = source.matches("{{{").count();
        let written = ["order", "layout"].contains(name);
        assert_eq!(raw, usize::from(written), "{name}: only what was written by another template is not escaped");
    }
}

#[test]
fn the_pages_without_data_render() {
    let state = state(&Arc::new(MemoryShop::new()));
    let nobody = Visitor(None);
    let head =
        Head { go_to: Some("https://pay.example/x".to_owned()), ..Head::narrow(say("error-not-found"), &nobody) };
    let page = |name: &str, it: &dyn erased::Page| it.render(&state, name, &head);
    for reference in [None, Some("abc".to_owned())] {
        let (title, text) = (say("error-not-found"), say("error-not-found-text"));
        let again = reference.is_some().then_some(10);
        page("message", &Message { title, text, reference, again, to: ("/", say("error-to-plans")) });
    }
    let refused = pages::register::Refused {
        name: Some(say("name-missing")),
        email: Some(say("email-wrong")),
        password: Some(say("password-common")),
        form: Some(say("login-busy")),
    };
    page("register", &pages::register::RegisterView::new(&Parameters::new(), "/", &refused));
    let refused = pages::password::Refused {
        current: Some(say("password-not-present")),
        new: Some(say("password-same")),
        form: Some(say("login-busy")),
    };
    for forced in [true, false] {
        page("password", &pages::password::PasswordView::new(forced, "a@b.example".to_owned(), &refused));
    }
    page("login", &pages::sign_in::LoginView::new("a@b.example", "/", Some(say("login-wrong"))));
    let url = "https://pay.example/?a=1&b=2\"><script>".to_owned();
    let text = page("to_payment", &pages::payment::ToPayment { url, plan_name: "P".to_owned(), due: "$1".into() });
    assert!(!text.contains("\"><script>"), "{text}");
}

/// Views of several types in one closure.
mod erased {
    use serde::Serialize;

    use crate::{WebState, head::Head, site::Site};

    pub(super) trait Page {
        fn render(&self, state: &WebState<flows::testing::MemoryShop>, name: &str, head: &Head) -> String;
    }

    fn rendered<W: Site, T: Serialize>(state: &WebState<W>, name: &str, head: &Head, it: &T) -> String {
        let it = serde_json::to_value(it).unwrap();
        state.renderer.page((name, "de"), (&state.site, head), it.clone()).unwrap();
        state.renderer.page((name, "en"), (&state.site, head), it).unwrap()
    }

    impl<T: Serialize> Page for T {
        fn render(&self, state: &WebState<flows::testing::MemoryShop>, name: &str, head: &Head) -> String {
            rendered(state, name, head, self)
        }
    }
}

#[test]
fn every_stable_word_has_words_for_customers() {
    let unknown = |badge: Badge| spoken_in_english(&badge.text) == "Being looked after";
    for status in ["pending", "provisioning", "uncertain", "installing", "active", "failed_setup"] {
        assert!(!unknown(crate::words::service_badge(status)), "{status}");
    }
    for status in [
        "pending",
        "paid",
        "provisioning",
        "provisioned",
        "expired",
        "cancelled",
        "needs_attention",
        "refund_pending",
        "refunded",
    ] {
        assert!(!unknown(crate::words::order_badge(status)), "{status}");
    }
}
