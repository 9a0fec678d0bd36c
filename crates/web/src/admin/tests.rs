use super::*;

/// The document that the console's client is generated from.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_document_is_the_one_that_is_kept() {
    let made = document().to_pretty_json().expect("a document") + "\n";
    if made != std::fs::read_to_string(SNAPSHOT).unwrap_or_default() {
        std::fs::write(SNAPSHOT, &made).expect("the crate's folder");
        panic!(
            "openapi.json was made again: look at what changed, and generate the console's client"
        );
    }
}
