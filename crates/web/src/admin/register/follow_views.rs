//! What changed about our people, what is due, what is to be registered, and the shares of the file.
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// kind: name, profession, activity_ended, activity_begun, absent, back, merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegisterChange {
    pub id: Uuid,
    pub person_id: Uuid,
    pub display_name: Option<String>,
    pub kind: String,
    pub was: String,
    pub became: String,
    /// extract or fhir.
    pub told_by: String,
    pub seen_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub settled_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegisterChanges {
    pub items: Vec<RegisterChange>,
}

/// settled false: somebody did before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Settled {
    pub settled: bool,
}

/// A link to verify again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DueLink {
    pub person_id: Uuid,
    pub identity_id: Uuid,
    pub display_name: String,
    pub id_nat: String,
    pub channel: String,
    pub verified_at: DateTime<Utc>,
    pub next_check: NaiveDate,
    pub overdue: bool,
    /// As the register in use names her; absent when it does not list her.
    pub register_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DueLinks {
    pub items: Vec<DueLink>,
}

/// reason: not_registered, not_in_register, no_activity_here, role_differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToRegister {
    pub person_id: Uuid,
    pub display_name: String,
    pub matricule: String,
    pub function: Option<String>,
    pub role: Option<String>,
    pub id_nat: Option<String>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Worklist {
    pub items: Vec<ToRegister>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IndicatorGroup {
    pub group: String,
    pub reached: i64,
    pub of: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Indicator {
    /// I-01, I-02, I-03.
    pub id: String,
    pub reached: i64,
    pub of: i64,
    pub by: Vec<IndicatorGroup>,
}

/// A source of staff as it was read. digest: of what it says, under a key of this house, hexadecimal: the same while it says the same. applied_on: the day of the last run that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IndicatorFeed {
    pub source: String,
    pub records: i64,
    pub digest: String,
    pub applied_on: Option<NaiveDate>,
}

/// scope: FINESS EJ. version: of Hygie. register: the extract that links were compared with. digest: SHA-256 of the lines of the file (indicators.csv) before its last, in hexadecimal: the same figures of one day have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Indicators {
    pub as_of: NaiveDate,
    pub items: Vec<Indicator>,
    pub scope: Vec<String>,
    pub version: String,
    pub register: Option<String>,
    pub feeds: Vec<IndicatorFeed>,
    pub digest: String,
}

/// channel: credential_proved, human_decided, hr_declared_checked, register_match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkedBy {
    pub channel: String,
    pub count: i64,
}

/// age: under_a_day, under_a_week, under_a_month, older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Age {
    pub age: String,
    pub count: i64,
}

/// From all staff at work to those linked. concerned: of a profession that the register holds; of them, declared: HR gives a number; linked by channel + to_decide + missing = concerned. waiting: questions about a national identity, by age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coverage {
    pub as_of: NaiveDate,
    pub staff: i64,
    pub concerned: i64,
    pub declared: i64,
    pub linked: Vec<LinkedBy>,
    pub to_decide: i64,
    pub missing: i64,
    /// The least linked first.
    pub by_profession: Vec<IndicatorGroup>,
    pub by_unit: Vec<IndicatorGroup>,
    pub waiting: Vec<Age>,
}
