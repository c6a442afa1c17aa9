//! What is sold, changed from the desk: shown before it is saved, refused where somebody else was quicker, and on record.

use std::collections::BTreeMap;

use crate::{desk::Desk, shop::Answer};

/// What a browser would send of a page's form, without the button.
pub(crate) fn fields(html: &str) -> BTreeMap<String, String> {
    let plain = |text: &str| {
        let text = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'");
        text.replace("&#x3D;", "=").replace("&#x60;", "`").replace("&amp;", "&")
    };
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split_once('"').map(|(value, _)| plain(value))
    };
    let form = html.split("<form method=\"post\"").find(|part| part.contains("name=\"name\"")).unwrap_or(html);
    let form = form.split("</form>").next().unwrap();
    let mut fields = BTreeMap::new();
    for part in form.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        match tag.split([' ', '\n']).next().unwrap() {
            "input" => {
                fields.extend(attribute(tag, "name").map(|name| (name, attribute(tag, "value").unwrap_or_default())));
            }
            "textarea" => {
                let text = text.strip_prefix('\n').unwrap_or(text);
                fields.extend(attribute(tag, "name").map(|name| (name, plain(text))));
            }
            "select" => fields.extend(attribute(tag, "name").map(|name| (name, String::new()))),
            "option" if tag.ends_with(" selected") => {
                let select = form.split("<select ").find(|part| part.contains(tag)).unwrap();
                let name = attribute(&format!(" {select}"), "name").unwrap();
                fields.insert(name, attribute(tag, "value").unwrap());
            }
            _ => {}
        }
    }
    fields
}

pub(crate) fn encoded(fields: &BTreeMap<String, String>) -> String {
    let escape = |text: &str| {
        let byte = |byte: u8| {
            if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        };
        text.bytes().map(byte).collect::<String>()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

impl Desk {
    async fn product(&self, code: &str) -> String {
        let sql =
            format!("SELECT '/desk/catalogue/prd_' || replace(id::text, '-', '') FROM products WHERE code = '{code}'");
        self.shop.sql(&sql).await
    }

    async fn act(&self, path: &str, action: &str, fields: &BTreeMap<String, String>) -> Answer {
        let mut sent = fields.clone();
        sent.insert("action".to_owned(), action.to_owned());
        self.post(path, &encoded(&sent)).await
    }

    async fn amounts(&self, code: &str) -> String {
        let sql = format!(
            "SELECT coalesce(string_agg(p.billing_cycle || ' ' || p.amount || CASE WHEN p.active THEN '' ELSE ' old' END, ', ' \
                ORDER BY p.billing_cycle, p.active), '') \
             FROM prices p JOIN products d ON d.id = p.product_id WHERE d.code = '{code}' AND p.billing_cycle IN ('monthly', 'quarterly')"
        );
        self.shop.sql(&sql).await
    }

    async fn acts(&self, word: &str) -> i64 {
        self.shop.sql(&format!("SELECT count(*) FROM audit_log WHERE act = '{word}'")).await
    }
}

fn set(fields: &mut BTreeMap<String, String>, name: &str, value: &str) {
    fields.insert(name.to_owned(), value.to_owned());
}

#[actix_web::test]
async fn a_product_is_saved_as_it_was_shown_and_once() {
    let desk = Desk::open("admin").await;
    let bought: serde_json::Value = desk.shop.order().await;
    assert!(bought["orderId"].is_string());
    let list = desk.get("/desk/catalogue").await;
    for word in ["starter", "Starter", "On sale", "vps-basic", "New product"] {
        assert!(list.text.contains(word), "{word}: {}", list.text);
    }
    let page = desk.product("starter").await;
    let mut form = fields(&desk.get(&page).await.text);
    assert_eq!((form["price-monthly"].as_str(), form["status"].as_str()), ("7.99", "active"), "{form:?}");
    set(&mut form, "price-monthly", "8.99");
    set(&mut form, "price-quarterly", "24");
    set(&mut form, "name", "Starter <b>plus</b>");
    set(&mut form, "stock", "12");
    let save = format!("{page}/save");
    let shown = desk.act(&save, "show", &form).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    for line in
        ["~ price starter monthly 7.99 USD → 8.99 USD", "+ price starter quarterly 24.00 USD", "Starter &lt;b&gt;plus"]
    {
        assert!(shown.text.contains(line), "{line}: {}", shown.text);
    }
    assert_eq!(desk.amounts("starter").await, "monthly 799", "only shown so far");
    // The browser sends what the page held: the number of what was shown, too.
    let form = fields(&shown.text);
    let saved = desk.act(&save, "save", &form).await;
    assert_eq!((saved.status, saved.header("location")), (303, &*format!("{page}?done=saved")), "{saved:?}");
    assert_eq!(desk.amounts("starter").await, "monthly 799 old, monthly 899, quarterly 2400");
    let kept: i64 = desk.shop.sql("SELECT p.amount FROM orders o JOIN prices p ON p.id = o.price_id").await;
    assert_eq!(kept, 799, "what was bought keeps its price");
    assert_eq!(desk.shop.sql::<i32>("SELECT stock FROM products WHERE code = 'starter'").await, 12);
    let mut stock = fields(&desk.get(&page).await.text);
    set(&mut stock, "stock", "");
    let shown = desk.act(&save, "show", &stock).await;
    assert!(shown.text.contains("stock: «12» → «without end»"), "{}", shown.text);
    let again = desk.act(&save, "save", &form).await;
    assert_eq!((again.status, again.header("location")), (303, &*format!("{page}?done=same")), "{again:?}");
    assert_eq!(desk.acts("product-changed").await, 1);
    assert_eq!(desk.shop.count("prices").await, desk.shop.sql::<i64>("SELECT count(DISTINCT id) FROM prices").await);
    let trail = desk.get("/desk/audit").await;
    assert!(trail.text.contains("product-changed") && trail.text.contains("8.99 USD"), "{}", trail.text);
    assert!(desk.shop.get("/").await.text.contains("Starter &lt;b&gt;plus"), "customers read it");
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_change_in_between_is_refused_and_what_was_not_shown_is_not_saved() {
    let desk = Desk::open("admin").await;
    let page = desk.product("starter").await;
    let save = format!("{page}/save");
    let mut mine = fields(&desk.get(&page).await.text);
    set(&mut mine, "description", "Mine.");
    // Saved without having been shown: shown first.
    let unseen = desk.act(&save, "save", &mine).await;
    assert!(unseen.status == 200 && unseen.text.contains("Nothing is saved yet"), "{unseen:?}");
    let mut mine = fields(&unseen.text);
    // Shown one thing, saved another: shown again.
    set(&mut mine, "description", "Something else.");
    let other = desk.act(&save, "save", &mine).await;
    assert!(other.status == 200 && other.text.contains("Something else."), "{other:?}");
    let mine = fields(&other.text);
    desk.execute("UPDATE products SET name = 'Theirs' WHERE code = 'starter'").await;
    let late = desk.act(&save, "save", &mine).await;
    assert_eq!(late.status, 409, "{late:?}");
    assert!(late.text.contains("Somebody else has changed this product"), "{}", late.text);
    let now: String = desk.shop.sql("SELECT name || ': ' || description FROM products WHERE code = 'starter'").await;
    assert!(now.starts_with("Theirs: ") && !now.contains("Something else"), "{now}");
    assert_eq!(desk.acts("product-changed").await, 0);
    desk.shop.close().await;
}

#[actix_web::test]
async fn what_cannot_be_is_said_beside_its_field() {
    let desk = Desk::open("admin").await;
    let page = desk.product("starter").await;
    let save = format!("{page}/save");
    let form = fields(&desk.get(&page).await.text);
    for (name, value, said) in [
        ("name", " ", "must not be empty"),
        ("price-monthly", "0.10", "below the least that can be charged"),
        ("price-monthly", "seven", "expected an amount such as 7.99"),
        ("price-monthly", "0.51", "leaves 0.46"),
        ("trial-monthly", "9999", "expected 0 to 730 days"),
        ("position", "first", "expected a whole number"),
        ("stock", "many", "expected a whole number, or nothing"),
        ("stock", "100001", "expected 0 to 100000"),
        ("settings", "{", "no JSON"),
        ("settings", r#"{"php_version": "5.6"}"#, "php_version"),
        ("settings", r#"{"php_versoin": "8.3"}"#, "is not a setting of this provider"),
        ("description", &"x".repeat(1001), "longer than 1000 characters"),
        ("highlights", &"x".repeat(201), "longer than 200 characters"),
    ] {
        let mut wrong = form.clone();
        set(&mut wrong, name, value);
        let refused = desk.act(&save, "show", &wrong).await;
        if said == "leaves 0.46" {
            // 10 % off leaves 46 cents, which nobody can be charged.
            assert!(refused.status == 422 && refused.text.contains("WELCOME10"), "{refused:?}");
            continue;
        }
        assert_eq!(refused.status, 422, "{name} {value}: {refused:?}");
        let error = refused.text.split(&format!("id=\"{name}-error\">")).nth(1).unwrap_or_default();
        assert!(error.split('<').next().unwrap().contains(said), "{name} {value}: {error}");
        assert!(refused.text.contains("aria-invalid=\"true\""));
    }
    let mut bare = form.clone();
    for (name, value) in &mut bare {
        if name.starts_with("price-") {
            value.clear();
        }
    }
    let refused = desk.act(&save, "show", &bare).await;
    assert!(refused.status == 422 && refused.text.contains("a product on sale needs a price"), "{refused:?}");
    // Retired it needs none.
    set(&mut bare, "status", "retired");
    let shown = desk.act(&save, "show", &bare).await;
    assert!(shown.text.contains("- product starter (retired; nothing is deleted)"), "{}", shown.text);
    let saved = desk.act(&save, "save", &fields(&shown.text)).await;
    assert_eq!(saved.status, 303, "{saved:?}");
    assert!(!desk.shop.get("/api/plans").await.text.contains("\"starter\""), "no longer sold");
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_new_product_is_sold_from_then_on() {
    let desk = Desk::open("admin").await;
    let mut form = fields(&desk.get("/desk/catalogue/new").await.text);
    for (name, value) in [
        ("code", "vps-huge"),
        ("kind", "vps"),
        ("provider", "manual"),
        ("name", "VPS Huge"),
        ("highlights", "64 cores\r\n\r\n512 GB\r\n"),
        ("settings", "{}"),
        ("price-monthly", "199,00"),
    ] {
        set(&mut form, name, value);
    }
    let refused = desk.act("/desk/catalogue/new", "show", &form).await;
    assert!(refused.status == 422 && refused.text.contains("instructions: is missing"), "{refused:?}");
    set(&mut form, "settings", r#"{"instructions": "Make it."}"#);
    let shown = desk.act("/desk/catalogue/new", "show", &form).await;
    assert!(shown.text.contains("+ product vps-huge (VPS Huge, vps, delivered by manual)"), "{}", shown.text);
    let form = fields(&shown.text);
    let added = desk.act("/desk/catalogue/new", "save", &form).await;
    let page = desk.product("vps-huge").await;
    assert_eq!((added.status, added.header("location")), (303, &*format!("{page}?done=added")), "{added:?}");
    let twice = desk.act("/desk/catalogue/new", "save", &form).await;
    assert_eq!((twice.status, twice.header("location")), (303, &*format!("{page}?done=added")), "{twice:?}");
    let mut taken = form.clone();
    set(&mut taken, "name", "Another");
    let taken = desk.act("/desk/catalogue/new", "save", &taken).await;
    assert!(taken.status == 422 && taken.text.contains("a product with this code already"), "{taken:?}");
    assert_eq!(desk.acts("product-added").await, 1);
    let highlights: String = desk.shop.sql("SELECT highlights::text FROM products WHERE code = 'vps-huge'").await;
    assert_eq!(highlights, r#"["64 cores", "512 GB"]"#);
    assert!(desk.shop.get("/api/plans").await.text.contains("vps-huge"));
    desk.shop.close().await;
}

#[actix_web::test]
async fn who_may_only_look_is_shown_and_refused() {
    let desk = Desk::open("support").await;
    let page = desk.product("starter").await;
    let shown = desk.get(&page).await;
    assert!(shown.text.contains("fieldset class=\"plain\" disabled"), "{}", shown.text);
    assert!(!shown.text.contains("Show what will change"));
    let form = fields(&shown.text);
    for path in [&*format!("{page}/save"), "/desk/catalogue/new", "/desk/coupons/add", "/desk/coupons/end"] {
        assert_eq!(desk.act(path, "save", &form).await.status, 403, "{path}");
    }
    assert!(!desk.get("/desk/coupons").await.text.contains("Make the coupon"));
    // For customers there is nothing here.
    desk.execute("UPDATE users SET role = 'customer'").await;
    for path in [&*format!("{page}/save"), "/desk/coupons/add", "/desk/maintenance"] {
        assert_eq!(desk.act(path, "on", &form).await.status, 404, "{path}");
    }
    assert_eq!(desk.shop.count("maintenance").await, 0);
    for path in [&*page, "/desk/catalogue", "/desk/coupons", "/desk/customers", "/desk/health"] {
        assert_eq!(desk.get(path).await.status, 404, "{path}");
    }
    desk.shop.close().await;
}

#[actix_web::test]
async fn a_coupon_is_made_used_and_ended() {
    let desk = Desk::open("billing").await;
    let made =
        desk.post("/desk/coupons/add", "code=summer20&percent_off=20&duration=forever&products=starter,+premium").await;
    assert_eq!((made.status, made.header("location")), (303, "/desk/coupons?done=added"), "{made:?}");
    let twice =
        desk.post("/desk/coupons/add", "code=SUMMER20&percent_off=20&duration=forever&products=premium,starter").await;
    assert_eq!(twice.status, 303, "{twice:?}");
    assert_eq!(desk.acts("coupon-added").await, 1);
    for (form, said) in [
        ("code=SUMMER20&percent_off=30", "a coupon with this code already"),
        ("code=x&percent_off=30", "expected 3 to 40 letters"),
        ("code=NEW1&percent_off=0", "from 1 to 100"),
        ("code=NEW1&percent_off=101", "from 1 to 100"),
        ("code=NEW1", "a percentage or an amount"),
        ("code=NEW1&percent_off=5&amount_off=5", "not both"),
        ("code=NEW1&amount_off=7.60&products=starter", "less than can be charged"),
        ("code=NEW1&percent_off=5&valid_until=soon", "a date and time in UTC"),
        ("code=NEW1&percent_off=5&valid_from=2027-01-02&valid_until=2027-01-01", "end before it begins"),
        ("code=NEW1&percent_off=5&products=nothing-such", "there is no product"),
    ] {
        let refused = desk.post("/desk/coupons/add", form).await;
        assert_eq!(refused.status, 422, "{form}: {refused:?}");
        assert!(refused.text.contains(said), "{form}: {said}: {}", refused.text);
    }
    let mut order = crate::shop::guest_order();
    order["couponCode"] = "SUMMER20".into();
    assert_eq!(desk.shop.post("/api/checkout/create-session", &order).await.status, 200);
    let list = desk.get("/desk/coupons").await;
    assert!(list.text.contains("1 placed") && list.text.contains("End SUMMER20"), "{}", list.text);
    for _ in 0..2 {
        let ended = desk.post("/desk/coupons/end", "coupon=SUMMER20").await;
        assert_eq!((ended.status, ended.header("location")), (303, "/desk/coupons?done=retired"), "{ended:?}");
    }
    assert_eq!(desk.acts("coupon-retired").await, 1);
    assert_eq!(desk.post("/desk/coupons/end", "coupon=NOTHING").await.status, 404);
    order["customer"]["email"] = "other@example.com".into();
    let refused = desk.shop.post("/api/checkout/create-session", &order).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    desk.shop.close().await;
}
