//! Runs the sandbox.
