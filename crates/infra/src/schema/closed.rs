//! Whether the shop is closed.

diesel::table! {
    maintenance (only) {
        only -> Bool,
        since -> Timestamptz,
        until -> Nullable<Timestamptz>,
        message -> Nullable<Text>,
    }
}
