DROP TABLE audit_pending;
DROP TABLE audit_chain;
DROP TABLE audit_log;
DROP FUNCTION audit_is_append_only();
