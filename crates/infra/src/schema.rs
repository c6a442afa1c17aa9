//! The tables as diesel knows them. A test compares every column, type and nullability with the migrated database.
#![allow(missing_docs, unreachable_pub, reason = "what the columns mean stands in the migrations")]

mod audit;
mod closed;
mod factors;
mod limits;
mod money_back;
mod operations;

pub use audit::{audit_chain, audit_log, audit_pending};
pub use closed::{maintenance, panel_allowance, room_seen};
pub use factors::{passkey_challenges, passkeys, recovery_codes, user_totp};
pub use limits::limit_buckets;
pub use money_back::refunds;
pub use operations::service_operations;

diesel::table! {
    products (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        description -> Text,
        kind -> Text,
        provider -> Text,
        settings -> Jsonb,
        regions -> Jsonb,
        highlights -> Jsonb,
        features -> Jsonb,
        stock -> Nullable<Int4>,
        status -> Text,
        position -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    prices (id) {
        id -> Uuid,
        product_id -> Uuid,
        billing_cycle -> Text,
        amount -> Int8,
        currency -> Text,
        trial_days -> Int4,
        active -> Bool,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    coupons (id) {
        id -> Uuid,
        code -> Text,
        percent_bp -> Nullable<Int4>,
        amount_off -> Nullable<Int8>,
        currency -> Nullable<Text>,
        duration -> Text,
        valid_from -> Nullable<Timestamptz>,
        valid_until -> Nullable<Timestamptz>,
        products -> Array<Text>,
        active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        password_hash -> Text,
        must_change_password -> Bool,
        password_expires_at -> Nullable<Timestamptz>,
        role -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    customers (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        email -> Text,
        stripe_customer_id -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        token_hash -> Nullable<Bytea>,
        last_seen_at -> Timestamptz,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        proven_at -> Timestamptz,
        acted_by -> Nullable<Uuid>,
        factor_due -> Bool,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        token_hash -> Bytea,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    account_requests (id) {
        id -> Uuid,
        purpose -> Text,
        email -> Text,
        user_id -> Nullable<Uuid>,
        name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        token_hash -> Nullable<Bytea>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        settled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sealed_secrets (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        sealed -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    orders (id) {
        id -> Uuid,
        status -> Text,
        disputed -> Bool,
        cancel_reason -> Nullable<Text>,
        attention_from -> Nullable<Text>,
        attention_reason -> Nullable<Text>,
        attention_next_step -> Nullable<Text>,
        customer_id -> Nullable<Uuid>,
        email -> Text,
        customer_name -> Text,
        guest -> Bool,
        product_id -> Uuid,
        price_id -> Uuid,
        plan_code -> Text,
        plan_name -> Text,
        kind -> Text,
        billing_cycle -> Text,
        list_amount -> Int8,
        discount_amount -> Nullable<Int8>,
        coupon_code -> Nullable<Text>,
        coupon_duration -> Nullable<Text>,
        total_amount -> Int8,
        due_now_amount -> Int8,
        renewal_amount -> Nullable<Int8>,
        currency -> Text,
        trial_days -> Int4,
        provider -> Text,
        settings -> Jsonb,
        delivery -> Jsonb,
        service_id -> Nullable<Uuid>,
        remote_id -> Nullable<Text>,
        remote_identifier -> Nullable<Text>,
        ptero_server_id -> Nullable<Int8>,
        ptero_identifier -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        check_at -> Timestamptz,
    }
}

diesel::table! {
    cases (id) {
        id -> Uuid,
        kind -> Text,
        subject -> Text,
        order_id -> Nullable<Uuid>,
        reason -> Text,
        next_step -> Text,
        owner -> Nullable<Text>,
        opened_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        times -> Int4,
        closed_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Text>,
        resolution -> Nullable<Text>,
    }
}

diesel::table! {
    outbound_calls (idempotency_key) {
        idempotency_key -> Text,
        purpose -> Text,
        order_id -> Nullable<Uuid>,
        state -> Text,
        calls -> Int4,
        first_call_at -> Timestamptz,
        last_call_at -> Timestamptz,
        absent_since -> Nullable<Timestamptz>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    sweeps (name) {
        name -> Text,
        cursor -> Nullable<Timestamptz>,
        last_run_at -> Timestamptz,
        last_seen -> Int8,
        last_found -> Int8,
        runs -> Int8,
        found -> Int8,
        last_find_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    order_timeline (id) {
        id -> Int8,
        order_id -> Uuid,
        at -> Timestamptz,
        actor -> Text,
        event -> Text,
        detail -> Text,
    }
}

diesel::table! {
    payments (id) {
        id -> Uuid,
        order_id -> Uuid,
        attempt -> Int4,
        status -> Text,
        amount -> Int8,
        currency -> Text,
        refunded_amount -> Int8,
        stripe_session_id -> Nullable<Text>,
        stripe_payment_intent_id -> Nullable<Text>,
        stripe_invoice_id -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    order_sessions (stripe_session_id) {
        stripe_session_id -> Text,
        order_id -> Uuid,
        payment_id -> Uuid,
        status -> Text,
        url -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Uuid,
        order_id -> Uuid,
        customer_id -> Uuid,
        stripe_subscription_id -> Nullable<Text>,
        status -> Text,
        current_period_start -> Nullable<Timestamptz>,
        current_period_end -> Nullable<Timestamptz>,
        cancel_at_period_end -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    checkout_keys (scope, key) {
        scope -> Text,
        key -> Text,
        fingerprint -> Text,
        order_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    services (id) {
        id -> Uuid,
        order_id -> Uuid,
        customer_id -> Uuid,
        owner_email -> Text,
        owner_name -> Text,
        plan_code -> Text,
        kind -> Text,
        label -> Text,
        provider -> Text,
        settings -> Jsonb,
        delivery -> Jsonb,
        status -> Text,
        remote_id -> Nullable<Text>,
        remote_identifier -> Nullable<Text>,
        failure_reason -> Nullable<Text>,
        suspend_reason -> Nullable<Text>,
        access -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    websites (id) {
        id -> Uuid,
        service_id -> Uuid,
        customer_id -> Uuid,
        domain -> Text,
        php_version -> Text,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    stripe_events_log (id) {
        id -> Text,
        #[sql_name = "type"]
        kind -> Text,
        api_version -> Nullable<Text>,
        created -> Nullable<Timestamptz>,
        livemode -> Nullable<Bool>,
        object_id -> Nullable<Text>,
        payload -> Bytea,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        detail -> Nullable<Text>,
        order_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    email_log (id) {
        id -> Uuid,
        to_email -> Text,
        to_name -> Nullable<Text>,
        template -> Text,
        department -> Text,
        context -> Jsonb,
        secret_id -> Nullable<Uuid>,
        order_id -> Nullable<Uuid>,
        status -> Text,
        attempts -> Int4,
        queued_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        message_id -> Nullable<Text>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    secrets (name, version) {
        name -> Text,
        version -> Int4,
        kid -> Text,
        ciphertext -> Text,
        not_before -> Timestamptz,
        not_after -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Int8,
        queue -> Int2,
        kind -> Text,
        state -> CChar,
        priority -> Int2,
        run_at -> Timestamptz,
        attempt -> Int2,
        max_attempts -> Int2,
        rescues -> Int2,
        lease -> Int8,
        budget_ms -> Int4,
        worker_id -> Nullable<Uuid>,
        claimed_at -> Nullable<Timestamptz>,
        deadline_at -> Nullable<Timestamptz>,
        dedupe_key -> Nullable<Text>,
        order_id -> Nullable<Uuid>,
        payload -> Jsonb,
        payload_version -> Int2,
        traceparent -> Nullable<Text>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    job_history (job_id, lease, finished_at) {
        job_id -> Int8,
        lease -> Int8,
        queue -> Int2,
        kind -> Text,
        order_id -> Nullable<Uuid>,
        attempt -> Int2,
        outcome -> Text,
        error -> Nullable<Text>,
        worker_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        claimed_at -> Nullable<Timestamptz>,
        finished_at -> Timestamptz,
    }
}

diesel::table! {
    job_dead (id) {
        id -> Int8,
        job_id -> Int8,
        lease -> Int8,
        queue -> Int2,
        kind -> Text,
        priority -> Int2,
        attempt -> Int2,
        max_attempts -> Int2,
        rescues -> Int2,
        budget_ms -> Int4,
        dedupe_key -> Nullable<Text>,
        order_id -> Nullable<Uuid>,
        payload -> Jsonb,
        payload_version -> Int2,
        traceparent -> Nullable<Text>,
        reason -> Text,
        code -> Text,
        detail -> Text,
        created_at -> Timestamptz,
        died_at -> Timestamptz,
        case_tried_at -> Nullable<Timestamptz>,
        case_opened_at -> Nullable<Timestamptz>,
        redriven_at -> Nullable<Timestamptz>,
        redriven_by -> Nullable<Text>,
    }
}

diesel::table! {
    workers (id) {
        id -> Uuid,
        host -> Text,
        pid -> Int4,
        version -> Text,
        started_at -> Timestamptz,
        last_seen -> Timestamptz,
        draining -> Bool,
    }
}

diesel::table! {
    queue_control (queue) {
        queue -> Int2,
        paused -> Bool,
        updated_at -> Timestamptz,
        max_running -> Nullable<Int4>,
        rate_per_second -> Nullable<Int4>,
        allowance -> Float8,
        allowance_at -> Timestamptz,
    }
}

diesel::table! {
    schedules (name) {
        name -> Text,
        every_ms -> Int8,
        next_at -> Timestamptz,
        ticked_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    orders,
    services,
    payments,
    subscriptions,
    order_sessions,
    email_log,
    products,
    prices
);
