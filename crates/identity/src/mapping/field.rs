//! The closed lists: which fields can be fed, by which transforms. No expressions, no scripts.
use std::collections::BTreeMap;

/// One column or attribute feeds one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRule {
    pub column: String,
    pub to: Target,
    pub transform: Transform,
}

/// The fields that a source may feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Matricule,
    BirthFamily,
    UsageFamily,
    Given,
    /// The civil first names after the first, where they have a column of their own.
    OtherGiven,
    UsualGiven,
    Sex,
    BirthDate,
    BirthPlaceCode,
    BirthPlaceLabel,
    Rpps,
    Mail,
    FinessEj,
    FinessEt,
    UnitCode,
    UnitLabel,
    FunctionLabel,
    Profession,
    ContractKind,
    StartsOn,
    EndsOn,
}

/// What a field holds, which says which transforms suit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Words,
    Matricule,
    Date,
    Sex,
    Rpps,
    Finess,
    Profession,
    Mail,
}

impl Target {
    pub const ALL: [Self; 21] = [
        Self::Matricule,
        Self::BirthFamily,
        Self::UsageFamily,
        Self::Given,
        Self::OtherGiven,
        Self::UsualGiven,
        Self::Sex,
        Self::BirthDate,
        Self::BirthPlaceCode,
        Self::BirthPlaceLabel,
        Self::Rpps,
        Self::Mail,
        Self::FinessEj,
        Self::FinessEt,
        Self::UnitCode,
        Self::UnitLabel,
        Self::FunctionLabel,
        Self::Profession,
        Self::ContractKind,
        Self::StartsOn,
        Self::EndsOn,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Matricule => "matricule",
            Self::BirthFamily => "birth_family",
            Self::UsageFamily => "usage_family",
            Self::Given => "given",
            Self::OtherGiven => "other_given",
            Self::UsualGiven => "usual_given",
            Self::Sex => "sex",
            Self::BirthDate => "birth_date",
            Self::BirthPlaceCode => "birth_place_code",
            Self::BirthPlaceLabel => "birth_place_label",
            Self::Rpps => "rpps",
            Self::Mail => "mail",
            Self::FinessEj => "finess_ej",
            Self::FinessEt => "finess_et",
            Self::UnitCode => "unit_code",
            Self::UnitLabel => "unit_label",
            Self::FunctionLabel => "function_label",
            Self::Profession => "profession",
            Self::ContractKind => "contract_kind",
            Self::StartsOn => "starts_on",
            Self::EndsOn => "ends_on",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Whether it describes one post rather than the person.
    pub fn is_of_post(self) -> bool {
        matches!(
            self,
            Self::FinessEj
                | Self::FinessEt
                | Self::UnitCode
                | Self::UnitLabel
                | Self::FunctionLabel
                | Self::Profession
                | Self::ContractKind
                | Self::StartsOn
                | Self::EndsOn
        )
    }

    pub(crate) fn holds(self) -> Holds {
        match self {
            Self::Matricule => Holds::Matricule,
            Self::BirthDate | Self::StartsOn | Self::EndsOn => Holds::Date,
            Self::Sex => Holds::Sex,
            Self::Rpps => Holds::Rpps,
            Self::FinessEj | Self::FinessEt => Holds::Finess,
            Self::Profession => Holds::Profession,
            Self::Mail => Holds::Mail,
            Self::BirthFamily
            | Self::UsageFamily
            | Self::Given
            | Self::OtherGiven
            | Self::UsualGiven
            | Self::BirthPlaceCode
            | Self::BirthPlaceLabel
            | Self::UnitCode
            | Self::UnitLabel
            | Self::FunctionLabel
            | Self::ContractKind => Holds::Words,
        }
    }

    /// The transform of a field whose mapping names none.
    pub(crate) fn natural_transform(self) -> Transform {
        match self.holds() {
            Holds::Words | Holds::Matricule => Transform::Text,
            Holds::Date => Transform::DateAny,
            Holds::Sex => Transform::SexMf,
            Holds::Rpps => Transform::Rpps,
            Holds::Finess => Transform::Finess,
            Holds::Profession => Transform::ProfessionCode,
            Holds::Mail => Transform::Mail,
        }
    }
}

/// How a column's text becomes the field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// Outer spaces off, inner runs of spaces to one.
    Text,
    /// As `Text`, in capitals.
    UpperTrim,
    /// `dd/mm/yyyy`.
    DateFr,
    /// `yyyy-mm-dd`, with or without a time after it.
    DateIso,
    /// French, ISO, `yyyymmdd`, two-digit year (with a warning), serial day of a spreadsheet.
    DateAny,
    /// M, F, H, 1, 2, Homme, Femme, Masculin, Féminin, M., Mme…
    SexMf,
    Rpps,
    Finess,
    ProfessionCode,
    Mail,
    /// The first word (usual first name out of several).
    SplitFirst,
    /// A value of the list, else nothing. Keys are compared after `UpperTrim`.
    Table(BTreeMap<String, String>),
}

impl Transform {
    /// Names that a mapping may write; `table` needs the table beside it.
    pub const NAMES: [&'static str; 12] = [
        "text",
        "upper_trim",
        "date_fr",
        "date_iso",
        "date_any",
        "sex_mf",
        "rpps",
        "finess",
        "profession_code",
        "mail",
        "split_first",
        "table",
    ];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "upper_trim" => Self::UpperTrim,
            "date_fr" => Self::DateFr,
            "date_iso" => Self::DateIso,
            "date_any" => Self::DateAny,
            "sex_mf" => Self::SexMf,
            "rpps" => Self::Rpps,
            "finess" => Self::Finess,
            "profession_code" => Self::ProfessionCode,
            "mail" => Self::Mail,
            "split_first" => Self::SplitFirst,
            "table" => Self::Table(BTreeMap::new()),
            _ => return None,
        })
    }

    pub(crate) fn suits(&self, target: Target) -> bool {
        match (self, target.holds()) {
            (Self::Text | Self::UpperTrim, Holds::Words | Holds::Matricule)
            | (Self::SplitFirst, Holds::Words)
            | (Self::DateFr | Self::DateIso | Self::DateAny, Holds::Date)
            | (Self::SexMf, Holds::Sex)
            | (Self::Rpps, Holds::Rpps)
            | (Self::Finess, Holds::Finess)
            | (Self::ProfessionCode, Holds::Profession)
            | (Self::Mail, Holds::Mail)
            | (Self::Table(_), Holds::Words | Holds::Sex | Holds::Profession | Holds::Finess) => {
                true
            }
            (_, _) => false,
        }
    }
}
