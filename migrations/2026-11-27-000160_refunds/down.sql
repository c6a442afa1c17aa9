DROP INDEX email_log_by_recipient;
DELETE FROM outbound_calls WHERE purpose = 'refund';
ALTER TABLE outbound_calls DROP CONSTRAINT outbound_calls_purpose_check;
ALTER TABLE outbound_calls ADD CONSTRAINT outbound_calls_purpose_check
    CHECK (purpose IN ('create-session', 'create-service'));
DROP TABLE refunds;
