//! The binary `hygie`.
fn main() {}
