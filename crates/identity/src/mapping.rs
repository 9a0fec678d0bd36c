//! The mapping of a source: one TOML file, the whole of what `hygie source add FILE` takes.
//!
//! An HR export, one line a post (all of `[[field]]` shown; only `matricule` is demanded):
//! ```toml
//! [source]
//! name = "rh"                        # a-z, 0-9, - and _; at most 40
//! kind = "hr_csv"                    # hr_csv | active_directory | ldif
//! path = "hr-v*.csv"                 # wildcards in the last part only; of several files, the last by name is read
//! encoding = "auto"                  # auto | utf-8 | windows-1252
//! delimiter = ";"                    # one ASCII character; "\t" for a tab
//! open_last_line = false             # true for an export that never ends its last line (a cut is then seen less well)
//! finess_ej = "990000010"            # optional: legal entity of the lines that name none
//!
//! [[field]]
//! column = "MATRICULE"               # name in the header, exactly
//! to = "matricule"                   # a field of the list `Target`
//! # transform is optional: each field has its natural one (text, date_any, sex_mf, rpps, finess, mail…)
//!
//! [[field]]
//! column = "DT_NAISSANCE"
//! to = "birth_date"
//! transform = "date_fr"              # text | upper_trim | date_fr | date_iso | date_any | sex_mf | rpps | finess
//!                                    # | profession_code | mail | split_first | table
//! [[field]]
//! column = "GRADE"
//! to = "profession"
//! transform = "table"                # a value absent from the table tells nothing: the field stays empty
//! table = { "PRATICIEN HOSPITALIER" = "10", "INFIRMIER SOINS GENERAUX" = "60" }
//!
//! [brakes]                           # a brake holds the run when both the count and the share are passed
//! creations = { share = 0.05, count = 20 }
//! changes = { share = 0.20, count = 50 }
//! closings = { share = 0.02, count = 10 }
//! absences = { share = 0.03, count = 20 }         # records of the last run that this reading lacks
//! unit_closings = { share = 0.25, count = 3 }     # within one unit
//!
//! [absence]
//! grace_days = 14                    # absent so long: proposed for closing; never closed at once
//!
//! [schedule]
//! every_minutes = 60                 # or: at = ["06:00", "13:00"], by the hospital's clock; without it, run by hand
//! ```
//! A directory (with no `[[field]]`, [`Mapping::directory_fields`] holds; same `[brakes]`, `[absence]`, `[schedule]`):
//! ```toml
//! [source]
//! name = "ad"
//! kind = "active_directory"
//! url = "ldaps://dc1.hopital.test"   # ldaps only, with a name or address that its certificate bears
//! base = "OU=Hopital,DC=hopital,DC=test"
//! filter = "(&(objectCategory=person)(objectClass=user))"   # this is the default
//! bind_dn = "svc-hygie@hopital.test"
//! password_file = "ad-password"
//! ca_file = "ad-ca.crt"              # PEM; without it, the anchors of the settings file
//! page_size = 500
//! read_tombstones = false            # true where the account may read Deleted Objects
//! timeout_seconds = 30
//! ```
//! An export of one: `kind = "ldif"`, `path = "ad-v*.ldif"` and, if wished, `base`.
//!
//! Relative paths are looked for in the folders that the settings file gives to sources, in their order; nothing outside
//! them is ever read.
mod field;
mod read;
mod walk;

pub use field::{FieldRule, Target, Transform};
pub use walk::MappingFault;

use crate::SourceKind;
use chrono::{DateTime, Duration, Utc};
use kernel::{Finess, Zone};

/// The whole definition of a source, checked. Get one by [`Mapping::parse`].
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Short name, unique among the sources.
    pub name: String,
    pub reader: Reader,
    pub fields: Vec<FieldRule>,
    pub brakes: Brakes,
    /// Days a record may be absent from complete readings before its closing is proposed.
    pub grace_days: u32,
    pub schedule: Schedule,
}

/// Where and how the source is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Reader {
    HrCsv(CsvSettings),
    ActiveDirectory(DirectorySettings),
    Ldif(LdifSettings),
}

#[derive(Debug, Clone, PartialEq)]
pub struct CsvSettings {
    pub path: String,
    pub encoding: Encoding,
    pub delimiter: u8,
    /// Whether the last line may lack its end.
    pub open_last_line: bool,
    /// Legal entity of the lines that name none.
    pub finess_ej: Option<Finess>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 where it holds, else Windows-1252 with a warning.
    Auto,
    Utf8,
    Windows1252,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DirectorySettings {
    pub url: String,
    pub base: String,
    pub filter: String,
    pub bind_dn: String,
    pub password_file: String,
    pub ca_file: Option<String>,
    pub page_size: u32,
    pub read_tombstones: bool,
    pub timeout_seconds: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LdifSettings {
    pub path: String,
    /// Entries outside are left out.
    pub base: Option<String>,
}

/// How much of something may happen in one run before a human is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brake {
    /// Share of what was known before the run, 0 to 1.
    pub share: f64,
    pub count: u64,
}

impl Brake {
    /// Whether `moved` out of `known` must wait for a human. Nothing known before (a first run) is for the
    /// caller to decide: here any count above the limit holds.
    pub fn holds(&self, moved: u64, known: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "counts of people stay far below 2^52")]
        let share = if known == 0 { f64::INFINITY } else { moved as f64 / known as f64 };
        moved > self.count && share > self.share
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brakes {
    pub creations: Brake,
    pub changes: Brake,
    pub closings: Brake,
    /// Records of the last run that this reading lacks.
    pub absences: Brake,
    /// Closings and absences within one unit.
    pub unit_closings: Brake,
}

impl Default for Brakes {
    fn default() -> Self {
        Self {
            creations: Brake { share: 0.05, count: 20 },
            changes: Brake { share: 0.20, count: 50 },
            closings: Brake { share: 0.02, count: 10 },
            absences: Brake { share: 0.03, count: 20 },
            unit_closings: Brake { share: 0.25, count: 3 },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    ByHand,
    EveryMinutes(u32),
    /// Local times of the day, as minutes after midnight.
    At(Vec<u32>),
}

impl Schedule {
    /// The first time to read after this instant, by the clock on the hospital's wall; `None`: by hand alone.
    pub fn next_after(&self, after: DateTime<Utc>, zone: &Zone) -> Option<DateTime<Utc>> {
        match self {
            Self::ByHand => None,
            Self::EveryMinutes(minutes) => Some(after + Duration::minutes(i64::from(*minutes))),
            Self::At(times) => {
                let days = zone.date(after).iter_days().take(3);
                let instants = days.flat_map(|day| {
                    times.iter().filter_map(move |minute| zone.instant_of(day, *minute))
                });
                instants.filter(|instant| *instant > after).min()
            }
        }
    }
}

pub const DEFAULT_GRACE_DAYS: u32 = 14;

impl Mapping {
    /// Reads the TOML text; every fault at once, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<MappingFault>> {
        read::mapping(text)
    }

    pub fn kind(&self) -> SourceKind {
        match self.reader {
            Reader::HrCsv(_) => SourceKind::HrCsv,
            Reader::ActiveDirectory(_) => SourceKind::ActiveDirectory,
            Reader::Ldif(_) => SourceKind::Ldif,
        }
    }

    /// The column that feeds a field, if any does.
    pub fn column_of(&self, target: Target) -> Option<&str> {
        self.fields.iter().find(|rule| rule.to == target).map(|rule| rule.column.as_str())
    }

    /// What a directory feeds when its mapping names no field. AD owns login and mail; the names and the matricule
    /// serve to find the person, HR stays their owner.
    pub fn directory_fields() -> Vec<FieldRule> {
        [
            ("employeeID", Target::Matricule, Transform::Text),
            ("sn", Target::UsageFamily, Transform::Text),
            ("givenName", Target::Given, Transform::Text),
            ("mail", Target::Mail, Transform::Mail),
        ]
        .into_iter()
        .map(|(column, to, transform)| FieldRule { column: column.to_owned(), to, transform })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use kernel::{Clock, FixedClock, Zone};

    #[test]
    fn a_schedule_goes_by_the_clock_on_the_wall() {
        let times = Schedule::At(vec![150, 6 * 60, 13 * 60]);
        let night = Schedule::At(vec![150]);
        let hourly = Schedule::EveryMinutes(60);
        for (schedule, after, next) in [
            (&times, "2026-11-23T04:59:59Z", "2026-11-23T05:00:00Z"),
            (&times, "2026-11-23T05:00:00Z", "2026-11-23T12:00:00Z"),
            (&times, "2026-11-23T12:00:01Z", "2026-11-24T01:30:00Z"),
            (&times, "2026-07-01T04:00:00Z", "2026-07-01T11:00:00Z"),
            // 02:30 is not shown by any clock of Paris on that night, and shown twice on the other.
            (&night, "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
            (&night, "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"),
            (&night, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            (&night, "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
            (&hourly, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ] {
            let found = schedule.next_after(FixedClock::at(after).now(), &Zone::default());
            assert_eq!(found, Some(FixedClock::at(next).now()), "{schedule:?} after {after}");
        }
        let now = FixedClock::at("2026-11-23T04:59:59Z").now();
        assert_eq!(Schedule::ByHand.next_after(now, &Zone::default()), None);
    }
}
