//! Any bytes as an answer of the FHIR API: persons, each number once, or a fault; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sources::register::fhir::read_bundle;

fuzz_target!(|bytes: &[u8]| {
    match read_bundle(bytes) {
        Ok(bundle) => {
            let mut numbers: Vec<_> = bundle.persons.iter().map(|person| &person.id_nat).collect();
            numbers.sort();
            numbers.dedup();
            assert_eq!(numbers.len(), bundle.persons.len(), "one person a number");
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
});
