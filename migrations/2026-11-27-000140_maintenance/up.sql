-- The shop is closed for maintenance exactly while there is a row; there is at most one.
CREATE TABLE maintenance (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    since timestamptz NOT NULL,
    until timestamptz,
    message text CHECK (char_length(message) BETWEEN 1 AND 500)
);

-- What the desk lists: which orders used a coupon, customers by their address, the mails to an address.
CREATE INDEX orders_by_coupon ON orders (coupon_code) WHERE coupon_code IS NOT NULL;
CREATE INDEX customers_by_email ON customers (email text_pattern_ops);
CREATE INDEX email_log_by_address ON email_log (lower(to_email), id);
