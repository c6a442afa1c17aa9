//! Long lists, a page at a time.

/// A page of a list, by key: `next` names where the following page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for next; `None` on the last page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The one page of a short list.
    pub const fn only(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}
