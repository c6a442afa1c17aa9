//! Whether the shop is closed.

diesel::table! {
    maintenance (one) {
        one -> Bool,
        since -> Timestamptz,
        until -> Nullable<Timestamptz>,
        message -> Nullable<Text>,
    }
}
