//! What providers said of the room they have.

diesel::table! {
    room_seen (product_id, region) {
        product_id -> Uuid,
        region -> Text,
        promised -> Int4,
        fits -> Bool,
        detail -> Text,
        seen_at -> Timestamptz,
    }
}
