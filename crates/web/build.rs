//! The console is embedded: a new build of it makes this crate anew.
fn main() {
    println!("cargo:rerun-if-changed=../../web-admin/dist");
    println!("cargo:rerun-if-changed=build.rs");
}
