DROP TABLE api_keys;
ALTER TABLE sessions DROP COLUMN proven_at, DROP COLUMN acted_by;
DROP INDEX users_of_the_shop;
UPDATE users SET role = 'customer' WHERE role IN ('support', 'billing');
ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check CHECK (role IN ('customer', 'admin'));
