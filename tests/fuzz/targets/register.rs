//! Any bytes after the header of the open extract: rows, lines left out, or a fault; never a panic, a lost or a shifted line.
#![no_main]

#[path = "shared/extracts.rs"]
mod extracts;

use identity::register::Column;
use libfuzzer_sys::fuzz_target;

const HEADER: &str = "Identification nationale PP|Code civilité|Nom d'exercice|Prénom d'exercice|Code profession|Code catégorie professionnelle|Numéro FINESS site|Numéro FINESS établissement juridique|\n";

fuzz_target!(|body: &[u8]| extracts::read(HEADER, body, &[Column::IdNat, Column::ExerciseFamily, Column::FinessEntity]));
