-- How many of a product there are in all, where there is an end to it; and what it delivers, to be compared with others:
-- a list of {name, value}, because objects keep no order.
ALTER TABLE products
    ADD COLUMN stock integer CHECK (stock >= 0),
    ADD COLUMN features jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(features) = 'array');

-- What is counted against a stock: orders that may become a service, and services that were begun and have not ended. A
-- terminated service leaves its index, so that a count never reads the past.
CREATE INDEX orders_holding ON orders (product_id)
    WHERE status IN ('pending', 'paid', 'provisioning', 'needs_attention', 'refund_pending');
CREATE INDEX services_begun ON services (plan_code)
    WHERE status NOT IN ('pending', 'failed_setup', 'terminated');
