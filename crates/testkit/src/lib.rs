//! What tests share: a database per test, builders, a fixed Env.
