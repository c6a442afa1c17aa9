DROP INDEX services_begun;
DROP INDEX orders_holding;
ALTER TABLE products DROP COLUMN features, DROP COLUMN stock;
