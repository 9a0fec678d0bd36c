//! Sources: reads HR exports, directories and the register, and judges nothing of what they say.
//! Refuses to decide, to keep anything, and to hand over a reading that is not whole.
//! Start at `opener.rs`, then `hr_csv.rs`, `active_directory.rs`, `ldif.rs`; the register is read in `register/`.
mod active_directory;
mod directory_line;
mod files;
mod hr_csv;
mod ldif;
mod opener;
pub mod register;

pub use active_directory::ActiveDirectory;
pub use files::Folders;
pub use hr_csv::{HrCsv, parse_csv};
pub use ldif::{Ldif, LdifEntry, LdifFault, parse_ldif};
pub use opener::{Opener, OpenerSettings};
