//! Any text as a number of the trade: it is refused, or it says itself back.
#![no_main]

use kernel::{Finess, IdNat, Rpps};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(rpps) = text.parse::<Rpps>() {
        assert_eq!(rpps.to_string(), text);
        assert_eq!(rpps.id_nat().rpps().as_ref(), Some(&rpps));
    }
    if let Ok(finess) = text.parse::<Finess>() {
        assert_eq!(finess.to_string().parse::<Finess>(), Ok(finess));
    }
    if let Ok(id_nat) = text.parse::<IdNat>() {
        assert_eq!(id_nat.to_string().parse::<IdNat>(), Ok(id_nat));
    }
});
