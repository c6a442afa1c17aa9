//! The panel's users.

use super::check::{Checks, at, truth};
use super::error::PanelError;
use super::lists::Query;
use super::{Panel, atom, item};
use crate::json::Members;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

const LANGUAGES: &[&str] = &["en", "de", "fr", "es", "cs", "sk", "pl", "nl", "pt", "ru", "ro", "zh"];

/// A user.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) external_id: Option<String>,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) language: String,
    pub(crate) root_admin: bool,
    /// Pelican's: without names.
    pub(crate) nameless: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl User {
    /// The JSON item.
    pub(crate) fn render(&self) -> Value {
        if self.nameless {
            return item(
                "user",
                json!({
                    "id": self.id, "external_id": self.external_id, "is_managed_externally": false, "uuid": self.uuid,
                    "username": self.username, "email": self.email, "language": self.language, "timezone": "UTC",
                    "2fa_enabled": false, "created_at": atom(self.created), "updated_at": atom(self.updated),
                }),
            );
        }
        item(
            "user",
            json!({
                "id": self.id, "external_id": self.external_id, "uuid": self.uuid, "username": self.username,
                "email": self.email, "first_name": self.first_name, "last_name": self.last_name,
                "language": self.language, "root_admin": self.root_admin, "2fa": false,
                "created_at": atom(self.created), "updated_at": atom(self.updated),
            }),
        )
    }
}

impl Panel {
    /// `GET /users`
    pub(crate) fn list_users(&self, query: &Query) -> Result<Value, PanelError> {
        query.allow_filters(&["email", "uuid", "username", "external_id"])?;
        let fits = |user: &&User| {
            query.partial("email", &user.email)
                && query.partial("uuid", &user.uuid)
                && query.partial("username", &user.username)
                && query.partial("external_id", user.external_id.as_deref().unwrap_or_default())
        };
        let mut users: Vec<&User> = self.users.values().filter(fits).collect();
        if query.get("sort").is_some_and(|sort| sort.starts_with('-')) {
            users.reverse();
        }
        Ok(query.page(users, |user| {
            let mut rendered = user.render();
            if query.includes("servers") {
                let servers = self.servers.values().filter(|server| server.user == user.id);
                rendered.set(
                    "attributes.relationships.servers",
                    super::lists::plain_list(
                        servers.map(|server| self.render_server(server, &Query::default())).collect(),
                    ),
                );
            }
            rendered
        }))
    }

    /// `GET /users/{id}`
    pub(crate) fn get_user(&self, id: i64) -> Result<Value, PanelError> {
        self.users.get(&id).map(User::render).ok_or_else(PanelError::not_found)
    }

    /// `GET /users/external/{external_id}`: the first one, for the id is not unique in the database.
    pub(crate) fn get_external_user(&self, external_id: &str) -> Result<Value, PanelError> {
        let user = self.users.values().find(|user| user.external_id.as_deref() == Some(external_id));
        user.map(User::render).ok_or_else(PanelError::not_found)
    }

    /// `POST /users`
    pub(crate) fn create_user(&mut self, body: &Value) -> Result<Value, PanelError> {
        self.check_user(body, None)?;
        self.last_user += 1;
        let user = User {
            id: self.last_user,
            uuid: self.dice.uuid(),
            external_id: text(body, "external_id"),
            username: text(body, "username").unwrap_or_default().to_lowercase(),
            email: text(body, "email").unwrap_or_default(),
            first_name: text(body, "first_name").unwrap_or_default(),
            last_name: text(body, "last_name").unwrap_or_default(),
            language: text(body, "language").unwrap_or_else(|| "en".to_owned()),
            // Pelican's rules do not know the field.
            root_admin: !self.is_pelican() && body.get("root_admin").and_then(truth).unwrap_or(false),
            nameless: self.is_pelican(),
            created: self.now,
            updated: self.now,
        };
        let mut rendered = user.render();
        rendered.set("meta", json!({ "resource": format!("{}/api/application/users/{}", self.public_url, user.id) }));
        self.users.insert(user.id, user);
        Ok(rendered)
    }

    /// `PATCH /users/{id}`
    pub(crate) fn update_user(&mut self, id: i64, body: &Value) -> Result<Value, PanelError> {
        if !self.users.contains_key(&id) {
            return Err(PanelError::not_found());
        }
        self.check_user(body, Some(id))?;
        let (now, pelican) = (self.now, self.is_pelican());
        let user = self.users.get_mut(&id).ok_or_else(PanelError::not_found)?;
        user.username = text(body, "username").unwrap_or_default().to_lowercase();
        user.email = text(body, "email").unwrap_or_default();
        user.first_name = text(body, "first_name").unwrap_or_default();
        user.last_name = text(body, "last_name").unwrap_or_default();
        if body.get("external_id").is_some() {
            user.external_id = text(body, "external_id");
        }
        if let Some(language) = text(body, "language") {
            user.language = language;
        }
        if let Some(admin) = body.get("root_admin").and_then(truth).filter(|_| !pelican) {
            user.root_admin = admin;
        }
        user.updated = now;
        Ok(user.render())
    }

    /// `DELETE /users/{id}`
    pub(crate) fn delete_user(&mut self, id: i64) -> Result<(), PanelError> {
        if self.servers.values().any(|server| server.user == id) {
            return Err(PanelError::display(
                "Cannot delete a user with active servers attached to their account. Please delete their \
                 servers before continuing.",
            ));
        }
        self.users.remove(&id).map(drop).ok_or_else(PanelError::not_found)
    }

    fn check_user(&self, body: &Value, own: Option<i64>) -> Result<(), PanelError> {
        let others = || self.users.values().filter(|user| Some(user.id) != own);
        let mut checks = Checks::of(body);
        checks
            .field("email")
            .required()
            .string()
            .text_rule("email", is_email, "must be a valid email address.")
            .length_between(1, self.longest())
            .unique(|email| others().any(|user| user.email.eq_ignore_ascii_case(email)));
        checks
            .field("external_id")
            .sometimes()
            .nullable()
            .string()
            .max_length(self.longest())
            .unique(|id| others().any(|user| user.external_id.as_deref() == Some(id)));
        checks
            .field("username")
            .required()
            .string()
            .length_between(1, self.longest())
            .unique(|name| others().any(|user| user.username.eq_ignore_ascii_case(name)))
            .text_rule(
                "p_username",
                is_username,
                "must start and end with alpha-numeric characters and \
             contain only letters, numbers, dashes, underscores, and periods.",
            );
        if !self.is_pelican() {
            checks.field("first_name").required().string().length_between(1, 191);
            checks.field("last_name").required().string().length_between(1, 191);
        }
        checks.field("password").sometimes().nullable().string();
        checks.field("language").sometimes().string().text_rule(
            "in",
            |language| LANGUAGES.contains(&language),
            "is not a known language.",
        );
        checks.field("root_admin").sometimes().boolean();
        checks.finish()
    }
}

fn text(body: &Value, path: &str) -> Option<String> {
    at(body, path).and_then(Value::as_str).map(str::to_owned)
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(char::is_whitespace)
}

/// `^[a-z0-9]([\w\.-]+)[a-z0-9]$` on the lower-cased name.
fn is_username(name: &str) -> bool {
    let name = name.to_lowercase();
    let edge = |character: Option<char>| {
        character.is_some_and(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
    };
    let inner = |character: char| character.is_ascii_alphanumeric() || "_.-".contains(character);
    name.chars().count() >= 3 && edge(name.chars().next()) && edge(name.chars().last()) && name.chars().all(inner)
}
