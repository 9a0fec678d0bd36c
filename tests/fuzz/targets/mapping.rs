//! Any text as a source's mapping: faults, each with a sentence, or a mapping; never a panic.
#![no_main]

use identity::Mapping;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(faults) = Mapping::parse(text) {
        assert!(!faults.is_empty(), "refused without a reason");
        for fault in faults {
            assert!(!fault.to_string().is_empty());
        }
    }
});
