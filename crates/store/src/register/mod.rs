//! The national register, in a file of its own beside the main database: written whole under another
//! name, verified, then shown to readers by one rename. Public and rebuildable: no backup holds it.
//!
//! `DIR/current` names the version in use, `register-N.db` beside it; the one before is kept.
mod files;
mod fill;
mod import;
mod postings;
mod read;
mod schema;

pub use files::{RegisterVersion, VersionFile};
pub use import::RegisterImport;
pub use read::{Exercise, Register};

use identity::register::RegisterFault;
use std::path::PathBuf;

/// What went wrong with the kept register. The version in use is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Fault(#[from] RegisterFault),
    #[error("another import of the register is under way")]
    Busy,
    #[error("{}: {attempted}: {cause}", path.display())]
    File { path: PathBuf, attempted: &'static str, cause: std::io::Error },
    #[error("the register database failed to {attempted}")]
    Database { attempted: &'static str, source: rusqlite::Error },
    #[error("the register just written does not hold: {what}; nothing was changed")]
    Unsound { what: String },
    #[error("the register kept in {} was indexed by another version of Hygie; import it again", path.display())]
    Stale { path: PathBuf },
    #[error("no extract was given")]
    Nothing,
}

/// Names the attempt on the way up.
trait Tried<T> {
    fn tried(self, attempted: &'static str) -> Result<T, RegisterError>;
}

impl<T> Tried<T> for rusqlite::Result<T> {
    fn tried(self, attempted: &'static str) -> Result<T, RegisterError> {
        self.map_err(|source| RegisterError::Database { attempted, source })
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use identity::register::{
        Column, ExtractKind, ExtractSummary, ReadProgress, ReadStep, RegisterBatch, RegisterFault,
        RegisterReading,
    };
    use reconciliation::{NameForms, RegisterSearch, Term, staff_keys};
    use std::ops::ControlFlow;
    use std::path::Path;

    /// `id family given profession place birth`, one a line; `-` is empty.
    struct Script {
        kind: ExtractKind,
        lines: Vec<String>,
        steps: usize,
        restart: bool,
        fault: bool,
    }

    fn script(kind: ExtractKind, text: &str) -> Script {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Script {
            kind,
            lines: lines.map(str::to_owned).collect(),
            steps: 0,
            restart: false,
            fault: false,
        }
    }

    impl RegisterReading for Script {
        fn kind(&self) -> ExtractKind {
            self.kind
        }
        fn path(&self) -> &Path {
            Path::new("PS_LibreAcces_Personne_activite_202601151013.txt")
        }
        fn progress(&self) -> ReadProgress {
            ReadProgress::default()
        }
        fn next_batch(&mut self, batch: &mut RegisterBatch) -> Result<ReadStep, RegisterFault> {
            self.steps += 1;
            match self.steps {
                2 if std::mem::take(&mut self.restart) => {
                    self.steps = 0;
                    return Ok(ReadStep::Restarted);
                }
                2 if self.fault => {
                    return Err(RegisterFault::Empty { path: self.path().to_owned() });
                }
                2 => {
                    return Ok(ReadStep::Done(ExtractSummary {
                        path: self.path().to_owned(),
                        kind: self.kind,
                        sha256: "00".to_owned(),
                        bytes: 1,
                        lines: self.lines.len() as u64,
                        left_out: 0,
                        warnings: vec![],
                    }));
                }
                _ => {}
            }
            let mut text = String::new();
            let mut rows = Vec::new();
            for (number, line) in self.lines.iter().enumerate() {
                let mut spans = [(0, 0); Column::ALL.len()];
                let columns = [
                    Column::IdNat,
                    Column::ExerciseFamily,
                    Column::ExerciseGiven,
                    Column::Profession,
                    Column::FinessEntity,
                    Column::BirthDate,
                ];
                for (column, word) in columns.into_iter().zip(line.split(' ')) {
                    let start = text.len() as u32;
                    text.push_str(if word == "-" { "" } else { word });
                    spans[column as usize] = (start, text.len() as u32);
                }
                rows.push((number as u64 + 2, spans));
            }
            batch.set_text(text);
            rows.iter().for_each(|(line, spans)| batch.add_row(*line, spans));
            Ok(ReadStep::Rows)
        }
    }

    fn now() -> DateTime<chrono::Utc> {
        "2026-01-20T08:00:00Z".parse().expect("time")
    }

    fn import(dir: &Path, scripts: &mut [Script]) -> Result<RegisterVersion, RegisterError> {
        let mut import = RegisterImport::begin(dir)?;
        for script in scripts {
            import.fill(script, &mut |_| ControlFlow::Continue(()))?;
        }
        import.finish(now())
    }

    const OPEN: &str = "
        899900001233 MARTIN ANNE 60 990000010 -
        899900001233 MARTIN ANNE 93 750000001 -
        899900004567 DURAND LUC 10 - -
        3990000010/12 KERN ZOE 31 990000010 -
        899900001233 MARTIN ANNE 60 750000002 -";

    fn id(text: &str) -> kernel::IdNat {
        text.parse().expect("id")
    }

    #[test]
    fn lines_of_one_person_are_gathered_wherever_they_stand() {
        let dir = tempfile::tempdir().expect("folder");
        let version = import(dir.path(), &mut [script(ExtractKind::Open, OPEN)]).expect("import");
        assert_eq!(
            (version.persons, version.activities, version.births, version.number),
            (3, 5, 0, 1)
        );
        assert_eq!(
            version.extracted_at.map(|at| at.to_rfc3339()).as_deref(),
            Some("2026-01-15T10:13:00+00:00")
        );
        let register = Register::open(dir.path()).expect("open").expect("kept");
        let anne = register.by_id_nat(&id("899900001233")).expect("read").expect("known");
        assert_eq!((anne.practices.len(), anne.places.len()), (2, 3));
        let exercises = register.exercises(&id("899900001233")).expect("read");
        let professions: Vec<&str> = exercises.iter().map(|one| one.profession.as_str()).collect();
        assert_eq!(professions, ["60", "93", "60"]);
        let other = register.by_id_nat(&id("3990000010/12")).expect("read").expect("known");
        assert_eq!((other.family.as_str(), other.id_nat.as_str()), ("KERN", "3990000010/12"));
        assert_eq!(register.by_id_nat(&id("899900000000")).expect("read"), None);
        let here =
            register.at_places(&["990000010".parse().expect("finess")].into()).expect("read");
        assert_eq!(here.len(), 2);
        let keys = staff_keys(&NameForms::new(["Durand"], ["Luc"]), None);
        assert_eq!(register.by_keys(&keys).expect("read").len(), 1);
        assert_eq!(register.frequency(Term::family("martin")).expect("read"), 1);
        assert_eq!(register.frequency(Term::profession("60")).expect("read"), 1);
    }

    #[test]
    fn the_restricted_extract_adds_births_and_nothing_twice() {
        let dir = tempfile::tempdir().expect("folder");
        let births = "
            899900001233 MARTIN ANNE 60 990000010 13/05/1980
            899900001233 MARTIN ANNE 93 750000001 13/05/1980
            899900009999 NOUVEAU PAUL 60 - 01/02/1990";
        for restart in [false, true] {
            let mut scripts =
                [script(ExtractKind::Open, OPEN), script(ExtractKind::Restricted, births)];
            scripts.iter_mut().for_each(|script| script.restart = restart);
            let version = import(dir.path(), &mut scripts).expect("import");
            assert_eq!(
                (version.persons, version.activities, version.births),
                (4, 6, 2),
                "{restart}"
            );
            let register = Register::open(dir.path()).expect("open").expect("kept");
            let anne = register.by_id_nat(&id("899900001233")).expect("read").expect("known");
            assert_eq!(anne.birth.and_then(|birth| birth.date), "1980-05-13".parse().ok());
            assert_eq!(register.frequency(Term::family("martin")).expect("read"), 1);
        }
    }

    #[test]
    fn a_failed_import_leaves_the_version_in_use_and_readers_undisturbed() {
        let dir = tempfile::tempdir().expect("folder");
        assert!(Register::open(dir.path()).expect("open").is_none());
        import(dir.path(), &mut [script(ExtractKind::Open, OPEN)]).expect("import");
        let reader = Register::open(dir.path()).expect("open").expect("kept");
        let mut broken = script(ExtractKind::Open, "899900004567 AUTRE LUC 10 - -");
        broken.fault = true;
        assert!(import(dir.path(), &mut [broken]).is_err());
        let mut stopped = RegisterImport::begin(dir.path()).expect("begin");
        let outcome =
            stopped.fill(&mut script(ExtractKind::Open, OPEN), &mut |_| ControlFlow::Break(()));
        assert!(matches!(outcome, Err(RegisterError::Fault(RegisterFault::Stopped))));
        assert!(matches!(RegisterImport::begin(dir.path()), Err(RegisterError::Busy)));
        drop(stopped);
        assert!(matches!(import(dir.path(), &mut []), Err(RegisterError::Nothing)));
        assert_eq!(
            RegisterVersion::in_use(dir.path()).expect("read").map(|one| one.number),
            Some(1)
        );
        for number in 2..5 {
            let version = import(
                dir.path(),
                &mut [script(ExtractKind::Open, "899900004567 AUTRE LUC 10 - -")],
            );
            assert_eq!(version.expect("import").number, number);
        }
        // The old reader still reads its version; only two files are kept.
        assert_eq!(reader.persons(), 3);
        assert!(reader.by_id_nat(&id("899900001233")).expect("read").is_some());
        let kept = std::fs::read_dir(dir.path()).expect("list").filter(|entry| {
            entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".db"))
        });
        assert_eq!(kept.count(), 2);
    }

    #[test]
    fn a_damaged_pointer_or_file_is_told_not_guessed() {
        let dir = tempfile::tempdir().expect("folder");
        import(dir.path(), &mut [script(ExtractKind::Open, OPEN)]).expect("import");
        std::fs::write(dir.path().join("register-000001.db"), b"not a database").expect("write");
        assert!(matches!(Register::open(dir.path()), Err(RegisterError::Database { .. })));
        std::fs::write(dir.path().join("current"), "../../etc/passwd\n").expect("write");
        assert!(matches!(Register::open(dir.path()), Err(RegisterError::Unsound { .. })));
    }
}
