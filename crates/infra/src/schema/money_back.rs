//! Money that goes back.

diesel::table! {
    refunds (id) {
        id -> Uuid,
        order_id -> Uuid,
        payment_id -> Uuid,
        amount -> Int8,
        currency -> Text,
        whole -> Bool,
        reason -> Text,
        asked_by -> Text,
        status -> Text,
        attempt -> Int4,
        stripe_refund_id -> Nullable<Text>,
        detail -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}
