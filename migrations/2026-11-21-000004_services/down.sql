DROP TABLE websites;
ALTER TABLE orders DROP CONSTRAINT orders_service;
DROP TABLE services;
