DROP INDEX customers_by_gateway;
DROP INDEX orders_by_remote_id;
DROP INDEX orders_by_remote;
DROP INDEX orders_by_email;
