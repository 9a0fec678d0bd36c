//! What the reader of the register hands to whoever keeps it: rows by batches, and clear faults.
use std::path::{Path, PathBuf};

/// A column of the extracts that we keep. The name is the official header (Annuaire Santé).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    IdNat,
    CivilityOfExercise,
    Civility,
    ExerciseFamily,
    ExerciseGiven,
    Profession,
    ProfessionLabel,
    Category,
    SkillType,
    Skill,
    SkillLabel,
    Mode,
    Siret,
    FinessSite,
    FinessEntity,
    StructureId,
    StructureName,
    Authority,
    Sector,
    Role,
    RoleLabel,
    ActivityKind,
    BirthFamily,
    BirthGiven,
    BirthDate,
    BirthCommune,
    BirthCountry,
    Sex,
}

impl Column {
    pub const ALL: [Self; 28] = [
        Self::IdNat,
        Self::CivilityOfExercise,
        Self::Civility,
        Self::ExerciseFamily,
        Self::ExerciseGiven,
        Self::Profession,
        Self::ProfessionLabel,
        Self::Category,
        Self::SkillType,
        Self::Skill,
        Self::SkillLabel,
        Self::Mode,
        Self::Siret,
        Self::FinessSite,
        Self::FinessEntity,
        Self::StructureId,
        Self::StructureName,
        Self::Authority,
        Self::Sector,
        Self::Role,
        Self::RoleLabel,
        Self::ActivityKind,
        Self::BirthFamily,
        Self::BirthGiven,
        Self::BirthDate,
        Self::BirthCommune,
        Self::BirthCountry,
        Self::Sex,
    ];

    pub fn header(self) -> &'static str {
        match self {
            Self::IdNat => "Identification nationale PP",
            Self::CivilityOfExercise => "Code civilité d'exercice",
            Self::Civility => "Code civilité",
            Self::ExerciseFamily => "Nom d'exercice",
            Self::ExerciseGiven => "Prénom d'exercice",
            Self::Profession => "Code profession",
            Self::ProfessionLabel => "Libellé profession",
            Self::Category => "Code catégorie professionnelle",
            Self::SkillType => "Code type savoir-faire",
            Self::Skill => "Code savoir-faire",
            Self::SkillLabel => "Libellé savoir-faire",
            Self::Mode => "Code mode exercice",
            Self::Siret => "Numéro SIRET site",
            Self::FinessSite => "Numéro FINESS site",
            Self::FinessEntity => "Numéro FINESS établissement juridique",
            Self::StructureId => "Identifiant technique de la structure",
            Self::StructureName => "Raison sociale site",
            Self::Authority => "Autorité d'enregistrement",
            Self::Sector => "Code secteur d'activité",
            Self::Role => "Code rôle",
            Self::RoleLabel => "Libellé rôle",
            Self::ActivityKind => "Code genre activité",
            Self::BirthFamily => "Nom de famille",
            Self::BirthGiven => "Prénoms",
            Self::BirthDate => "Date de naissance",
            Self::BirthCommune => "Code commune de naissance",
            Self::BirthCountry => "Code pays de naissance",
            Self::Sex => "Code sexe",
        }
    }
}

/// Which extract a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtractKind {
    /// `PS_LibreAcces_Personne_activite`: open, no birth data.
    Open,
    /// `Extraction_ProSanteConnect_Personne_activite`: with birth data, under habilitation.
    Restricted,
}

impl ExtractKind {
    /// Headers without which the file means nothing.
    pub fn mandatory(self) -> &'static [Column] {
        use Column::*;
        match self {
            Self::Open => &[
                IdNat,
                ExerciseFamily,
                ExerciseGiven,
                Civility,
                Profession,
                Category,
                FinessSite,
                FinessEntity,
            ],
            Self::Restricted => &[
                IdNat,
                BirthFamily,
                BirthGiven,
                BirthDate,
                ExerciseFamily,
                ExerciseGiven,
                Profession,
                FinessSite,
                FinessEntity,
            ],
        }
    }
}

/// Rows of one reading step: one text, and where each kept column starts and ends in it.
#[derive(Debug, Default)]
pub struct RegisterBatch {
    text: String,
    spans: Vec<(u32, u32)>,
    /// Line of the file of each row, 1 for the header.
    lines: Vec<u64>,
}

impl RegisterBatch {
    pub fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        self.lines.clear();
    }
    pub fn len(&self) -> usize {
        self.lines.len()
    }
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
    /// Replaces the whole text; rows are then added by their spans in it.
    pub fn set_text(&mut self, text: String) {
        self.text = text;
        self.spans.clear();
        self.lines.clear();
    }
    /// Gives the buffer back, to be filled again.
    pub fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
    /// `spans` in the order of [`Column::ALL`]; an absent column is `(0, 0)`.
    pub fn add_row(&mut self, line: u64, spans: &[(u32, u32); Column::ALL.len()]) {
        self.lines.push(line);
        self.spans.extend_from_slice(spans);
    }
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn rows(&self) -> impl Iterator<Item = RegisterRow<'_>> {
        self.spans
            .chunks_exact(Column::ALL.len())
            .zip(&self.lines)
            .map(|(spans, line)| RegisterRow { text: &self.text, spans, line: *line })
    }
}

/// One line of an extract.
#[derive(Debug, Clone, Copy)]
pub struct RegisterRow<'batch> {
    text: &'batch str,
    spans: &'batch [(u32, u32)],
    pub line: u64,
}

impl<'batch> RegisterRow<'batch> {
    /// Empty when the file has no such column.
    pub fn get(&self, column: Column) -> &'batch str {
        let (start, end) = self.spans[column as usize];
        &self.text[start as usize..end as usize]
    }
}

/// Why an extract is not taken. The register in use stays as it is after any of these.
#[derive(Debug, thiserror::Error)]
pub enum RegisterFault {
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{}: the file is empty; fetch it again", path.display())]
    Empty { path: PathBuf },
    #[error(
        "{}: line 1: no column « {column} »; closest found: {found}; check that this is the right extract, \
         or declare the new name",
        path.display()
    )]
    MissingColumn { path: PathBuf, column: &'static str, found: String },
    #[error(
        "{}: line {line}: expected {expected} columns, found {found}: the file is cut or damaged; \
         fetch it again",
        path.display()
    )]
    ColumnCount { path: PathBuf, line: u64, expected: usize, found: usize },
    #[error(
        "{}: line {line}: the file stops in the middle of its last line; fetch it again",
        path.display()
    )]
    Cut { path: PathBuf, line: u64 },
    #[error(
        "{}: {found} lines, {deviation:.1} % away from the {expected} of the last accepted extract \
         (limit {limit} %); compare with the publisher, then import again with that limit raised",
        path.display()
    )]
    Deviation { path: PathBuf, expected: u64, found: u64, deviation: f64, limit: f64 },
    #[error(
        "{}: {found} lines, at least {expected} expected for a whole register; fetch it again, \
         or import it with --partial when it is a part on purpose",
        path.display()
    )]
    TooFew { path: PathBuf, expected: u64, found: u64 },
    #[error(
        "{}: {found} of {lines} lines have no national id or no name (limit {limit} %), \
         first at line {first}; fetch it again",
        path.display()
    )]
    TooManyEmpty { path: PathBuf, lines: u64, found: u64, limit: f64, first: u64 },
    #[error(
        "{}: {found} of {lines} lines are damaged (limit {limit} %), first at line {first}: {reason}; \
         fetch it again",
        path.display()
    )]
    TooManyDamaged { path: PathBuf, lines: u64, found: u64, limit: f64, first: u64, reason: String },
    #[error("the import was stopped")]
    Stopped,
}

/// What a file must satisfy to become the register (defaults: `rpps.md` §2.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Guards {
    /// Lines of the last accepted extract of this kind.
    pub last_accepted: Option<u64>,
    pub max_deviation_percent: f64,
    /// 2 000 000 for the whole register; 1 for a partial extract or a demo.
    pub min_lines: u64,
    pub max_empty_percent: f64,
    pub max_damaged_percent: f64,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            last_accepted: None,
            max_deviation_percent: 5.0,
            min_lines: 2_000_000,
            max_empty_percent: 1.0,
            max_damaged_percent: 0.1,
        }
    }
}

/// What was read, known at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractSummary {
    pub path: PathBuf,
    pub kind: ExtractKind,
    pub sha256: String,
    pub bytes: u64,
    /// Data lines, header apart.
    pub lines: u64,
    /// Lines left out, with the place and reason of the first ones.
    pub left_out: u64,
    pub warnings: Vec<String>,
}

/// One step of a reading.
#[derive(Debug)]
pub enum ReadStep {
    /// The batch holds rows.
    Rows,
    /// The file is not what it seemed (its encoding): forget all rows so far, it starts again.
    Restarted,
    /// The file is read whole and its guards hold.
    Done(ExtractSummary),
}

/// Where a long reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadProgress {
    pub bytes: u64,
    pub bytes_total: u64,
    pub lines: u64,
}

/// The port of the register's reader. Runs on a thread of its own: it computes as much as it reads.
pub trait RegisterReading: Send {
    fn kind(&self) -> ExtractKind;
    fn path(&self) -> &Path;
    /// Replaces what `batch` holds.
    fn next_batch(&mut self, batch: &mut RegisterBatch) -> Result<ReadStep, RegisterFault>;
    fn progress(&self) -> ReadProgress;
}

/// Opens extracts, since a workflow imports one while the appliance runs.
pub trait RegisterOpener: Send + Sync {
    /// The kind is told by the header.
    fn open(&self, path: &Path, guards: &Guards)
    -> Result<Box<dyn RegisterReading>, RegisterFault>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_listed_in_their_own_order() {
        for (place, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, place, "{column:?}");
        }
    }
}
