//! What somebody signs in with: the list, the app's QR code, the forms that ask a passkey.

use accounts::{Factors, Passkey};
use qrcodegen::{QrCode, QrCodeEcc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::{
    field::{Field, Problem},
    say::{Say, say},
    words::Instant,
};

/// The list of what somebody signs in with.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word in the template")]
pub(crate) struct SecurityView {
    required: bool,
    enabled: bool,
    app: bool,
    passkeys: Vec<PasskeyLine>,
    passkeys_possible: bool,
    codes_left: usize,
    /// There is a factor, and nothing that would stand in for it.
    none_left: bool,
}

#[derive(Debug, Serialize)]
struct PasskeyLine {
    id: String,
    name: String,
    created: Instant,
    used: Option<Instant>,
}

impl SecurityView {
    pub(crate) fn new(factors: &Factors, required: bool, passkeys_possible: bool) -> Self {
        let line = |key: &Passkey| PasskeyLine {
            id: key.id.to_string(),
            name: key.name.clone(),
            created: key.created_at.into(),
            used: key.last_used_at.map(Into::into),
        };
        Self {
            required,
            enabled: factors.any(),
            app: factors.app,
            passkeys: factors.passkeys.iter().map(line).collect(),
            passkeys_possible,
            codes_left: factors.codes_left,
            none_left: factors.any() && factors.codes_left == 0,
        }
    }
}

/// A QR code as the template draws it: one path over a white square.
#[derive(Debug, Serialize)]
pub(crate) struct Qr {
    size: i32,
    path: String,
}

/// Modules of white around a code, which readers need.
const QUIET: i32 = 4;

impl Qr {
    /// `None` for a text that is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        use std::fmt::Write as _;
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
        Some(Self { size: code.size() + 2 * QUIET, path })
    }
}

/// The page that sets up an app.
#[derive(Debug, Serialize)]
pub(crate) struct AppSetupView {
    qr: Option<Qr>,
    /// In groups of four, as people type it.
    secret: String,
    code: Field,
    problems: Vec<Problem>,
    form_error: Option<Say>,
}

impl AppSetupView {
    pub(crate) fn new(setup: &flows::AppSetup, wrong: Option<&Say>) -> Self {
        let code = code_field(say("code-app")).error(wrong);
        let plain: Vec<char> = setup.secret.expose_secret().chars().collect();
        let groups: Vec<String> = plain.chunks(4).map(|group| group.iter().collect()).collect();
        Self {
            qr: Qr::of(setup.uri.expose_secret()),
            secret: groups.join(" "),
            problems: code.problem().into_iter().collect(),
            code,
            form_error: None,
        }
    }
}

/// Where a code of the app or a recovery code is entered.
pub(crate) fn code_field(label: Say) -> Field {
    Field::text("code", label, "").autocomplete("one-time-code").max(40)
}

/// Recovery codes, shown this once.
#[derive(Debug, Serialize)]
pub(crate) struct CodesView {
    pub(crate) title: Say,
    codes: Vec<String>,
}

impl CodesView {
    pub(crate) fn new(title: Say, codes: &[SecretString]) -> Self {
        Self { title, codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect() }
    }
}

/// A form that asks a passkey, for the script; without it the form stays hidden.
#[derive(Debug, Serialize)]
pub(crate) struct PasskeyForm {
    action: &'static str,
    /// Where the script gets the question.
    options: &'static str,
    /// `create` or `get`, as `navigator.credentials` has them.
    mode: &'static str,
    next: String,
    field: Option<Field>,
    button: Say,
    main: bool,
    /// Nothing else on the page does instead.
    required: bool,
}

impl PasskeyForm {
    /// Signs in on `action` with a question from `options`.
    pub(crate) fn get(action: &'static str, options: &'static str, next: &str) -> Self {
        let (button, next) = (say("passkey-use"), next.to_owned());
        Self { action, options, mode: "get", next, field: None, button, main: false, required: false }
    }

    /// With other words on the button.
    pub(crate) fn button(self, button: Say) -> Self {
        Self { button, ..self }
    }

    fn create(name: Field) -> Self {
        Self {
            action: "/account/security/passkeys",
            options: "/api/auth/passkeys/options",
            mode: "create",
            next: String::new(),
            field: Some(name),
            button: say("passkey-add"),
            main: true,
            required: true,
        }
    }
}

/// The page that adds a passkey.
#[derive(Debug, Serialize)]
pub(crate) struct NewPasskeyView {
    passkey: PasskeyForm,
    problems: Vec<Problem>,
    form_error: Option<Say>,
}

impl NewPasskeyView {
    pub(crate) fn new(name: &str, wrong_name: Option<&Say>, form_error: Option<Say>) -> Self {
        let name = Field::text("name", say("passkey-name"), name).optional().max(60);
        let name = name.hint(say("passkey-name-hint")).error(wrong_name);
        Self { problems: name.problem().into_iter().collect(), passkey: PasskeyForm::create(name), form_error }
    }
}

/// A step that asks for a proof: after the password, or before something dangerous.
#[derive(Debug, Serialize)]
pub(crate) struct StepView {
    pub(crate) title: Say,
    pub(crate) lead: Say,
    pub(crate) action: &'static str,
    pub(crate) next: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) button: Say,
    pub(crate) passkey: Option<PasskeyForm>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) form_error: Option<Say>,
    /// It can be given up.
    pub(crate) signing_in: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_drawn_with_its_corner_and_white_around_it() {
        let qr = Qr::of("otpauth://totp/Shop:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert!(qr.path.starts_with("M4 4h1v1h-1z"), "the finder pattern begins behind the quiet zone");
        assert!((qr.size - 2 * QUIET - 17) % 4 == 0, "a version of the standard has 17 + 4n modules");
        assert!(Qr::of(&"x".repeat(5000)).is_none());
    }
}
