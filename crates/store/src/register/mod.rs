//! The national register, in a file of its own beside the main database: written whole under another
//! name, verified, then shown to readers by one rename. Public and rebuildable: no backup holds it.
//!
//! `DIR/current` names the version in use, `register-N.db` beside it; the one before is kept.
mod complements;
mod details;
mod files;
mod fill;
mod frequencies;
mod gather;
mod import;
mod kinds;
mod outlines;
mod places;
mod postings;
mod read;
mod schema;
mod searcher;
mod written;

pub use details::{Details, Diploma, Exercise, Mailbox, Skill};
pub use files::{RegisterVersion, VersionFile, extracted_at};
pub use import::{RegisterImport, WaitingRegister};
pub use read::Register;
pub use searcher::RegisterSearcher;

use identity::register::{ExtractKind, RegisterFault};
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
    #[error("{}: this is not the register that was accepted: another file was put in its place; import the extracts again", path.display())]
    Swapped { path: PathBuf },
    #[error("no extract was given")]
    Nothing,
    #[error(
        "{}: this extract only completes persons: give the one of persons and activities with it",
        path.display()
    )]
    NobodyToComplete { path: PathBuf },
    #[error(
        "{} and {first}: two extracts of one kind ({}); a version is made of one of each",
        path.display(), kind.name()
    )]
    SecondOfKind { path: PathBuf, first: String, kind: ExtractKind },
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
        Column, ExtractSummary, ReadProgress, ReadStep, RegisterBatch, RegisterReading,
    };
    use reconciliation::{
        Meeting, NameForms, Outline, RegisterPerson, RegisterSearch, SearchFault, Term, staff_keys,
    };
    use std::ops::ControlFlow;
    use std::path::Path;

    /// `id family given profession entity site structure office postcode`, one a line; `-` is empty, `_` parts the words of
    /// a name. The restricted extract has after the entity: day of birth, former numbers, civility, sex, birth names, commune.
    struct Script {
        kind: ExtractKind,
        lines: Vec<String>,
        steps: usize,
        restart: bool,
        fault: bool,
    }

    /// What stands in a scripted line of each extract.
    fn columns_of(kind: ExtractKind) -> Vec<Column> {
        use Column::*;
        match kind {
            ExtractKind::Open => {
                vec![
                    IdNat,
                    ExerciseFamily,
                    ExerciseGiven,
                    Profession,
                    FinessEntity,
                    FinessSite,
                    StructureName,
                    StructureOffice,
                    StructurePostcode,
                ]
            }
            ExtractKind::Restricted => vec![
                IdNat,
                ExerciseFamily,
                ExerciseGiven,
                Profession,
                FinessEntity,
                BirthDate,
                OtherIds,
                Civility,
                Sex,
                BirthFamily,
                BirthGiven,
                BirthCommune,
            ],
            ExtractKind::Skills => vec![IdNat, ExerciseFamily, Profession, SkillType, Skill],
            ExtractKind::Diplomas => vec![IdNat, ExerciseFamily, DiplomaType, Diploma],
            ExtractKind::Mailboxes => vec![IdNat, MailboxKind, Mailbox, MailboxStructure],
        }
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
            let columns = columns_of(self.kind);
            for (number, line) in self.lines.iter().enumerate() {
                let mut spans = vec![(0, 0); columns.len()];
                for (span, word) in spans.iter_mut().zip(line.split(' ')) {
                    let start = text.len() as u32;
                    if word != "-" {
                        text.push_str(&word.replace('_', " "));
                    }
                    *span = (start, text.len() as u32);
                }
                rows.push((number as u64 + 2, spans));
            }
            batch.shape(&columns);
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
        let anne = register.find_by_id_nat(&id("899900001233")).expect("read").expect("known");
        assert_eq!((anne.practices.len(), anne.places.len()), (2, 3));
        let exercises = register.exercises(&id("899900001233")).expect("read");
        let professions: Vec<&str> = exercises.iter().map(|one| one.profession.as_str()).collect();
        assert_eq!(professions, ["60", "93", "60"]);
        let other = register.find_by_id_nat(&id("3990000010/12")).expect("read").expect("known");
        assert_eq!((other.family.as_str(), other.id_nat.as_str()), ("KERN", "3990000010/12"));
        assert_eq!(register.find_by_id_nat(&id("899900000000")).expect("read"), None);
        let search = register.searcher().expect("outlines");
        let here = search.at_places(&["990000010".parse().expect("finess")].into()).expect("read");
        assert_eq!(here.len(), 2);
        let keys = staff_keys(&NameForms::new(["Durand"], ["Luc"]), None);
        for (least, met) in [(0.0, 1), (1.0, 0)] {
            let mut meeting = Counted { least, met: 0 };
            search.by_keys(&keys, &mut meeting).expect("read");
            assert_eq!(meeting.met, met, "everybody is worth 1, at least {least}");
        }
        assert_eq!(search.frequency(Term::family("martin")).expect("read"), 1);
        assert_eq!(search.frequency(Term::profession("60")).expect("read"), 1);
    }

    #[derive(Default)]
    struct Met(Vec<RegisterPerson>);

    impl Meeting for Met {
        fn worth(&mut self, _: &Outline) -> Result<f64, SearchFault> {
            Ok(0.0)
        }
        fn least(&self) -> f64 {
            f64::NEG_INFINITY
        }
        fn meets(&mut self, person: RegisterPerson, _: &Outline) -> Result<(), SearchFault> {
            self.0.push(person);
            Ok(())
        }
    }

    struct Counted {
        least: f64,
        met: usize,
    }

    impl Meeting for Counted {
        fn worth(&mut self, _: &Outline) -> Result<f64, SearchFault> {
            Ok(1.0)
        }
        fn least(&self) -> f64 {
            self.least
        }
        fn meets(&mut self, _: RegisterPerson, _: &Outline) -> Result<(), SearchFault> {
            self.met += 1;
            Ok(())
        }
    }

    #[test]
    fn a_line_without_a_number_stands_where_its_structure_s_name_says() {
        for (what, lines, expected) in [
            ("the name is ours", "899900004567 DURAND LUC 10 - - ch-valbrume", 2),
            ("the name of a site of ours", "899900004567 DURAND LUC 10 - - EHPAD-LES-LILAS", 2),
            ("another name", "899900004567 DURAND LUC 10 - - CABINET", 1),
            ("no name", "899900004567 DURAND LUC 10 - - -", 1),
            (
                "another hospital has the name too",
                "899900004567 DURAND LUC 10 - - CH-VALBRUME
                 899900001241 PETIT EVE 60 750000001 - CH-VALBRUME",
                1,
            ),
            (
                "another hospital has the name in another town",
                "899900004567 DURAND LUC 10 - - CH-VALBRUME 99000 -
                 899900001241 PETIT EVE 60 750000001 - CH-VALBRUME - 75001",
                2,
            ),
            (
                "and the line is of that town",
                "899900004567 DURAND LUC 10 - - CH-VALBRUME 75001 -
                 899900001241 PETIT EVE 60 750000001 - CH-VALBRUME - 75001",
                1,
            ),
            (
                "two of one name in one town",
                "899900004567 DURAND LUC 10 - - CH-VALBRUME - 99000
                 899900001241 PETIT EVE 60 750000001 - CH-VALBRUME 99000 -",
                1,
            ),
            ("its own number speaks first", "899900004567 DURAND LUC 10 750000001 - AILLEURS", 1),
        ] {
            let dir = tempfile::tempdir().expect("folder");
            let ours = "899900001233 MARTIN ANNE 60 990000010 990000028 CH-VALBRUME - 99000
                        899900001258 ROY ZOE 60 990000010 990000036 EHPAD-LES-LILAS";
            let text = format!("{ours}\n{lines}\n899900001266 X Y 60 - 990000036 EHPAD-LES-LILAS");
            import(dir.path(), &mut [script(ExtractKind::Open, &text)]).expect("import");
            let register = Register::open(dir.path()).expect("open").expect("kept");
            let places = ["990000010".parse().expect("finess")].into();
            let here = register.searcher().expect("outlines").at_places(&places).expect("read");
            assert_eq!(here.len(), expected + 2, "{what}: {here:?}");
        }
    }

    #[test]
    fn a_legal_entity_alone_is_ours_where_a_site_of_it_is() {
        for (what, lines, expected) in [
            ("the entity alone", "899900004567 DURAND LUC 10 990000010 - CH-VALBRUME", 2),
            ("another site of it", "899900004567 DURAND LUC 10 990000010 990000036 EHPAD", 1),
            ("another entity", "899900004567 DURAND LUC 10 750000001 - CH-VALBRUME", 1),
            (
                "the name that the entity bears",
                "899900004567 DURAND LUC 10 990000010 - CH-VALBRUME
                 899900001241 PETIT EVE 60 - - CH-VALBRUME",
                3,
            ),
        ] {
            let dir = tempfile::tempdir().expect("folder");
            let text =
                format!("899900001233 MARTIN ANNE 60 990000010 990000028 CH-VALBRUME\n{lines}");
            import(dir.path(), &mut [script(ExtractKind::Open, &text)]).expect("import");
            let register = Register::open(dir.path()).expect("open").expect("kept");
            let places = ["990000028".parse().expect("finess")].into();
            let here = register.searcher().expect("outlines").at_places(&places).expect("read");
            assert_eq!(here.len(), expected, "{what}: {here:?}");
        }
    }

    #[test]
    fn the_restricted_extract_adds_births_and_nothing_twice() {
        let dir = tempfile::tempdir().expect("folder");
        let births = "
            899900001233 MARTIN ANNE 60 990000010 13/05/1980 - MME 2 LUCE_MARTIN MARIE_ANNE 2A004
            899900001233 MARTIN ANNE 93 750000001 13/05/1980
            899900004567 DURAND LUC 10 - 13/05/-0044 - - 1
            3990000010/12 KERN ZOE 31 - 13/05/+10000 - - - KERN EVE
            899900009999 NOUVEAU_PETIT PAUL_LOUIS 60 - 01/02/1990 - M - PETIT_NOUVEAU LOUIS_PAUL";
        for restart in [false, true] {
            let mut scripts =
                [script(ExtractKind::Open, OPEN), script(ExtractKind::Restricted, births)];
            scripts.iter_mut().for_each(|script| script.restart = restart);
            let version = import(dir.path(), &mut scripts).expect("import");
            assert_eq!(
                (version.persons, version.activities, version.births),
                (4, 6, 4),
                "{restart}"
            );
            let register = Register::open(dir.path()).expect("open").expect("kept");
            let anne = register.find_by_id_nat(&id("899900001233")).expect("read").expect("known");
            assert_eq!(anne.birth.and_then(|birth| birth.date), "1980-05-13".parse().ok());
            let search = register.searcher().expect("outlines");
            assert_eq!(search.frequency(Term::family("martin")).expect("read"), 1);
            use identity::Sex::{Female, Male};
            for (family, given, number, sex, born) in [
                ("MARTIN", "ANNE", "899900001233", Some(Female), Some("1980-05-13")),
                ("LUCE MARTIN", "MARIE ANNE", "899900001233", Some(Female), Some("1980-05-13")),
                // Years that no outline holds are none.
                ("DURAND", "LUC", "899900004567", Some(Male), None),
                ("KERN", "ZOE", "3990000010/12", None, None),
                ("NOUVEAU PETIT", "PAUL LOUIS", "899900009999", Some(Male), Some("1990-02-01")),
                ("PETIT NOUVEAU", "LOUIS PAUL", "899900009999", Some(Male), Some("1990-02-01")),
            ] {
                let mut met = Met::default();
                let keys = staff_keys(&NameForms::new([family], [given]), None);
                search.by_keys(&keys, &mut met).expect("read");
                let found = register.find_by_id_nat(&id(number)).expect("read").expect("known");
                let birth = found.birth.as_ref().and_then(|birth| birth.date);
                assert_eq!((found.sex, birth), (sex, born.and_then(|day| day.parse().ok())));
                let told = RegisterPerson { places: Default::default(), ..found };
                assert_eq!(met.0, [told], "from memory as from the file");
            }
        }
    }

    #[test]
    fn other_extracts_complete_the_persons_that_are_there() {
        let dir = tempfile::tempdir().expect("folder");
        let mut scripts = [
            script(ExtractKind::Open, OPEN),
            script(
                ExtractKind::Restricted,
                "899900001233 MARTIN ANNE 60 990000010 13/05/1980 899900009990,RPPS,1;899900001233,RPPS,1",
            ),
            script(
                ExtractKind::Skills,
                "899900004567 DURAND 10 S SM04
                 899900004567 DURAND 10 S SM04
                 899900004567 DURAND 10 CAPA CAPA01
                 899900007777 ABSENT 10 S SM04",
            ),
            script(ExtractKind::Diplomas, "899900001233 MARTIN DE DE09"),
            script(
                ExtractKind::Mailboxes,
                "899900001233 PER anne.martin@valbrume.mssante.example -
                 - ORG urgences@valbrume.mssante.example 1990000010
                 899900001233 PER anne.martin@valbrume.mssante.example -",
            ),
        ];
        scripts.iter_mut().skip(2).for_each(|script| script.restart = true);
        let version = import(dir.path(), &mut scripts).expect("import");
        assert_eq!((version.persons, version.complements), (3, 5));
        let unknown = &version.files[2].warnings;
        assert!(unknown.iter().any(|text| text.starts_with("1 lignes")), "{unknown:?}");
        let register = Register::open(dir.path()).expect("open").expect("kept");
        let luc = register.details(&id("899900004567")).expect("read");
        let codes: Vec<&str> = luc.skills.iter().map(|skill| skill.code.as_str()).collect();
        assert_eq!(codes, ["SM04", "CAPA01"]);
        let anne = register.details(&id("899900001233")).expect("read");
        assert_eq!((anne.diplomas.len(), anne.mailboxes.len(), anne.skills.len()), (1, 1, 0));
        assert_eq!(anne.former_numbers, ["899900009990"]);
        let now = register.bearer_of_former(&id("899900009990")).expect("read");
        assert_eq!(now, Some(id("899900001233")));
        assert_eq!(register.bearer_of_former(&id("899900004567")).expect("read"), None);

        let twice = &mut [script(ExtractKind::Open, OPEN), script(ExtractKind::Open, OPEN)];
        assert!(matches!(import(dir.path(), twice), Err(RegisterError::SecondOfKind { .. })));
        let alone = &mut [script(ExtractKind::Skills, "899900004567 DURAND 10 S SM04")];
        assert!(matches!(import(dir.path(), alone), Err(RegisterError::NobodyToComplete { .. })));
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
        assert_eq!(reader.version().persons, 3);
        assert!(reader.find_by_id_nat(&id("899900001233")).expect("read").is_some());
        let kept = std::fs::read_dir(dir.path()).expect("list").filter(|entry| {
            entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".db"))
        });
        assert_eq!(kept.count(), 2);
    }

    #[test]
    fn a_version_waits_until_it_is_accepted() {
        let dir = tempfile::tempdir().expect("folder");
        import(dir.path(), &mut [script(ExtractKind::Open, OPEN)]).expect("import");
        let reader = Register::open(dir.path()).expect("open").expect("kept");
        let waiting = |content: &str| {
            let mut import = RegisterImport::begin(dir.path()).expect("begin");
            let mut reading = script(ExtractKind::Open, content);
            import.fill(&mut reading, &mut |_| ControlFlow::Continue(())).expect("fill");
            import.prepare(now()).expect("prepare")
        };
        let second = waiting("899900004567 DURAND LUC 10 - -");
        assert_eq!(second.open().expect("open").version().persons, 1);
        assert!(matches!(RegisterImport::begin(dir.path()), Err(RegisterError::Busy)));
        drop(second);
        assert!(reader.is_current(dir.path()).expect("pointer"));

        // Another import takes the place of what waits; what is in use stays.
        drop(waiting("899900004567 DURAND LUC 60 - -"));
        let found = WaitingRegister::find(dir.path()).expect("find").expect("waits");
        assert_eq!(found.version().number, 3);
        assert_eq!(found.discard().expect("discard").number, 3);
        assert!(WaitingRegister::find(dir.path()).expect("find").is_none());
        assert!(reader.is_current(dir.path()).expect("pointer"));

        assert_eq!(waiting("899900004567 DURAND LUC 93 - -").accept().expect("accept").number, 2);
        assert!(!reader.is_current(dir.path()).expect("pointer"));
        assert_eq!(reader.version().persons, 3);
        let before = RegisterVersion::previous(dir.path()).expect("read");
        assert_eq!(before.map(|version| version.number), Some(1));
        let names: std::collections::BTreeSet<String> = std::fs::read_dir(dir.path())
            .expect("list")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".db"))
            .collect();
        assert_eq!(
            names.into_iter().collect::<Vec<_>>(),
            ["register-000001.db", "register-000002.db"]
        );
    }

    #[test]
    fn a_damaged_pointer_or_file_is_told_not_guessed() {
        let dir = tempfile::tempdir().expect("folder");
        import(dir.path(), &mut [script(ExtractKind::Open, OPEN)]).expect("import");
        std::fs::write(dir.path().join("register-000001.db"), b"not a database").expect("write");
        assert!(matches!(Register::open(dir.path()), Err(RegisterError::Database { .. })));
        // A whole register, but not the one that was accepted.
        let other = tempfile::tempdir().expect("folder");
        import(other.path(), &mut [script(ExtractKind::Open, OPEN)]).expect("import");
        std::fs::copy(
            other.path().join("register-000001.db"),
            dir.path().join("register-000001.db"),
        )
        .expect("copy");
        assert!(
            Register::open(dir.path()).is_ok(),
            "the same content, at the same moment, is the same"
        );
        let fewer = OPEN.lines().take(3).collect::<Vec<_>>().join("\n");
        import(other.path(), &mut [script(ExtractKind::Open, &fewer)]).expect("import");
        std::fs::copy(
            other.path().join("register-000002.db"),
            dir.path().join("register-000001.db"),
        )
        .expect("copy");
        assert!(matches!(Register::open(dir.path()), Err(RegisterError::Swapped { .. })));
        std::fs::write(dir.path().join("current"), "../../etc/passwd\n").expect("write");
        assert!(matches!(Register::open(dir.path()), Err(RegisterError::Unsound { .. })));
    }
}
