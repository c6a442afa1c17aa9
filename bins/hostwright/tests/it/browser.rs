//! The purchases in a browser.
