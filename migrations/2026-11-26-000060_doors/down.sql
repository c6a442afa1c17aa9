DELETE FROM sealed_secrets WHERE user_id IS NULL;
ALTER TABLE sealed_secrets ALTER COLUMN user_id SET NOT NULL;
DROP TABLE account_requests;
ALTER TABLE sessions DROP CONSTRAINT sessions_have_tokens;
ALTER TABLE sessions DROP COLUMN token_hash, DROP COLUMN last_seen_at, DROP COLUMN ip, DROP COLUMN user_agent;
