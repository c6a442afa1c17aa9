DROP TABLE passkey_challenges;
DROP TABLE passkeys;
DROP TABLE recovery_codes;
DROP TABLE user_totp;
-- Without the column they would be whole ones.
UPDATE sessions SET revoked_at = now() WHERE factor_due AND revoked_at IS NULL;
ALTER TABLE sessions DROP COLUMN factor_due;
