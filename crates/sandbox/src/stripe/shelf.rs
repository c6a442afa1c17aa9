//! Objects of one kind, by id and in the order they were made.

use std::collections::{HashMap, VecDeque};

/// Keeps objects by id, newest last.
#[derive(Debug)]
pub(crate) struct Shelf<T> {
    by_id: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { by_id: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Shelf<T> {
    /// Adds an object.
    pub(crate) fn put(&mut self, id: &str, object: T) {
        if self.by_id.insert(id.to_owned(), object).is_none() {
            self.order.push_back(id.to_owned());
        }
    }

    /// The object of that id.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.by_id.get(id)
    }

    /// The object of that id, to change it.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.by_id.get_mut(id)
    }

    /// Takes the object away.
    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        self.order.retain(|known| known != id);
        self.by_id.remove(id)
    }

    /// All objects, oldest first.
    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = &T> {
        self.order.iter().filter_map(|id| self.by_id.get(id))
    }

    /// All objects, newest first, as Stripe lists them.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.order.iter().rev().filter_map(|id| self.by_id.get(id))
    }

    /// Forgets the oldest objects beyond `count`; 0 keeps all.
    pub(crate) fn keep(&mut self, count: usize) {
        while count > 0 && self.order.len() > count {
            if let Some(id) = self.order.pop_front() {
                self.by_id.remove(&id);
            }
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}
