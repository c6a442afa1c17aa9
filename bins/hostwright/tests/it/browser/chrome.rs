//! Chromium, driven through chromedriver.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    str::FromStr,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::ground::{Scratch, binary, until};

/// How somebody looks at the shop.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) javascript: bool,
    pub(crate) dark: bool,
}

/// At a desk.
pub(crate) const DESK: Look = Look { width: 1280, height: 900, javascript: true, dark: false };
/// On a phone.
pub(crate) const PHONE: Look = Look { width: 390, height: 844, ..DESK };

/// One browser with one window and a fresh profile.
pub(crate) struct Chrome {
    client: Client,
    story: &'static str,
    width: u32,
    scripts: bool,
    shots: u32,
    _driver: Driver,
}

/// Ended, with its profile, when dropped.
struct Driver {
    child: Child,
    profile: Scratch,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to end, it ends its browser; killed, it would leave it behind.
        Command::new("kill").arg(self.child.id().to_string()).status().ok();
        self.child.wait().ok();
        std::fs::remove_dir_all(self.profile.path()).ok();
    }
}

/// Whether there shall be a browser at all.
pub(crate) fn wanted() -> bool {
    #[allow(clippy::disallowed_methods, reason = "a switch for machines without a browser")]
    let off = std::env::var_os("HOSTWRIGHT_NO_BROWSER").is_some_and(|value| !value.is_empty());
    if off {
        eprintln!("NO BROWSER: HOSTWRIGHT_NO_BROWSER is set, and this test is LEFT OUT");
    }
    !off
}

/// Starts chromedriver on a free port of its own choice; where it listens.
fn driver() -> (Driver, String) {
    let mut command = Command::new("chromedriver");
    command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let missing = "chromedriver cannot be started; install it (Debian: chromium-driver) or set HOSTWRIGHT_NO_BROWSER=1";
    let mut child = command.spawn().expect(missing);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let driver = Driver { child, profile: Scratch::new("chromium") };
    let port = loop {
        let line = lines.next().expect("chromedriver says where it listens").unwrap();
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            break port.trim_end_matches('.').to_owned();
        }
    };
    // Whatever else it says must find a reader, or it stops at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (driver, format!("http://127.0.0.1:{port}"))
}

fn capabilities(driver: &Driver, look: Look) -> serde_json::Map<String, Value> {
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", driver.profile.path().display()));
    if look.dark {
        arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
    }
    let scripts = if look.javascript { 1 } else { 2 };
    let options = json!({
        "args": arguments, "prefs": { "profile.managed_default_content_settings.javascript": scripts },
    });
    serde_json::Map::from_iter([("goog:chromeOptions".to_owned(), options)])
}

impl Chrome {
    pub(crate) async fn open(story: &'static str, look: Look) -> Self {
        let (driver, url) = driver();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities(&driver, look)).connect(&url).await.unwrap();
        let chrome = Self { client, story, width: look.width, scripts: look.javascript, shots: 0, _driver: driver };
        // A window cannot be as narrow as a phone; the page in it can.
        let screen = json!({ "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false });
        chrome.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        chrome
    }

    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }

    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// What the browser's tab says.
    pub(crate) async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    pub(crate) async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// Waits until the browser is at such an address.
    pub(crate) async fn arrives(&self, part: &str) -> String {
        until(&format!("the browser is at {part}"), async || {
            Some(self.address().await).filter(|address| address.contains(part))
        })
        .await
    }

    async fn element(&self, locator: Locator<'_>) -> Element {
        until(&format!("{locator:?} is on the page"), async || self.client.find(locator).await.ok()).await
    }

    /// Clicks the first element of this kind.
    pub(crate) async fn click(&self, css: &str) {
        self.element(Locator::Css(css)).await.click().await.unwrap();
    }

    /// Clicks the button or link that is called so.
    pub(crate) async fn press(&self, name: &str) {
        let path = format!(
            "//main//*[(self::button or self::a) and not(@tabindex='-1') and contains(normalize-space(.), '{name}')]"
        );
        self.element(Locator::XPath(&path)).await.click().await.unwrap();
    }

    /// Writes into the field of this name, instead of what is there.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        let field = self.element(Locator::Css(&format!("main [name='{name}']:not(.for-readers)"))).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// What stands in the field of this name.
    pub(crate) async fn entered(&self, name: &str) -> String {
        let field = self.element(Locator::Css(&format!("main [name='{name}']:not(.for-readers)"))).await;
        field.prop("value").await.unwrap().unwrap_or_default()
    }

    /// The browser's own buttons.
    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    pub(crate) async fn back(&self) {
        self.client.back().await.unwrap();
    }

    /// Presses the mouse twice, as fast as can be. What is clicked must be on the screen.
    pub(crate) async fn double_click(&self, css: &str) {
        let element = self.element(Locator::Css(css)).await;
        let down = || PointerAction::Down { button: MOUSE_BUTTON_LEFT };
        let up = || PointerAction::Up { button: MOUSE_BUTTON_LEFT };
        let there = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let twice = MouseActions::new("mouse".to_owned()).then(there).then(down()).then(up()).then(down()).then(up());
        self.client.perform_actions(twice).await.unwrap();
    }

    /// Presses keys on whatever has the focus.
    pub(crate) async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// What people see on the page.
    pub(crate) async fn text(&self) -> String {
        self.element(Locator::Css("body")).await.text().await.unwrap_or_default()
    }

    /// What people see of the first element of this kind.
    pub(crate) async fn text_of(&self, css: &str) -> String {
        self.element(Locator::Css(css)).await.text().await.unwrap()
    }

    /// Waits until people see this.
    pub(crate) async fn sees(&self, text: &str) -> String {
        let mut last = String::new();
        let look = async || {
            last = self.text().await;
            last.contains(text).then(|| last.clone())
        };
        let seen = tokio::time::timeout(crate::ground::LIMIT / 2, until(text, look)).await.ok();
        let address = self.address().await;
        seen.unwrap_or_else(|| panic!("{text:?} never appears at {address}; there is:\n{last}"))
    }

    /// Gives the machine something that holds passkeys, whose owner is always there and shows their finger.
    pub(crate) async fn plug_in_authenticator(&self) {
        self.devtools("WebAuthn.enable", json!({})).await;
        let device = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "automaticPresenceSimulation": true,
        });
        self.devtools("WebAuthn.addVirtualAuthenticator", json!({ "options": device })).await;
    }

    /// Tells Chromium itself something that WebDriver has no words for.
    pub(super) async fn devtools(&self, method: &'static str, parameters: Value) -> Value {
        self.client.issue_cmd(DevTools { method, parameters }).await.unwrap()
    }

    /// Keeps what the whole page looks like, in `target/screenshots`. No page may be wider than the screen, nor keep anybody out.
    pub(crate) async fn shot(&mut self, step: &str) {
        let directory = binary("hostwright").parent().unwrap().with_file_name("screenshots");
        std::fs::create_dir_all(&directory).unwrap();
        let page = self.devtools("Page.getLayoutMetrics", json!({})).await["cssContentSize"].clone();
        let width = page["width"].as_u64().unwrap();
        assert!(width <= u64::from(self.width), "the page at {step} scrolls sideways: it is {width} wide");
        let clip = json!({ "x": 0, "y": 0, "width": page["width"], "height": page["height"], "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", wanted).await;
        let bytes = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        self.shots += 1;
        std::fs::write(directory.join(format!("{}-{:02}-{step}.png", self.story, self.shots)), bytes).unwrap();
        if self.scripts {
            self.is_accessible(step).await;
        }
    }
}

/// A command of Chromium's own protocol, through chromedriver.
#[derive(Debug)]
struct DevTools {
    method: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.method, "params": self.parameters }).to_string()))
    }
}
