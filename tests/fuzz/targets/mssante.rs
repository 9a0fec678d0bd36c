//! Any bytes after the header of the MSSanté extract.
#![no_main]

#[path = "shared/extracts.rs"]
mod extracts;

use identity::register::Column;
use libfuzzer_sys::fuzz_target;

const HEADER: &str = "Type de BAL|Adresse BAL|Identification nationale PP|Identification Structure|Service de rattachement|Nom d'exercice|\n";

fuzz_target!(|body: &[u8]| extracts::read(HEADER, body, &[Column::MailboxKind, Column::Mailbox, Column::IdNat]));
