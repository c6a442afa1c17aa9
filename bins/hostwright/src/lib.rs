//! The operator's command: migrate, catalog, orders, events, jobs, secrets, doctor.
