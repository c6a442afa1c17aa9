-- Every mail with its outcome. A secret that a mail prints is not here: `secret_id` names a row of sealed_secrets, which
-- goes when the mail is out, so it is no foreign key.
CREATE TABLE email_log (
    id uuid PRIMARY KEY,
    to_email text NOT NULL,
    to_name text,
    template text NOT NULL,
    department text NOT NULL CHECK (department IN ('sales', 'billing', 'support')),
    context jsonb NOT NULL,
    secret_id uuid,
    order_id uuid REFERENCES orders (id),
    status text NOT NULL CHECK (status IN ('queued', 'sent', 'failed')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    queued_at timestamptz NOT NULL,
    sent_at timestamptz,
    message_id text,
    last_error text,
    CONSTRAINT email_log_sent_whole CHECK (
        CASE WHEN status = 'sent' THEN num_nulls(sent_at, message_id) = 0 ELSE num_nulls(sent_at, message_id) = 2 END
    )
);
CREATE INDEX email_log_by_order ON email_log (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX email_log_not_sent ON email_log (queued_at) WHERE status <> 'sent';
