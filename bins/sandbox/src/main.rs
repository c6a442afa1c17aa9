//! Wires and runs; everything else is in lib.rs.
fn main() {}
