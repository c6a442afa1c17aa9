//! Tables for stores in memory. A clone is a snapshot and costs next to nothing: what is not written stays shared, so that
//! a transaction can work on a copy that replaces the original when it commits.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, btree_map},
    ops::Index,
    sync::Arc,
};

/// An ordered table of rows.
#[derive(Debug, PartialEq, Eq)]
pub struct Table<K, V>(Arc<BTreeMap<K, Arc<V>>>);

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// The row with this key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map(Arc::as_ref)
    }

    /// The row with this key, shared.
    pub fn share<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&Arc<V>>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The row with this key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.0.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.0).get_mut(key).map(Arc::make_mut)
    }

    /// Whether there is a row with this key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// Writes a row; the one that it replaces, if there was one.
    pub fn insert(&mut self, key: K, row: V) -> Option<Arc<V>> {
        Arc::make_mut(&mut self.0).insert(key, Arc::new(row))
    }

    /// The row with this key, written now if it was not there.
    pub fn get_or_insert_with(&mut self, key: K, row: impl FnOnce() -> V) -> &mut V {
        Arc::make_mut(Arc::make_mut(&mut self.0).entry(key).or_insert_with(|| Arc::new(row())))
    }

    /// Takes a row out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        if !self.0.contains_key(key) {
            return None;
        }
        Arc::make_mut(&mut self.0).remove(key)
    }

    /// Takes every row out.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Changes every row.
    pub fn for_each_mut(&mut self, mut change: impl FnMut(&K, &mut V)) {
        for (key, row) in Arc::make_mut(&mut self.0) {
            change(key, Arc::make_mut(row));
        }
    }
}

impl<K, V> Table<K, V> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.0.keys()
    }

    /// The rows, in order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.values().map(Arc::as_ref)
    }

    /// Keys and rows, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, row)| (key, row.as_ref()))
    }

    /// Keys and rows, in order, as they are shared between snapshots.
    pub fn shared(&self) -> btree_map::Iter<'_, K, Arc<V>> {
        self.0.iter()
    }

    /// Whether nothing was written since one was cloned from the other.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<K: Ord + Clone, V: Clone> Index<&K> for Table<K, V> {
    type Output = V;

    /// # Panics
    /// When there is no such row.
    #[allow(clippy::indexing_slicing, reason = "what tests want, as of a map")]
    fn index(&self, key: &K) -> &V {
        &self.0[key]
    }
}

/// A list that only grows, newest first. Adding and cloning cost the same however long it is.
#[derive(Debug)]
pub struct Log<T> {
    newest: Option<Arc<Line<T>>>,
    len: usize,
}

#[derive(Debug)]
struct Line<T> {
    entry: T,
    older: Option<Arc<Line<T>>>,
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self { newest: self.newest.clone(), len: self.len }
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { newest: None, len: 0 }
    }
}

impl<T> Log<T> {
    /// Adds an entry.
    pub fn push(&mut self, entry: T) {
        self.newest = Some(Arc::new(Line { entry, older: self.newest.take() }));
        self.len += 1;
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entries, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::successors(self.newest.as_deref(), |line| line.older.as_deref()).map(|line| &line.entry)
    }
}

impl<T> Drop for Log<T> {
    /// One line after the other: left to itself, a long list would be dropped by recursion.
    fn drop(&mut self) {
        let mut next = self.newest.take();
        while let Some(line) = next {
            next = Arc::into_inner(line).and_then(|mut line| line.older.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_keeps_what_it_saw() {
        let mut table: Table<u8, String> = Table::default();
        table.insert(1, "one".to_owned());
        let before = table.clone();
        assert!(table.is_same(&before));
        if let Some(row) = table.get_mut(&1) {
            row.push('!');
        }
        table.insert(2, "two".to_owned());
        assert_eq!((before[&1].as_str(), before.len()), ("one", 1));
        assert_eq!((table[&1].as_str(), table.len(), table.is_same(&before)), ("one!", 2, false));
    }

    #[test]
    fn a_log_is_read_newest_first_and_dropped_however_long() {
        let mut log = Log::default();
        let before = log.clone();
        for entry in 0..200_000 {
            log.push(entry);
        }
        assert_eq!((log.iter().next(), log.len(), before.len()), (Some(&199_999), 200_000, 0));
    }
}
