use kernel::{Finess, Matricule, NaiveDate, Rpps};
use serde::{Deserialize, Serialize};

/// How one source names one record for ever: the matricule of an HR, the objectGUID of an AD (hex, lower case).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalKey(pub String);

/// What the record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A member of staff: civil identity and posts (HR owns them).
    Agent,
    /// A login in a directory (AD owns login and mail).
    Account,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
}

/// Profession code of NOS TRE_G15 (`10` médecin, `60` infirmier…), or a role code of TRE_R85 (`313`…): unknown codes are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfessionCode(pub String);

/// Names as the source wrote them (outer spaces apart); comparison keys are computed, never stored instead.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Names {
    /// Nom de naissance.
    pub birth_family: Option<String>,
    /// Nom d'usage (marital or chosen).
    pub usage_family: Option<String>,
    /// Prénoms, all of them in the order of the source.
    pub given: Option<String>,
    /// Prénom usuel, when the source tells it apart.
    pub usual_given: Option<String>,
}

impl Names {
    /// The family name to show: usage, else birth.
    pub fn family(&self) -> Option<&str> {
        self.usage_family.as_deref().or(self.birth_family.as_deref())
    }
    /// The first name to show.
    pub fn given(&self) -> Option<&str> {
        self.usual_given.as_deref().or(self.given.as_deref())
    }
}

/// INSEE code of the commune or country of birth, and its label, either may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BirthPlace {
    pub insee_code: Option<String>,
    pub label: Option<String>,
}

/// One affectation as HR tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostFields {
    #[serde(with = "text")]
    pub matricule: Matricule,
    #[serde(with = "text_opt")]
    pub finess_ej: Option<Finess>,
    #[serde(with = "text_opt")]
    pub finess_et: Option<Finess>,
    pub unit_code: Option<String>,
    pub unit_label: Option<String>,
    /// Fonction or grade, as written.
    pub function_label: Option<String>,
    pub profession: Option<ProfessionCode>,
    /// Contract kind as written (titulaire, CDI, CDD, intérim, stage…).
    pub contract_kind: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

/// One account as a directory tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFields {
    /// sAMAccountName.
    pub login: String,
    pub upn: Option<String>,
    pub distinguished_name: String,
    pub enabled: bool,
    /// A tombstone was read: the account is gone for good.
    pub deleted: bool,
    pub expires_at: Option<chrono::DateTime<chrono::Utc>>,
    pub must_change_password: bool,
}

/// A staged record, read and normalised: values in the types of the trade, nothing decided yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub kind: IdentityKind,
    pub key: ExternalKey,
    /// Lines of the source that said it, first to last (CSV line numbers; empty for a directory).
    pub lines: Vec<u64>,
    pub names: Names,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub birth_place: BirthPlace,
    #[serde(with = "text_opt")]
    pub matricule: Option<Matricule>,
    /// RPPS as HR declared it: a claim to check, never a link by itself.
    #[serde(with = "text_opt")]
    pub declared_rpps: Option<Rpps>,
    /// Lower-cased.
    pub mail: Option<String>,
    pub posts: Vec<PostFields>,
    pub account: Option<AccountFields>,
}

/// Kernel numbers travel as their text.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{fmt::Display, str::FromStr};
    pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }
    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

mod text_opt {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{fmt::Display, str::FromStr};
    pub fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }
    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        Option::<String>::deserialize(from)?
            .map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}
