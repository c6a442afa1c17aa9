//! Every mail renders, says the same in both parts, and gives no secret away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeSet;

use kernel::{Env, Failure, Id, entity};
use notify::{
    Brand, Department, Mail, MailTemplate, Message, NewMail, OrderNeedsAttention, RenderError, Renderer, ServiceReady,
    Welcome, mails,
};
use secrecy::SecretString;
use serde_json::Value;

const PASSWORD: &str = "kV7#mQ<2&p=xR9+T";

fn brand() -> Brand {
    Brand {
        shop_name: "Hostwright".to_owned(),
        site_url: "https://shop.example".to_owned(),
        support_email: "support@shop.example".to_owned(),
        colours: notify::Colours::default(),
    }
}

fn mail_of(template: &str, department: Department, context: Value, name: Option<&str>) -> Mail {
    let mut env = Env::system();
    Mail::from(NewMail {
        id: env.id(),
        to: "jan.novak@example.com".parse().unwrap(),
        to_name: name.map(str::to_owned),
        template: template.to_owned(),
        department,
        context,
        secret: None,
        order: None,
        queued_at: env.now(),
    })
}

fn mail<T: MailTemplate>(template: &T, name: Option<&str>) -> Mail {
    mail_of(T::NAME, T::DEPARTMENT, serde_json::to_value(template).unwrap(), name)
}

/// Every sample of every mail with its rendering, named `welcome-0`.
fn rendered_samples() -> Vec<(String, Value, Message)> {
    let renderer = Renderer::new().unwrap();
    let secret = SecretString::from(PASSWORD);
    let mut all = Vec::new();
    for entry in mails::ALL {
        let samples = entry.samples().unwrap();
        assert!(!samples.is_empty(), "{} has no sample", entry.name);
        for (index, context) in samples.into_iter().enumerate() {
            let mail = mail_of(entry.name, entry.department, context.clone(), Some("Jan Novák"));
            let message = renderer.render(&mail, &brand(), entry.needs_secret.then_some(&secret)).unwrap();
            all.push((format!("{}-{index}", entry.name), context, message));
        }
    }
    all
}

#[test]
fn every_sample_of_every_mail_renders_whole() {
    for (name, _, message) in rendered_samples() {
        for (part, text) in [("subject", &message.subject), ("html", &message.html), ("text", &message.text)] {
            assert!(!text.trim().is_empty(), "{name}/{part} is empty");
            assert!(!text.contains("{{") && !text.contains("}}"), "{name}/{part} holds unrendered template");
            assert!(!text.contains("[object]"), "{name}/{part} prints an object");
        }
        assert!(!message.subject.contains('\n'), "{name}");
        assert!(message.html.starts_with("<!DOCTYPE html>"), "{name}");
    }
}

#[test]
fn text_parts_read_as_agreed() {
    for (name, _, message) in rendered_samples() {
        insta::assert_snapshot!(name, format!("Subject: {}\n\n{}", message.subject, message.text));
    }
}

#[test]
fn an_html_part_reads_as_agreed() {
    let samples = rendered_samples();
    let (_, _, message) = samples.iter().find(|(name, ..)| name == "order_confirmation-1").unwrap();
    insta::assert_snapshot!("order_confirmation-html", message.html);
}

/// The strings of a context, wherever they stand in it.
fn strings(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(into.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn both_parts_say_everything_that_the_context_holds() {
    for (name, context, message) in rendered_samples() {
        let mut said = BTreeSet::new();
        strings(&context, &mut said);
        said.extend(["support@shop.example", "https://shop.example", "Hostwright", "Jan Novák"].map(str::to_owned));
        for text in said {
            assert!(message.text.contains(&text), "{name}/text does not say {text:?}");
            assert!(message.html.contains(&text), "{name}/html does not say {text:?}");
        }
    }
}

#[test]
fn a_secret_stands_in_both_parts_of_the_mails_that_hand_one_over_and_nowhere_else() {
    for (name, _, message) in rendered_samples() {
        let of = |template: &str| name.starts_with(&format!("{template}-"));
        let secret = ["welcome", "welcome_link", "confirm_registration", "reset_password", "confirm_address"];
        let hands_over = secret.into_iter().any(of);
        assert_eq!(message.text.contains(PASSWORD), hands_over, "{name}/text");
        assert_eq!(message.html.contains("kV7#mQ&lt;2&amp;p&#x3D;xR9+T"), hands_over, "{name}/html");
        assert!(!message.subject.contains(PASSWORD), "{name}/subject");
    }
}

#[test]
fn debug_output_of_a_message_hides_what_was_rendered() {
    let renderer = Renderer::new().unwrap();
    let welcome = Welcome::samples().remove(0);
    let secret = SecretString::from(PASSWORD);
    let message = renderer.render(&mail(&welcome, Some("Jan Novák")), &brand(), Some(&secret)).unwrap();
    let debug = format!("{message:?} {message:#?}");
    for hidden in [PASSWORD, "Temporary", "jan.novak", "Jan Novák"] {
        assert!(!debug.contains(hidden), "{hidden:?} is in {debug}");
    }
    assert!(debug.contains(&message.id.to_string()), "{debug}");
}

#[test]
fn a_secret_is_asked_for_exactly_where_it_is_printed() {
    let renderer = Renderer::new().unwrap();
    let secret = SecretString::from(PASSWORD);
    let welcome = mail(&Welcome::samples().remove(0), None);
    let ready = mail(&ServiceReady::samples().remove(0), None);
    let missing = renderer.render(&welcome, &brand(), None).unwrap_err();
    assert_eq!(missing, RenderError::MissingSecret("welcome".to_owned()));
    let unexpected = renderer.render(&ready, &brand(), Some(&secret)).unwrap_err();
    assert_eq!(unexpected, RenderError::UnexpectedSecret("service_ready".to_owned()));
}

#[test]
fn an_error_names_the_missing_field_and_not_the_secret() {
    let renderer = Renderer::new().unwrap();
    let secret = SecretString::from(PASSWORD);
    let mut broken = mail(&Welcome::samples().remove(0), None);
    broken.context.as_object_mut().unwrap().remove("login_email");
    let error = renderer.render(&broken, &brand(), Some(&secret)).unwrap_err();
    let said = format!("{error} {error:?} {}", error.code());
    assert!(said.contains("login_email") && said.contains("welcome/"), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
}

#[test]
fn a_mail_that_this_version_does_not_know_is_named() {
    let renderer = Renderer::new().unwrap();
    let unknown = mail_of("yearly_review", Department::Sales, Value::Null, None);
    let error = renderer.render(&unknown, &brand(), None).unwrap_err();
    assert_eq!(error, RenderError::UnknownTemplate("yearly_review".to_owned()));
}

#[test]
fn hostile_names_stay_text() {
    let renderer = Renderer::new().unwrap();
    let hostile = "<img src=x onerror=\"alert(1)\">\r\nBcc: victim@example.com";
    let ready = ServiceReady { service_name: hostile.to_owned(), ..ServiceReady::samples().remove(0) };
    let message = renderer.render(&mail(&ready, Some(hostile)), &brand(), None).unwrap();
    assert!(!message.html.contains("<img"), "{}", message.html);
    assert!(message.html.contains("&lt;img src&#x3D;x"), "{}", message.html);
    assert!(message.text.contains("<img src=x onerror=\"alert(1)\">"), "{}", message.text);
    assert!(!message.subject.contains(['\r', '\n']), "{:?}", message.subject);
    assert!(!message.to_name.unwrap().contains(['\r', '\n']));
}

#[test]
fn a_template_in_a_value_is_not_rendered() {
    let renderer = Renderer::new().unwrap();
    let sly = OrderNeedsAttention {
        what_happened: "{{brand.site_url}}".to_owned(),
        ..OrderNeedsAttention::samples().remove(0)
    };
    let message = renderer.render(&mail(&sly, None), &brand(), None).unwrap();
    assert!(message.text.contains("{{brand.site_url}}"), "{}", message.text);
}

#[test]
fn without_a_name_the_greeting_names_nobody() {
    let renderer = Renderer::new().unwrap();
    for name in [None, Some(" \r\n ")] {
        let message = renderer.render(&mail(&ServiceReady::samples().remove(0), name), &brand(), None).unwrap();
        assert!(message.text.starts_with("Hello,\n"), "{}", message.text);
        assert_eq!(message.to_name, None);
    }
}

#[test]
fn names_are_unique_and_departments_read_back() {
    let names: BTreeSet<_> = mails::ALL.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), mails::ALL.len());
    for department in Department::ALL {
        assert_eq!(department.as_str().parse(), Ok(department));
    }
    assert!("Sales".parse::<Department>().is_err());
    let id: Id<entity::Mail> = Env::system().id();
    assert!(id.to_string().starts_with("mail_"));
}
