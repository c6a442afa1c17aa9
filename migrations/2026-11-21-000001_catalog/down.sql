DROP TABLE coupons;
DROP TABLE prices;
DROP TABLE products;
