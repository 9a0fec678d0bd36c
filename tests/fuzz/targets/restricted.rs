//! Any bytes after the header of the restricted extract.
#![no_main]

#[path = "shared/extracts.rs"]
mod extracts;

use identity::register::Column;
use libfuzzer_sys::fuzz_target;

const HEADER: &str = "Identification nationale PP|Nom de famille|Prénoms|Date de naissance|Nom d'exercice|Prénom d'exercice|Code profession|Numéro FINESS site|Numéro FINESS établissement juridique|Autres identifiants|\n";

fuzz_target!(|body: &[u8]| extracts::read(HEADER, body, &[Column::IdNat, Column::BirthFamily, Column::BirthDate, Column::OtherIds]));
