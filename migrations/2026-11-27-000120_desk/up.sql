-- What people of the shop search by. text_pattern_ops serves both a whole address and its beginning.
CREATE INDEX orders_by_email ON orders (email text_pattern_ops);
CREATE INDEX orders_by_remote ON orders (remote_identifier) WHERE remote_identifier IS NOT NULL;
CREATE INDEX orders_by_remote_id ON orders (remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX customers_by_gateway ON customers (stripe_customer_id) WHERE stripe_customer_id IS NOT NULL;
