//! The audit trail and its chain.

diesel::table! {
    audit_log (id) {
        id -> Uuid,
        at -> Timestamptz,
        actor_kind -> Text,
        actor -> Text,
        act -> Text,
        subject_kind -> Text,
        subject -> Text,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        before -> Jsonb,
        after -> Jsonb,
        encoding -> Bytea,
    }
}

diesel::table! {
    audit_chain (position) {
        position -> Int8,
        entry_id -> Uuid,
        key_id -> Text,
        hash -> Bytea,
    }
}

diesel::table! {
    audit_pending (entry_id) {
        entry_id -> Uuid,
        number -> Int8,
        xid -> Int8,
        since -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(audit_log, audit_chain);
