//! What is done to services after they were delivered.

diesel::table! {
    service_operations (id) {
        id -> Uuid,
        service_id -> Uuid,
        verb -> Text,
        reason -> Nullable<Text>,
        note -> Text,
        state -> Text,
        attempt -> Int4,
        poll_token -> Nullable<Text>,
        gone_since -> Nullable<Timestamptz>,
        started_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        detail -> Text,
    }
}
