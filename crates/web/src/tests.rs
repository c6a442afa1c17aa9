//! Tests on the memory shop.
