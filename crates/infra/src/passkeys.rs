//! Passkeys by webauthn-rs (WebAuthn level 2 and 3). The site that they belong to is the shop's public address, never what a
//! request calls it.

use accounts::{NewKey, Passkey, PasskeyError, Passkeys, Question, User};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use reqwest::Url;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Webauthn, WebauthnBuilder, WebauthnError,
};

/// Asks and checks for one site.
pub struct WebauthnPasskeys(Option<Webauthn>);

impl WebauthnPasskeys {
    /// For a shop at this address. Browsers have passkeys for names alone, and over https or on this very machine; for
    /// every other address there are none.
    pub fn of_site(site: &str) -> Self {
        Self(site.parse::<Url>().ok().filter(is_eligible).and_then(|url| {
            let name = url.domain()?.to_owned();
            WebauthnBuilder::new(&name, &url).ok()?.rp_name(&name).build().ok()
        }))
    }

    fn site(&self) -> Result<&Webauthn, PasskeyError> {
        self.0.as_ref().ok_or(PasskeyError::Impossible)
    }
}

fn is_eligible(url: &Url) -> bool {
    let here = url.domain().is_some_and(|name| name == "localhost" || name.ends_with(".localhost"));
    url.domain().is_some() && (url.scheme() == "https" || here)
}

impl std::fmt::Debug for WebauthnPasskeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebauthnPasskeys").field("possible", &self.possible()).finish()
    }
}

impl Passkeys for WebauthnPasskeys {
    fn possible(&self) -> bool {
        self.0.is_some()
    }

    fn ask_new(&self, user: &User, known: &[Passkey]) -> Result<Question, PasskeyError> {
        let (email, known) = (user.email.as_str(), known.iter().map(|key| key.credential.clone()).collect());
        let asked = self.site()?.start_passkey_registration(user.id.uuid(), email, email, Some(known));
        let (options, state) = asked.map_err(broken)?;
        let mut options = value(&options)?;
        // A key that its device lists by itself signs in without a name. The library asks for none; where the device has
        // no room for one, the key is good as a second factor all the same.
        set(&mut options, "/publicKey/authenticatorSelection/residentKey", json!("preferred"));
        Ok(Question { options: options.to_string(), state: text(&state)? })
    }

    fn take_new(&self, state: &str, answer: &str) -> Result<NewKey, PasskeyError> {
        let state: PasskeyRegistration = stored(state)?;
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let key = self.site()?.finish_passkey_registration(&answer, &state).map_err(refused)?;
        Ok(NewKey { credential: key.cred_id().clone(), key: text(&key)? })
    }

    fn ask(&self, keys: &[Passkey]) -> Result<Question, PasskeyError> {
        let (options, state) = self.site()?.start_discoverable_authentication().map_err(broken)?;
        let mut options = value(&options)?;
        // The library means it for a form's suggestions; here a button was pressed.
        if let Some(members) = options.as_object_mut() {
            members.remove("mediation");
        }
        let listed = |key: &Passkey| json!({ "type": "public-key", "id": BASE64.encode(&key.credential) });
        let listed: Vec<Value> = keys.iter().map(listed).collect();
        set(&mut options, "/publicKey/allowCredentials", Value::Array(listed));
        Ok(Question { options: options.to_string(), state: text(&state)? })
    }

    fn credential(&self, answer: &str) -> Result<Vec<u8>, PasskeyError> {
        let answer: PublicKeyCredential = read(answer)?;
        Ok(answer.get_credential_id().to_vec())
    }

    fn check(&self, state: &str, answer: &str, key: &Passkey) -> Result<String, PasskeyError> {
        let state: DiscoverableAuthentication = stored(state)?;
        let answer: PublicKeyCredential = read(answer)?;
        let owner = answer.get_user_unique_id();
        if owner.is_some_and(|owner| owner != key.user.uuid().as_bytes()) {
            return Err(PasskeyError::Refused("the key says that it is somebody else's".to_owned()));
        }
        let mut known: webauthn_rs::prelude::Passkey = stored(&key.key)?;
        let device = DiscoverableKey::from(&known);
        let done = self.site()?.finish_discoverable_authentication_v2(&answer, state, &device).map_err(refused)?;
        known.update_credential(&done);
        text(&known)
    }
}

fn set(options: &mut Value, pointer: &str, to: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(members) = options.pointer_mut(parent).and_then(Value::as_object_mut) {
        members.insert(name.to_owned(), to);
    }
}

fn value<T: Serialize>(value: &T) -> Result<Value, PasskeyError> {
    serde_json::to_value(value).map_err(|error| PasskeyError::Broken(error.to_string()))
}

fn text<T: Serialize>(value: &T) -> Result<String, PasskeyError> {
    serde_json::to_string(value).map_err(|error| PasskeyError::Broken(error.to_string()))
}

fn stored<T: DeserializeOwned>(text: &str) -> Result<T, PasskeyError> {
    serde_json::from_str(text).map_err(|error| PasskeyError::Broken(format!("what is stored cannot be read: {error}")))
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    serde_json::from_str(answer).map_err(|error| PasskeyError::Refused(format!("it cannot be read: {error}")))
}

fn broken(error: WebauthnError) -> PasskeyError {
    PasskeyError::Broken(error.to_string())
}

fn refused(error: WebauthnError) -> PasskeyError {
    if matches!(error, WebauthnError::CredentialPossibleCompromise) {
        return PasskeyError::Copied;
    }
    PasskeyError::Refused(error.to_string())
}

#[cfg(test)]
mod tests;
