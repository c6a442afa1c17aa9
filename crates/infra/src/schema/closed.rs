//! What is not for sale now: the shop is closed, or there is no room.

diesel::table! {
    maintenance (one) {
        one -> Bool,
        since -> Timestamptz,
        until -> Nullable<Timestamptz>,
        message -> Nullable<Text>,
    }
}

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
