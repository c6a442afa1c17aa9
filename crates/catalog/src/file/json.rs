//! A product's settings: TOML turned into the JSON that providers read, with the line of every value.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use toml::de::{DeArray, DeFloat, DeTable, DeValue};

use super::reader::{Node, Place, Reader};

/// Settings as JSON, and where each value stood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) value: Value,
    place: Place,
    /// Line by path within the settings.
    lines: BTreeMap<String, usize>,
}

impl Settings {
    /// No settings at all, for a product that names none.
    pub(super) fn none(product: &Place) -> Self {
        let place = Place { line: product.line, path: format!("{}.settings", product.path) };
        Self { value: Value::Object(Map::new()), place, lines: BTreeMap::new() }
    }

    /// The place of `path` within the settings, with the line of its nearest ancestor that is really there.
    pub(super) fn place_of(&self, path: &str) -> Place {
        let mut known = path;
        let line = loop {
            if let Some(line) = self.lines.get(known) {
                break *line;
            }
            match known.rfind(['.', '[']).and_then(|end| known.get(..end)) {
                Some(parent) => known = parent,
                None => break self.place.line,
            }
        };
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        Place { line, path: format!("{}{dot}{path}", self.place.path) }
    }
}

/// Reads settings; must be a table.
pub(super) fn settings(reader: &mut Reader, node: Node<'_>) -> Settings {
    let mut settings = Settings { value: Value::Object(Map::new()), place: node.place.clone(), lines: BTreeMap::new() };
    let DeValue::Table(table) = node.value else {
        reader.wrong_type(&node, "a table");
        return settings;
    };
    settings.value = object(reader, table, "", &mut settings);
    settings
}

fn object(reader: &mut Reader, table: &DeTable<'_>, path: &str, settings: &mut Settings) -> Value {
    let mut map = Map::new();
    for (key, value) in table {
        let key_text: &str = key.get_ref();
        let path = if path.is_empty() { key_text.to_owned() } else { format!("{path}.{key_text}") };
        settings.lines.insert(path.clone(), reader.line(&key.span()));
        refuse_nul(reader, key_text, &path, settings);
        map.insert(key_text.to_owned(), json(reader, value.get_ref(), &path, settings));
    }
    Value::Object(map)
}

fn array(reader: &mut Reader, items: &DeArray<'_>, path: &str, settings: &mut Settings) -> Value {
    let mut list = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        settings.lines.insert(path.clone(), reader.line(&item.span()));
        list.push(json(reader, item.get_ref(), &path, settings));
    }
    Value::Array(list)
}

fn json(reader: &mut Reader, value: &DeValue<'_>, path: &str, settings: &mut Settings) -> Value {
    match value {
        DeValue::String(text) => {
            refuse_nul(reader, text, path, settings);
            Value::String(text.clone().into_owned())
        }
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::from(number),
            Err(_) => refuse(reader, path, settings, "number out of range"),
        },
        DeValue::Float(number) => float(reader, number, path, settings),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(at) => Value::String(at.to_string()),
        DeValue::Array(items) => array(reader, items, path, settings),
        DeValue::Table(table) => object(reader, table, path, settings),
    }
}

/// A whole number written with a point becomes an integer: a JSON column gives `1e16` back as one, and the catalogue
/// would seem changed for ever.
fn float(reader: &mut Reader, number: &DeFloat<'_>, path: &str, settings: &Settings) -> Value {
    let parsed: Option<f64> = number.as_str().parse().ok().filter(|number: &f64| number.is_finite());
    let Some(parsed) = parsed else {
        return refuse(reader, path, settings, "expected a finite number");
    };
    match format!("{parsed:.0}").parse::<i64>() {
        Ok(whole) if parsed.fract() == 0.0 => Value::from(whole),
        _ => Number::from_f64(parsed).map_or(Value::Null, Value::Number),
    }
}

/// PostgreSQL's `jsonb` cannot hold the NUL character.
fn refuse_nul(reader: &mut Reader, text: &str, path: &str, settings: &Settings) {
    if text.contains('\0') {
        refuse(reader, path, settings, "must not contain the NUL character");
    }
}

fn refuse(reader: &mut Reader, path: &str, settings: &Settings, message: &str) -> Value {
    reader.report(&settings.place_of(path), message);
    Value::Null
}
