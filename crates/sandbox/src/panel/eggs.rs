//! Nests, eggs and the rules of their variables.

use super::check::Checks;
use super::error::PanelError;
use super::lists::{Query, plain_list};
use super::{Panel, atom, item};
use crate::json::Members;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// A nest.
#[derive(Debug, Clone)]
pub(crate) struct Nest {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) created: DateTime<Utc>,
}

/// An egg: a kind of game server.
#[derive(Debug, Clone)]
pub(crate) struct Egg {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) nest: i64,
    pub(crate) name: &'static str,
    pub(crate) image: &'static str,
    pub(crate) startup: &'static str,
    pub(crate) variables: Vec<Variable>,
    /// Pelican's: its rules are a list, and it is in no nest.
    pub(crate) listed: bool,
    pub(crate) created: DateTime<Utc>,
}

/// A variable of an egg.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) env: &'static str,
    pub(crate) default: &'static str,
    pub(crate) rules: &'static [Rule],
}

/// A validation rule of a variable.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    Required,
    Nullable,
    Text,
    Integer,
    Boolean,
    In(&'static [&'static str]),
    Min(i64),
    Max(i64),
    Between(i64, i64),
    /// The pattern as the panel shows it, and what decides it here.
    Regex(&'static str, fn(&str) -> bool),
}

impl Rule {
    fn text(self) -> String {
        match self {
            Self::Required => "required".to_owned(),
            Self::Nullable => "nullable".to_owned(),
            Self::Text => "string".to_owned(),
            Self::Integer => "integer".to_owned(),
            Self::Boolean => "boolean".to_owned(),
            Self::In(words) => format!("in:{}", words.join(",")),
            Self::Min(least) => format!("min:{least}"),
            Self::Max(most) => format!("max:{most}"),
            Self::Between(least, most) => format!("between:{least},{most}"),
            Self::Regex(pattern, _) => format!("regex:{pattern}"),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Nullable => "nullable",
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::In(_) => "in",
            Self::Min(_) => "min",
            Self::Max(_) => "max",
            Self::Between(_, _) => "between",
            Self::Regex(_, _) => "regex",
        }
    }

    /// Whether a value keeps the rule; sizes are of the number when the variable is one, else of the text.
    fn holds(self, value: &str, numeric: bool) -> bool {
        let size = if numeric {
            value.parse().unwrap_or_default()
        } else {
            i64::try_from(value.chars().count()).unwrap_or(i64::MAX)
        };
        match self {
            Self::Required | Self::Nullable | Self::Text => true,
            Self::Integer => value.parse::<i64>().is_ok(),
            Self::Boolean => ["0", "1", "true", "false"].contains(&value),
            Self::In(words) => words.contains(&value),
            Self::Min(least) => size >= least,
            Self::Max(most) => size <= most,
            Self::Between(least, most) => (least..=most).contains(&size),
            Self::Regex(_, matches) => matches(value),
        }
    }
}

impl Variable {
    fn render(&self, egg: &Egg) -> Value {
        let rules: Vec<String> = self.rules.iter().map(|rule| rule.text()).collect();
        let rules = if egg.listed { json!(rules) } else { json!(rules.join("|")) };
        let at = atom(egg.created);
        item(
            "egg_variable",
            json!({
                "id": self.id, "egg_id": egg.id, "name": self.name, "description": "", "env_variable": self.env,
                "default_value": self.default, "user_viewable": true, "user_editable": true, "rules": rules,
                "created_at": at, "updated_at": at,
            }),
        )
    }
}

impl Egg {
    /// Reports the variables whose rules `environment` breaks. The panel fills no defaults: what is missing is missing.
    pub(crate) fn check_environment(&self, environment: &Map<String, Value>, checks: &mut Checks<'_>) {
        for variable in &self.variables {
            let value = environment.get(variable.env).map(plain).unwrap_or_default();
            let numeric = variable.rules.iter().any(|rule| matches!(rule, Rule::Integer));
            let required = variable.rules.iter().any(|rule| matches!(rule, Rule::Required));
            let broken = |rule: &&Rule| if value.is_empty() { false } else { !rule.holds(&value, numeric) };
            let field = format!("environment.{}", variable.env);
            if value.is_empty() && required {
                checks.report(field, "required", format!("The \"{}\" variable field is required.", variable.name));
                continue;
            }
            for rule in variable.rules.iter().filter(broken) {
                checks.report(
                    field.clone(),
                    rule.name(),
                    format!("The \"{}\" variable breaks the rule {}.", variable.name, rule.text()),
                );
            }
        }
    }

    /// The environment that is stored: every variable, those left out as empty texts.
    pub(crate) fn stored_environment(&self, environment: &Map<String, Value>) -> Map<String, Value> {
        self.variables
            .iter()
            .map(|variable| {
                (variable.env.to_owned(), json!(environment.get(variable.env).map(plain).unwrap_or_default()))
            })
            .collect()
    }

    fn render(&self, query: &Query) -> Value {
        let at = atom(self.created);
        let image = self.image.rsplit_once(':').map_or(self.image, |(_, tag)| tag);
        let mut attributes = json!({
            "id": self.id, "uuid": self.uuid, "name": self.name, "nest": self.nest, "author": "panel@example.test",
            "description": self.name, "docker_image": self.image, "docker_images": { image: self.image },
            "config": {
                "files": {}, "startup": { "done": "Done" }, "stop": "stop", "logs": [], "file_denylist": [],
                "extends": null,
            },
            "startup": self.startup,
            "script": {
                "privileged": true, "install": "#!/bin/ash\n", "entry": "ash",
                "container": "ghcr.io/pterodactyl/installers:alpine", "extends": null,
            },
            "created_at": at, "updated_at": at,
        });
        if self.listed {
            attributes.as_object_mut().map(|table| table.remove("nest"));
        }
        if query.includes("variables") {
            let variables = self.variables.iter().map(|variable| variable.render(self));
            attributes.set("relationships.variables", plain_list(variables.collect()));
        }
        item("egg", attributes)
    }

    /// The variables with the values that a server has.
    pub(crate) fn render_variables(&self, environment: &Map<String, Value>) -> Value {
        let with_value = |variable: &Variable| {
            let mut rendered = variable.render(self);
            rendered.set("attributes.server_value", environment.get(variable.env).cloned().unwrap_or_default());
            rendered.set("object", json!("server_variable"));
            rendered
        };
        plain_list(self.variables.iter().map(with_value).collect())
    }
}

/// A value of the environment as text.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

impl Panel {
    fn render_nest(&self, nest: &Nest, query: &Query) -> Value {
        let at = atom(nest.created);
        let mut attributes = json!({
            "id": nest.id, "uuid": nest.uuid, "author": "panel@example.test", "name": nest.name,
            "description": nest.description, "created_at": at, "updated_at": at,
        });
        if query.includes("eggs") {
            let own = self.eggs.values().filter(|egg| egg.nest == nest.id);
            attributes.set(
                "relationships",
                json!({ "eggs": plain_list(own.map(|egg| egg.render(&Query::default())).collect()) }),
            );
        }
        item("nest", attributes)
    }

    /// `GET /nests`
    pub(crate) fn list_nests(&self, query: &Query) -> Value {
        query.page(self.nests.values().collect(), |nest| self.render_nest(nest, query))
    }

    /// `GET /nests/{id}`
    pub(crate) fn get_nest(&self, id: i64, query: &Query) -> Result<Value, PanelError> {
        self.nests.get(&id).map(|nest| self.render_nest(nest, query)).ok_or_else(PanelError::not_found)
    }

    /// `GET /nests/{nest}/eggs`
    pub(crate) fn list_eggs(&self, nest: i64, query: &Query) -> Result<Value, PanelError> {
        if !self.nests.contains_key(&nest) {
            return Err(PanelError::not_found());
        }
        let own = self.eggs.values().filter(|egg| egg.nest == nest);
        Ok(plain_list(own.map(|egg| egg.render(query)).collect()))
    }

    /// `GET /eggs`, Pelican's.
    pub(crate) fn all_eggs(&self, query: &Query) -> Value {
        plain_list(self.eggs.values().map(|egg| egg.render(query)).collect())
    }

    /// `GET /eggs/{id}`, Pelican's.
    pub(crate) fn any_egg(&self, id: i64, query: &Query) -> Result<Value, PanelError> {
        self.eggs.get(&id).map(|egg| egg.render(query)).ok_or_else(PanelError::not_found)
    }

    /// `GET /nests/{nest}/eggs/{id}`
    pub(crate) fn get_egg(&self, nest: i64, id: i64, query: &Query) -> Result<Value, PanelError> {
        self.eggs.get(&id).filter(|egg| egg.nest == nest).map(|egg| egg.render(query)).ok_or_else(PanelError::not_found)
    }
}
