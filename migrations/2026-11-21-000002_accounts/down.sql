DROP TABLE sealed_secrets;
DROP TABLE sessions;
DROP TABLE customers;
DROP TABLE users;
