//! The parameter tables: which parameters an endpoint knows, of which type and within which limits.
//!
//! A table is a text file, one parameter a line: `path type[!] [choices] [limits] [empty]`. `!` marks a required one,
//! `empty` one that may be sent as an empty string (to unset it). Rules between parameters are code, not table.

use super::error::ApiError;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// The parameters of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct Table {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    kind: Kind,
    required: bool,
    allows_empty: bool,
    min: Option<i64>,
    max: Option<i64>,
    above: Option<i64>,
    choices: Vec<&'static str>,
    children: BTreeMap<&'static str, Node>,
    item: Option<Box<Node>>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Kind {
    #[default]
    Object,
    Array,
    Metadata,
    /// A point in time, or bounds of it.
    Range,
    /// Whatever is inside is not looked at.
    Open,
    Leaf(Leaf),
}

#[derive(Debug, Clone, Copy)]
enum Leaf {
    Text,
    Int,
    Number,
    Bool,
    Choice,
    Currency,
    Decimal,
    Url,
    Email,
}

impl Kind {
    fn parse(name: &str) -> Self {
        match name {
            "array" => Self::Array,
            "metadata" => Self::Metadata,
            "range" => Self::Range,
            "open" => Self::Open,
            "string" => Self::Leaf(Leaf::Text),
            "int" | "time" => Self::Leaf(Leaf::Int),
            "number" => Self::Leaf(Leaf::Number),
            "bool" => Self::Leaf(Leaf::Bool),
            "enum" => Self::Leaf(Leaf::Choice),
            "currency" => Self::Leaf(Leaf::Currency),
            "decimal" => Self::Leaf(Leaf::Decimal),
            "url" => Self::Leaf(Leaf::Url),
            "email" => Self::Leaf(Leaf::Email),
            _ => Self::Object,
        }
    }
}

impl Table {
    /// Reads a table.
    pub(crate) fn parse(text: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.split(' ');
            let (Some(path), Some(kind)) = (words.next(), words.next()) else { continue };
            let node = table.root.at(path);
            node.kind = Kind::parse(kind.trim_end_matches('!'));
            node.required = kind.ends_with('!');
            for word in words {
                node.constrain(word);
            }
        }
        table
    }

    /// Checks a decoded form against the table and gives its values their types.
    pub(crate) fn check(&self, form: &Value) -> Result<Value, ApiError> {
        object(&self.root, form, "")
    }
}

impl Node {
    fn at(&mut self, path: &'static str) -> &mut Self {
        let mut node = self;
        for part in path.split('.') {
            let name = part.trim_end_matches("[]");
            node = node.children.entry(name).or_default();
            for _ in 0..(part.len() - name.len()) / 2 {
                node = node.item.get_or_insert_default();
            }
        }
        node
    }

    fn constrain(&mut self, word: &'static str) {
        match word.split_once('=') {
            Some(("min", value)) => self.min = value.parse().ok(),
            Some(("max", value)) => self.max = value.parse().ok(),
            Some(("above", value)) => self.above = value.parse().ok(),
            Some(_) => {}
            None if word == "empty" => self.allows_empty = true,
            None => self.choices = word.split('|').collect(),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}[{name}]") }
}

fn check(node: &Node, raw: &Value, path: &str) -> Result<Value, ApiError> {
    match node.kind {
        Kind::Open => Ok(raw.clone()),
        Kind::Range => range(raw, path),
        _ if raw.as_str() == Some("") && node.allows_empty => Ok(Value::Null),
        _ if raw.as_str() == Some("") => Err(empty(path)),
        Kind::Object => object(node, raw, path),
        Kind::Array => array(node, raw, path),
        Kind::Metadata => metadata(raw, path),
        Kind::Leaf(leaf) => text_leaf(node, leaf, raw, path),
    }
}

fn empty(path: &str) -> ApiError {
    ApiError::invalid(format!(
        "You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; however \
         '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value."
    ))
    .code("parameter_invalid_empty")
    .param(path)
}

fn object(node: &Node, raw: &Value, path: &str) -> Result<Value, ApiError> {
    let Value::Object(given) = raw else {
        return Err(ApiError::invalid("Invalid object").param(path));
    };
    let mut checked = Map::new();
    for (name, value) in given {
        let here = join(path, name);
        let child = node.children.get(name.as_str()).ok_or_else(|| ApiError::unknown(&here))?;
        checked.insert(name.clone(), check(child, value, &here)?);
    }
    for (name, child) in &node.children {
        if child.required && !checked.contains_key(*name) {
            return Err(ApiError::missing(&join(path, name)));
        }
    }
    Ok(Value::Object(checked))
}

fn array(node: &Node, raw: &Value, path: &str) -> Result<Value, ApiError> {
    let (Value::Object(given), Some(item)) = (raw, node.item.as_deref()) else {
        return Err(ApiError::invalid("Invalid array").param(path));
    };
    let mut values = Vec::with_capacity(given.len());
    for index in 0..given.len() {
        let name = index.to_string();
        // Indices must be dense: 0, 1, 2 … A gap or a word means that the client built its array wrongly.
        let value = given.get(&name).ok_or_else(|| ApiError::invalid("Invalid array").param(path))?;
        values.push(check(item, value, &join(path, &name))?);
    }
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    if let Some(max) = node.max.filter(|max| count > *max) {
        return Err(ApiError::invalid(format!("Array {path} exceeded maximum {max} allowed elements.")).param(path));
    }
    Ok(Value::Array(values))
}

/// At most 50 keys of at most 40 characters without brackets, values of at most 500.
fn metadata(raw: &Value, path: &str) -> Result<Value, ApiError> {
    let Value::Object(given) = raw else {
        return Err(ApiError::invalid("Invalid object").param(path));
    };
    if given.len() > 50 {
        return Err(ApiError::invalid("Metadata can have up to 50 keys.").param(path));
    }
    for (key, value) in given {
        let here = join(path, key);
        let Value::String(text) = value else {
            return Err(ApiError::invalid("Metadata values must be strings.").param(here));
        };
        if key.is_empty() || key.chars().count() > 40 || key.contains(['[', ']']) {
            return Err(ApiError::invalid(format!(
                "Metadata keys can have up to 40 characters, without brackets: {key}"
            ))
            .param(here));
        }
        if text.chars().count() > 500 {
            return Err(ApiError::invalid(format!(
                "Metadata values can have up to 500 characters, but you passed in a value of {} characters.",
                text.chars().count()
            ))
            .param(here));
        }
    }
    // An empty value unsets the key.
    let kept = given.iter().filter(|(_, value)| value.as_str() != Some(""));
    Ok(Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
}

/// A point in time, or `gt`/`gte`/`lt`/`lte` of one.
fn range(raw: &Value, path: &str) -> Result<Value, ApiError> {
    let whole = |value: &Value, here: &str| integer(value.as_str().unwrap_or_default(), here);
    let Value::Object(given) = raw else {
        return whole(raw, path).map(Value::from);
    };
    let mut checked = Map::new();
    for (name, value) in given {
        let here = join(path, name);
        if !["gt", "gte", "lt", "lte"].contains(&name.as_str()) {
            return Err(ApiError::unknown(&here));
        }
        checked.insert(name.clone(), Value::from(whole(value, &here)?));
    }
    Ok(Value::Object(checked))
}

fn integer(text: &str, path: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| {
        ApiError::invalid(format!("Invalid integer: {text}")).code("parameter_invalid_integer").param(path)
    })
}

fn text_leaf(node: &Node, leaf: Leaf, raw: &Value, path: &str) -> Result<Value, ApiError> {
    let Value::String(text) = raw else {
        return Err(ApiError::invalid("Invalid string").param(path));
    };
    let wrong = |message: String| Err(ApiError::invalid(message).param(path));
    match leaf {
        Leaf::Int => return bounded(node, integer(text, path)?, path).map(Value::from),
        Leaf::Number => return number(node, text, path),
        Leaf::Bool => {
            return text.parse().map(Value::Bool).or_else(|_| wrong(format!("Invalid boolean: {text}")));
        }
        Leaf::Choice if !node.choices.contains(&text.as_str()) => {
            return wrong(format!("Invalid {path}: must be one of {}", node.choices.join(", ")));
        }
        Leaf::Currency if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            return wrong(format!("Invalid currency: {text}. Currencies are three lower-case letters."));
        }
        Leaf::Decimal if super::amounts::decimal(text).is_none() => return wrong(format!("Invalid decimal: {text}")),
        Leaf::Url if !is_url(text) => {
            return wrong("Not a valid URL".to_owned()).map_err(|error| error.code("url_invalid"));
        }
        Leaf::Email if !is_email(text) => {
            return wrong(format!("Invalid email address: {text}")).map_err(|error| error.code("email_invalid"));
        }
        Leaf::Text | Leaf::Choice | Leaf::Currency | Leaf::Decimal | Leaf::Url | Leaf::Email => {}
    }
    let (length, limit) = (text.chars().count(), node.max.unwrap_or(5000));
    if i64::try_from(length).unwrap_or(i64::MAX) > limit {
        return wrong(format!("Invalid string: {path} must be at most {limit} characters, got {length}"));
    }
    Ok(Value::String(text.clone()))
}

fn bounded(node: &Node, value: i64, path: &str) -> Result<i64, ApiError> {
    if let Some(min) = node.min.filter(|min| value < *min) {
        return Err(ApiError::invalid(format!("This value must be greater than or equal to {min}."))
            .code("parameter_invalid_integer")
            .param(path));
    }
    if let Some(max) = node.max.filter(|max| value > *max) {
        return Err(ApiError::invalid(format!("This value must be less than or equal to {max}."))
            .code("parameter_invalid_integer")
            .param(path));
    }
    Ok(value)
}

/// A decimal number within its limits, kept as it was written.
fn number(node: &Node, text: &str, path: &str) -> Result<Value, ApiError> {
    let wrong = |message: String| ApiError::invalid(message).param(path);
    let value = super::amounts::decimal(text).ok_or_else(|| wrong(format!("Invalid decimal: {text}")))?;
    let scaled = |limit: i64| i128::from(limit) * super::amounts::DECIMAL_ONE;
    if let Some(above) = node.above.filter(|above| value <= scaled(*above)) {
        return Err(wrong(format!("This value must be greater than {above}.")));
    }
    if let Some(max) = node.max.filter(|max| value > scaled(*max)) {
        return Err(wrong(format!("This value must be less than or equal to {max}.")));
    }
    text.parse::<Number>().map(Value::Number).map_err(|_| wrong(format!("Invalid decimal: {text}")))
}

fn is_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| {
            !rest.is_empty() && !rest.starts_with(['/', '?', '#']) && !text.contains(char::is_whitespace)
        })
    })
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = !text.contains(char::is_whitespace) && !local.contains('@');
    plain && !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
}
