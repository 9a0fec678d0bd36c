//! The columns of the extracts that we keep, and which extract a file is.

macro_rules! columns {
    ($($name:ident $header:literal)*) => {
        /// A column of the extracts that we keep.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Column {
            $($name,)*
        }

        impl Column {
            pub const ALL: [Self; [$($header),*].len()] = [$(Self::$name),*];

            /// The official header (Annuaire Santé).
            pub fn header(self) -> &'static str {
                match self {
                    $(Self::$name => $header,)*
                }
            }
        }
    };
}

columns! {
    IdNat "Identification nationale PP"
    CivilityOfExercise "Code civilité d'exercice"
    Civility "Code civilité"
    ExerciseFamily "Nom d'exercice"
    ExerciseGiven "Prénom d'exercice"
    Profession "Code profession"
    ProfessionLabel "Libellé profession"
    Category "Code catégorie professionnelle"
    SkillType "Code type savoir-faire"
    SkillTypeLabel "Libellé type savoir-faire"
    Skill "Code savoir-faire"
    SkillLabel "Libellé savoir-faire"
    Mode "Code mode exercice"
    Siret "Numéro SIRET site"
    FinessSite "Numéro FINESS site"
    FinessEntity "Numéro FINESS établissement juridique"
    StructureId "Identifiant technique de la structure"
    StructureName "Raison sociale site"
    StructureOffice "Bureau cedex (coord. structure)"
    StructurePostcode "Code postal (coord. structure)"
    Authority "Autorité d'enregistrement"
    Sector "Code secteur d'activité"
    Role "Code rôle"
    RoleLabel "Libellé rôle"
    ActivityKind "Code genre activité"
    BirthFamily "Nom de famille"
    BirthGiven "Prénoms"
    BirthDate "Date de naissance"
    BirthCommune "Code commune de naissance"
    BirthCountry "Code pays de naissance"
    Sex "Code sexe"
    OtherIds "Autres identifiants"
    DiplomaType "Code type diplôme obtenu"
    Diploma "Code diplôme obtenu"
    DiplomaLabel "Libellé diplôme obtenu"
    AuthorisationType "Code type autorisation"
    AuthorisationTypeLabel "Libellé type autorisation"
    Discipline "Code discipline autorisation"
    DisciplineLabel "Libellé discipline autorisation"
    MailboxKind "Type de BAL"
    Mailbox "Adresse BAL"
    MailboxStructure "Identification Structure"
    MailboxService "Service de rattachement"
}

/// Which extract a file is, told by its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExtractKind {
    /// `PS_LibreAcces_Personne_activite`: open, no birth data.
    Open,
    /// `Extraction_ProSanteConnect_Personne_activite`: with birth data, under habilitation.
    Restricted,
    /// `PS_LibreAcces_SavoirFaire`: what each person may do.
    Skills,
    /// `PS_LibreAcces_Dipl_AutExerc`: diplomas and authorisations to practise.
    Diplomas,
    /// `Extraction_Correspondance_MSSante`: mailboxes of persons and of structures.
    Mailboxes,
}

impl ExtractKind {
    /// In the order in which an import reads them: what the next ones complete comes first.
    pub const ALL: [Self; 5] =
        [Self::Open, Self::Restricted, Self::Skills, Self::Diplomas, Self::Mailboxes];

    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Restricted => "restricted",
            Self::Skills => "skills",
            Self::Diplomas => "diplomas",
            Self::Mailboxes => "mailboxes",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Lists every person of the register: without such a file there is no register.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Open | Self::Restricted)
    }

    /// Told by a column that no other extract has.
    pub fn of(has: impl Fn(Column) -> bool) -> Self {
        use Column::*;
        match () {
            () if has(Mailbox) => Self::Mailboxes,
            () if has(Diploma) => Self::Diplomas,
            () if has(BirthDate) || has(BirthFamily) => Self::Restricted,
            () if has(Skill) && !has(FinessSite) && !has(FinessEntity) && !has(Mode) => {
                Self::Skills
            }
            () => Self::Open,
        }
    }

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
            Self::Skills => &[IdNat, ExerciseFamily, Profession, SkillType, Skill],
            Self::Diplomas => &[IdNat, ExerciseFamily, Diploma, AuthorisationType, Discipline],
            Self::Mailboxes => &[MailboxKind, Mailbox, IdNat],
        }
    }
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

    #[test]
    fn each_extract_is_told_by_its_own_columns() {
        for kind in ExtractKind::ALL {
            assert_eq!(ExtractKind::of(|column| kind.mandatory().contains(&column)), kind);
            assert_eq!(ExtractKind::from_name(kind.name()), Some(kind));
        }
    }
}
