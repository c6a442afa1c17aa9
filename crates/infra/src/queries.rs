//! What pages, lists and the operator's command read. Read-only, joining freely, one view struct each.
