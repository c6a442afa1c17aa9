//! What tries are counted in.

diesel::table! {
    limit_buckets (bucket) {
        bucket -> Bytea,
        full_at -> Timestamptz,
        told_until -> Nullable<Timestamptz>,
    }
}
