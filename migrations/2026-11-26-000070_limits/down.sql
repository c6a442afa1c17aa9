DROP FUNCTION limits_take(bytea[], integer[], integer[], timestamptz);
DROP TABLE limit_buckets;
