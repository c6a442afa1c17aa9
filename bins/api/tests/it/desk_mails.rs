//! A mail is sent once more from the page on which somebody saw it.

use crate::desk::Desk;

const ORDER_MAIL: &str = "0198c0ff-ee00-7000-8000-0000000000a1";

async fn mail(desk: &Desk, id: &str, template: &str, status: &str) -> String {
    let sent = if status == "sent" { "now() - interval '1 hour', '<1@shop.test>'" } else { "NULL, NULL" };
    desk.execute(&format!(
        "INSERT INTO email_log (id, to_email, template, department, context, status, order_id, queued_at, sent_at, message_id)
         VALUES ('{id}', 'grace@example.com', '{template}', 'sales', '{{\"a\": \"{id}\"}}', '{status}', (SELECT id FROM orders),
            now() - interval '1 hour', {sent})"
    ))
    .await;
    format!("/desk/mails/mail_{}/send", id.replace('-', ""))
}

#[actix_web::test]
async fn a_mail_that_was_sent_goes_once_more_for_two_clicks() {
    let desk = Desk::open("support").await;
    let made = desk.shop.order().await;
    let order = made["orderId"].as_str().unwrap();
    let send = mail(&desk, ORDER_MAIL, "order_confirmation", "sent").await;
    let page = desk.get(&format!("/desk/orders/{order}")).await;
    assert!(page.text.contains(&send) && page.text.contains("Send again"), "{}", page.text);
    let before: i64 = desk.shop.count("email_log").await;
    let first = desk.post(&format!("{send}?back={order}"), "").await;
    assert_eq!(
        (first.status, first.header("location")),
        (303, &*format!("/desk/orders/{order}?done=mail")),
        "{first:?}"
    );
    let second = desk.post(&format!("{send}?back={order}"), "").await;
    assert_eq!(second.header("location"), format!("/desk/orders/{order}?done=mail-twice"), "{second:?}");
    assert_eq!(desk.shop.count("email_log").await, before + 1);
    let alike: bool = desk
        .shop
        .sql(&format!(
            "SELECT bool_and(n.template = o.template AND n.context = o.context AND n.to_email = o.to_email AND n.order_id = o.order_id \
                AND n.status = 'queued') \
             FROM email_log o JOIN email_log n ON n.id <> o.id AND n.queued_at > o.queued_at WHERE o.id = '{ORDER_MAIL}'"
        ))
        .await;
    assert!(alike);
    let jobs: i64 = desk.shop.sql("SELECT count(*) FROM jobs WHERE kind LIKE 'mail.%'").await;
    assert_eq!(jobs, 1);
    let acts: i64 = desk.shop.sql("SELECT count(*) FROM audit_log WHERE act = 'mail-resent'").await;
    assert_eq!(acts, 1);
    let said = desk.get(&format!("/desk/orders/{order}?done=mail")).await;
    assert!(said.text.contains("The mail is on its way again."), "{}", said.text);
    // A minute later it is another wish.
    desk.execute("UPDATE email_log SET queued_at = now() - interval '2 minutes' WHERE status = 'queued'").await;
    let later = desk.post(&format!("{send}?back={order}"), "").await;
    assert_eq!(later.header("location"), format!("/desk/orders/{order}?done=mail"), "{later:?}");
    desk.shop.close().await;
}

#[actix_web::test]
async fn what_cannot_go_again_says_why() {
    let desk = Desk::open("billing").await;
    let made = desk.shop.order().await;
    let order = made["orderId"].as_str().unwrap();
    let before: i64 = desk.shop.count("jobs").await;
    let id = |n: u8| format!("0198c0ff-ee00-7000-8000-0000000000b{n}");
    for (n, template, status, said) in [
        (1, "welcome", "sent", "hands over a password or a link"),
        (2, "reset_password", "sent", "hands over a password or a link"),
        (3, "welcome_link", "failed", "hands over a password or a link"),
        (4, "a_mail_of_long_ago", "sent", "hands over a password or a link"),
        (5, "order_confirmation", "queued", "still on its way"),
    ] {
        let send = mail(&desk, &id(n), template, status).await;
        let refused = desk.post(&format!("{send}?back={order}"), "").await;
        assert_eq!(refused.status, 409, "{template} {status}: {refused:?}");
        assert!(refused.text.contains(said), "{template} {status}: {}", refused.text);
    }
    desk.execute("UPDATE email_log SET to_email = 'erased@erased.invalid', template = 'order_confirmation' WHERE status = 'sent'").await;
    let send = format!("/desk/mails/mail_{}/send", id(1).replace('-', ""));
    let erased = desk.post(&format!("{send}?back={order}"), "").await;
    assert!(erased.status == 409 && erased.text.contains("was erased"), "{erased:?}");
    assert_eq!(desk.shop.count("jobs").await, before, "nothing is sent");
    let acts: i64 = desk.shop.sql("SELECT count(*) FROM audit_log WHERE act = 'mail-resent'").await;
    assert_eq!(acts, 0);
    for nothing in ["/desk/mails/x/send", "/desk/mails/mail_0198c0ffee00700080000000000000ff/send"] {
        assert_eq!(desk.post(nothing, "").await.status, 404);
    }
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_mail_that_was_given_up_is_tried_again_from_its_customers_page() {
    let desk = Desk::open("admin").await;
    desk.shop.register("grace@example.com").await;
    desk.shop.order().await;
    let send = mail(&desk, ORDER_MAIL, "order_confirmation", "failed").await;
    let customer: String = desk
        .shop
        .sql("SELECT 'cus_' || replace(id::text, '-', '') FROM customers WHERE email = 'grace@example.com'")
        .await;
    let page = desk.get(&format!("/desk/customers/{customer}")).await;
    assert!(page.text.contains(&send), "{}", page.text);
    let before: i64 = desk.shop.count("email_log").await;
    let first = desk.post(&format!("{send}?back={customer}"), "").await;
    assert_eq!(first.header("location"), format!("/desk/customers/{customer}?done=mail"), "{first:?}");
    let second = desk.post(&format!("{send}?back={customer}"), "").await;
    assert_eq!(second.header("location"), format!("/desk/customers/{customer}?done=mail-twice"), "{second:?}");
    assert_eq!(desk.shop.count("email_log").await, before, "its own row is tried again");
    let jobs: i64 =
        desk.shop.sql(&format!("SELECT count(*) FROM jobs WHERE payload::text LIKE '%{}%'", "0000000000a1")).await;
    assert_eq!(jobs, 1);
    desk.shop.close().await;
}
