//! Reads typed values out of a TOML document, remembers where each stood, and collects every problem on the way.

use std::{fmt::Display, ops::Range, str::FromStr};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::Problem;
use crate::text::printable;

/// Where something stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    /// Counted from 1.
    pub(super) line: usize,
    /// The path from the document's root.
    pub(super) path: String,
}

impl Place {
    /// A problem here.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { line: self.line, path: self.path.clone(), message: message.into() }
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// A value of the document with its place.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) place: Place,
}

/// A table whose keys are known.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    pub(super) place: Place,
}

/// The lines of the text, and the problems found so far.
pub(super) struct Reader {
    newlines: Vec<usize>,
    pub(super) problems: Vec<Problem>,
}

/// `parent.key`, quoted where a dot would be misread.
pub(super) fn join(parent: &str, key: &str) -> String {
    let key = if key.contains('.') { format!("\"{key}\"") } else { printable(key, 80) };
    if parent.is_empty() { key } else { format!("{parent}.{key}") }
}

/// What is wrong with a line of text.
pub(crate) fn line_problem(text: &str, limit: usize) -> Option<String> {
    if text.trim().is_empty() {
        Some("must not be empty".to_owned())
    } else if text.chars().any(char::is_control) {
        Some("must be one line without control characters".to_owned())
    } else if text.chars().count() > limit {
        Some(format!("longer than {limit} characters"))
    } else {
        None
    }
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index).collect();
        Self { newlines, problems: Vec::new() }
    }

    /// The line on which a span begins.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        self.newlines.partition_point(|newline| *newline < span.start) + 1
    }

    pub(super) fn report(&mut self, place: &Place, message: impl Into<String>) {
        self.problems.push(place.problem(message));
    }

    /// The document's root.
    pub(super) fn root<'a>(&mut self, table: &'a DeTable<'a>, known: &[&str]) -> Section<'a> {
        let section = Section { table, place: Place { line: 1, path: String::new() } };
        self.refuse_unknown(&section, known);
        section
    }

    /// The node as a table that may hold the known keys and no others.
    pub(super) fn section<'a>(&mut self, node: Node<'a>, known: &[&str]) -> Option<Section<'a>> {
        let DeValue::Table(table) = node.value else {
            self.wrong_type(&node, "a table");
            return None;
        };
        let section = Section { table, place: node.place };
        self.refuse_unknown(&section, known);
        Some(section)
    }

    fn refuse_unknown(&mut self, section: &Section<'_>, known: &[&str]) {
        for (key, node) in self.entries(section) {
            if !known.contains(&key) {
                self.report(&node.place, format!("unknown key; expected one of {}", known.join(", ")));
            }
        }
    }

    /// Everything in a section, in the order of the text.
    pub(super) fn entries<'a>(&self, section: &Section<'a>) -> Vec<(&'a str, Node<'a>)> {
        let mut entries: Vec<_> = section.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries.into_iter().map(|(key, value)| (key.get_ref().as_ref(), self.node(section, key, value))).collect()
    }

    /// A section with keys of the file's own choosing (`products`, `coupons`); empty when absent.
    pub(super) fn named<'a>(&mut self, parent: &Section<'a>, key: &str) -> Vec<(&'a str, Node<'a>)> {
        let Some(node) = self.get(parent, key) else { return Vec::new() };
        let DeValue::Table(table) = node.value else {
            self.wrong_type(&node, "a table");
            return Vec::new();
        };
        self.entries(&Section { table, place: node.place })
    }

    fn node<'a>(
        &self,
        section: &Section<'a>,
        key: &Spanned<DeString<'a>>,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Node<'a> {
        let place = Place { line: self.line(&key.span()), path: join(&section.place.path, key.get_ref()) };
        Node { value: value.get_ref(), place }
    }

    pub(super) fn get<'a>(&self, section: &Section<'a>, key: &str) -> Option<Node<'a>> {
        let (key, value) = section.table.get_key_value(key)?;
        Some(self.node(section, key, value))
    }

    /// What stands at a key that must be there.
    fn need<'a>(&mut self, section: &Section<'a>, key: &str) -> Option<Node<'a>> {
        let found = self.get(section, key);
        if found.is_none() {
            let place = Place { line: section.place.line, path: join(&section.place.path, key) };
            self.report(&place, "missing");
        }
        found
    }

    /// The elements of a list; empty when absent.
    pub(super) fn list<'a>(&mut self, section: &Section<'a>, key: &str) -> Vec<Node<'a>> {
        let Some(node) = self.get(section, key) else { return Vec::new() };
        let DeValue::Array(array) = node.value else {
            self.wrong_type(&node, "a list");
            return Vec::new();
        };
        let place = |index: usize, span: &Range<usize>| Place {
            line: self.line(span),
            path: format!("{}[{index}]", node.place.path),
        };
        array
            .iter()
            .enumerate()
            .map(|(index, item)| Node { value: item.get_ref(), place: place(index, &item.span()) })
            .collect()
    }

    /// A line of text: not empty, no control characters, at most `limit` characters.
    pub(super) fn line_of_text(&mut self, node: &Node<'_>, limit: usize) -> Option<String> {
        let text = self.text(node)?;
        match line_problem(text, limit) {
            Some(problem) => self.report(&node.place, problem),
            None => return Some(text.to_owned()),
        }
        None
    }

    pub(super) fn text<'a>(&mut self, node: &Node<'a>) -> Option<&'a str> {
        let text = node.value.as_str();
        if text.is_none() {
            self.wrong_type(node, "a text in quotes");
        }
        text
    }

    /// A text that reads as a `T`.
    pub(super) fn word<T: FromStr<Err: Display>>(&mut self, node: Node<'_>) -> Option<At<T>> {
        let text = self.text(&node)?;
        match text.parse() {
            Ok(value) => Some(At { value, place: node.place }),
            Err(error) => {
                self.report(&node.place, format!("'{}': {error}", printable(text, 64)));
                None
            }
        }
    }

    /// Like [`Reader::word`], for a key that may be left out.
    pub(super) fn optional_word<T: FromStr<Err: Display>>(
        &mut self,
        section: &Section<'_>,
        key: &str,
    ) -> Option<At<T>> {
        self.get(section, key).and_then(|node| self.word(node))
    }

    /// Like [`Reader::word`], for a key that must be there.
    pub(super) fn needed_word<T: FromStr<Err: Display>>(&mut self, section: &Section<'_>, key: &str) -> Option<At<T>> {
        self.need(section, key).and_then(|node| self.word(node))
    }

    /// Like [`Reader::line_of_text`], for a key that must be there.
    pub(super) fn needed_line(&mut self, section: &Section<'_>, key: &str, limit: usize) -> Option<String> {
        self.need(section, key).and_then(|node| self.line_of_text(&node, limit))
    }

    /// A whole number, for a key that may be left out.
    pub(super) fn optional_integer(&mut self, section: &Section<'_>, key: &str) -> Option<At<i64>> {
        self.get(section, key).and_then(|node| self.integer(node))
    }

    /// A whole number, for a key that must be there.
    pub(super) fn needed_integer(&mut self, section: &Section<'_>, key: &str) -> Option<At<i64>> {
        self.need(section, key).and_then(|node| self.integer(node))
    }

    fn integer(&mut self, node: Node<'_>) -> Option<At<i64>> {
        let DeValue::Integer(number) = node.value else {
            self.wrong_type(&node, "a whole number");
            return None;
        };
        let value = i64::from_str_radix(number.as_str(), number.radix()).ok();
        if value.is_none() {
            self.report(&node.place, "number out of range");
        }
        value.map(|value| At { value, place: node.place })
    }

    pub(super) fn wrong_type(&mut self, node: &Node<'_>, expected: &str) {
        self.report(&node.place, format!("expected {expected}, found {}", node.value.type_str()));
    }
}
