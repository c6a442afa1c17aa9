//! What holds orders back: the shop is closed, there is no room, a panel has been asked enough.

diesel::table! {
    maintenance (one) {
        one -> Bool,
        since -> Timestamptz,
        until -> Nullable<Timestamptz>,
        message -> Nullable<Text>,
    }
}

diesel::table! {
    panel_allowance (panel) {
        panel -> Text,
        milli_calls -> Int8,
        counted_at -> Timestamptz,
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
