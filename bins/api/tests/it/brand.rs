//! A shop that looks like itself.

use std::path::PathBuf;

use reqwest::Method;

use crate::shop::{Settings, Shop};

const BRAND: &str = "\
name = \"Blocky Hosting\"
support = \"help@blocky.example\"
accent = \"#8a2be2\"
logo = \"logo.svg\"

[texts.en]
plans-headline = \"Blocks, and nothing but blocks\"
";

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[actix_web::test]
async fn a_brand_file_gives_a_shop_its_name_colour_logo_and_words() {
    let folder = Folder(std::env::temp_dir().join(format!("hostwright-brand-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("logo.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    let file = folder.0.join("brand.toml");
    std::fs::write(&file, BRAND).unwrap();
    let arguments = vec![format!("--brand-file={}", file.display())];
    let shop = Shop::open_with(Settings { arguments, ..Settings::default() }).await;

    let page = shop.get("/").await;
    for word in ["Plans · Blocky Hosting", "Blocks, and nothing but blocks", "help@blocky.example"] {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
    let german = shop.send(Method::GET, "/", &[("accept-language", "de")], Vec::new()).await;
    assert!(german.text.contains("Hosting, dem Sie beim Entstehen zusehen"), "what it says in German is not replaced");
    let asset = |name: &str| {
        let rest =
            page.text.split(&format!("/assets/{name}.")).nth(1).unwrap_or_else(|| panic!("{name}: {}", page.text));
        format!("/assets/{name}.{}", rest.split('"').next().unwrap())
    };
    let css = shop.get(&asset("brand")).await;
    assert!(css.text.contains("--accent: #8a2be2"), "{css:?}");
    let logo = shop.get(&asset("logo")).await;
    let headers = (logo.header("content-type"), logo.header("x-content-type-options"));
    assert_eq!((logo.status, headers), (200, ("image/svg+xml; charset=utf-8", "nosniff")));
    shop.close().await;
}
