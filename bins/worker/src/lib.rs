//! Runs the flows as jobs and keeps the schedules.
