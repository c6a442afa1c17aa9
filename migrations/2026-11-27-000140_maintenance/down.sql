DROP INDEX email_log_by_address;
DROP INDEX customers_by_email;
DROP INDEX orders_by_coupon;
DROP TABLE maintenance;
