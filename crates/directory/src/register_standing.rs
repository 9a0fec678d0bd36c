//! What the register said of a person we hold, and what it says now: the history of her exercise.
use chrono::{DateTime, Utc};
use identity::names::name_key;
use kernel::{ActorId, IdNat, NationalIdentityId, PersonId, RegisterChangeId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is followed of one national identity, whatever told it (an extract, the FHIR API).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RegisterStanding {
    pub family: String,
    pub given: String,
    /// Codes of professions, and of roles.
    pub professions: BTreeSet<String>,
    pub roles: BTreeSet<String>,
    /// At least one activity names a structure.
    pub practises: bool,
}

/// What changed in the register about someone we hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RegisterChangeKind {
    Name,
    Profession,
    /// She practised somewhere, and no activity of hers names a structure any more.
    ActivityEnded,
    ActivityBegun,
    /// Two accepted extracts in a row do not list her (presence is what tells that she is active).
    Absent,
    Back,
    /// The register gives this number to someone under another one now.
    Merged,
}

impl RegisterChangeKind {
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Profession,
        Self::ActivityEnded,
        Self::ActivityBegun,
        Self::Absent,
        Self::Back,
        Self::Merged,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Profession => "profession",
            Self::ActivityEnded => "activity_ended",
            Self::ActivityBegun => "activity_begun",
            Self::Absent => "absent",
            Self::Back => "back",
            Self::Merged => "merged",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One change: as it was, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterDifference {
    pub kind: RegisterChangeKind,
    pub before: String,
    pub after: String,
}

impl RegisterStanding {
    /// What is not the same any more. Another writing of the same name is no change.
    pub fn differences(&self, now: &Self) -> Vec<RegisterDifference> {
        let mut found = Vec::new();
        let mut add = |kind, before: String, after: String| {
            found.push(RegisterDifference { kind, before, after });
        };
        let same_name = name_key(&self.family) == name_key(&now.family)
            && name_key(&self.given) == name_key(&now.given);
        if !same_name {
            add(RegisterChangeKind::Name, self.full_name(), now.full_name());
        }
        if (&self.professions, &self.roles) != (&now.professions, &now.roles) {
            add(RegisterChangeKind::Profession, self.practice(), now.practice());
        }
        match (self.practises, now.practises) {
            (true, false) => add(RegisterChangeKind::ActivityEnded, String::new(), String::new()),
            (false, true) => add(RegisterChangeKind::ActivityBegun, String::new(), String::new()),
            _ => {}
        }
        found
    }

    fn full_name(&self) -> String {
        format!("{} {}", self.family, self.given)
    }

    /// Codes, those of roles after a `+`.
    fn practice(&self) -> String {
        let join = |codes: &BTreeSet<String>| codes.iter().cloned().collect::<Vec<_>>().join(",");
        match self.roles.is_empty() {
            true => join(&self.professions),
            false => format!("{}+{}", join(&self.professions), join(&self.roles)),
        }
    }
}

/// Who told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToldBy {
    /// The published files.
    Extract,
    /// The FHIR API of the Annuaire Santé.
    Fhir,
}

impl ToldBy {
    pub fn name(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Fhir => "fhir",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Extract, Self::Fhir].into_iter().find(|by| by.name() == name)
    }
}

/// What the register last said of one national identity in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterTold {
    pub id_nat: IdNat,
    pub standing: RegisterStanding,
    pub by: ToldBy,
    /// Date of the extract, or of the answer.
    pub as_of: DateTime<Utc>,
    /// Extracts in a row that did not list it.
    pub absences: u32,
    /// Date of the last extract that did not list it, so that none counts twice.
    pub missed_at: Option<DateTime<Utc>>,
}

/// One line of the history of a person's exercise; settled once a human looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterChange {
    pub id: RegisterChangeId,
    pub person: PersonId,
    pub national_identity: NationalIdentityId,
    pub kind: RegisterChangeKind,
    pub was: String,
    pub became: String,
    pub by: ToldBy,
    pub seen_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub settled_by: Option<ActorId>,
}

/// Where a former number was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasOrigin {
    Register,
    Human,
}

impl AliasOrigin {
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Human => "human",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Register, Self::Human].into_iter().find(|origin| origin.name() == name)
    }
}

/// Two numbers of one person, found later: the former one leads to the one in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalAlias {
    pub former: IdNat,
    pub id_nat: IdNat,
    pub origin: AliasOrigin,
    pub seen_at: DateTime<Utc>,
}

impl RegisterTold {
    /// What this extract or answer changes: the differences to tell, and what is known from now on; `None` when it
    /// says nothing newer.
    pub fn hear(
        &self,
        now: Option<&RegisterStanding>,
        by: ToldBy,
        as_of: DateTime<Utc>,
    ) -> Option<(Vec<RegisterDifference>, Self)> {
        let known_at = self.missed_at.map_or(self.as_of, |missed| missed.max(self.as_of));
        if as_of <= known_at {
            return None;
        }
        let mut after = Self { by, ..self.clone() };
        let mut told = Vec::new();
        match now {
            Some(standing) => {
                if self.absences >= ABSENT_AFTER {
                    told.push(difference(RegisterChangeKind::Back));
                }
                told.extend(self.standing.differences(standing));
                after.standing = standing.clone();
                (after.as_of, after.absences, after.missed_at) = (as_of, 0, None);
            }
            None => {
                after.absences += 1;
                after.missed_at = Some(as_of);
                if after.absences == ABSENT_AFTER {
                    told.push(difference(RegisterChangeKind::Absent));
                }
            }
        }
        Some((told, after))
    }
}

fn difference(kind: RegisterChangeKind) -> RegisterDifference {
    RegisterDifference { kind, before: String::new(), after: String::new() }
}

/// Extracts in a row that must miss someone before it is told: one may be late.
pub const ABSENT_AFTER: u32 = 2;

/// How many people we hold a new extract changes, before it is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegisterShift {
    pub held: u64,
    pub professions: u64,
    pub names: u64,
    pub missing: u64,
}

/// Why a new extract waits for a human: it changes more of our own people than life does
/// (a slow poisoning stays under a guard on the size of the file).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterBrake {
    Professions,
    Names,
    Missing,
}

impl RegisterBrake {
    pub fn name(self) -> &'static str {
        match self {
            Self::Professions => "professions",
            Self::Names => "names",
            Self::Missing => "missing",
        }
    }
}

impl RegisterShift {
    /// A share and a count: one doctor more in a house of ten is no attack.
    pub fn brake(&self) -> Option<RegisterBrake> {
        let beyond = |changed: u64, per_thousand: u64, least: u64| {
            changed >= least && changed * 1_000 > self.held * per_thousand
        };
        if beyond(self.professions, 2, 5) {
            return Some(RegisterBrake::Professions);
        }
        if beyond(self.names, 5, 10) {
            return Some(RegisterBrake::Names);
        }
        beyond(self.missing, 20, 20).then_some(RegisterBrake::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(
        family: &str,
        given: &str,
        professions: &[&str],
        practises: bool,
    ) -> RegisterStanding {
        RegisterStanding {
            family: family.to_owned(),
            given: given.to_owned(),
            professions: professions.iter().map(|code| (*code).to_owned()).collect(),
            roles: BTreeSet::new(),
            practises,
        }
    }

    #[test]
    fn each_change_is_told_once_and_writings_are_none() {
        use RegisterChangeKind::*;
        let before = standing("LE GOFF", "ANNE", &["60"], true);
        for (now, expected) in [
            (standing("Le Goff", "Anne", &["60"], true), &[][..]),
            (standing("LE GOFF-MARTIN", "ANNE", &["60"], true), &[Name]),
            (standing("LE GOFF", "ANNE", &["10", "60"], true), &[Profession]),
            (standing("LE GOFF", "ANNE", &["60"], false), &[ActivityEnded]),
            (standing("DURAND", "ANNE", &[], false), &[Name, Profession, ActivityEnded]),
        ] {
            let kinds: Vec<_> = before.differences(&now).iter().map(|one| one.kind).collect();
            assert_eq!(kinds, expected, "{now:?}");
        }
        let told = before.differences(&standing("LE GOFF", "ANNE", &["10"], true));
        assert_eq!((told[0].before.as_str(), told[0].after.as_str()), ("60", "10"));
    }

    #[test]
    fn one_late_extract_is_no_absence_and_none_counts_twice() {
        let at = |day: u32| -> DateTime<Utc> {
            format!("2026-11-{day:02}T05:00:00Z").parse().expect("time")
        };
        let here = standing("LE GOFF", "ANNE", &["60"], true);
        let told = RegisterTold {
            id_nat: "899900001233".parse().expect("id"),
            standing: here.clone(),
            by: ToldBy::Extract,
            as_of: at(1),
            absences: 0,
            missed_at: None,
        };
        assert_eq!(told.hear(Some(&here), ToldBy::Extract, at(1)), None, "the same extract again");
        let (first, once) = told.hear(None, ToldBy::Extract, at(2)).expect("newer");
        assert_eq!((first.len(), once.absences), (0, 1));
        assert_eq!(once.hear(None, ToldBy::Extract, at(2)), None);
        let (second, twice) = once.hear(None, ToldBy::Extract, at(3)).expect("newer");
        assert_eq!(second[0].kind, RegisterChangeKind::Absent);
        let (third, _) = twice.hear(None, ToldBy::Extract, at(4)).expect("newer");
        assert!(third.is_empty(), "told once");
        let (back, again) = twice.hear(Some(&here), ToldBy::Fhir, at(4)).expect("newer");
        assert_eq!((back[0].kind, back.len(), again.absences), (RegisterChangeKind::Back, 1, 0));
    }

    /// DA-08: more changes among our own people than life brings make an extract wait.
    #[test]
    fn an_extract_that_changes_too_many_of_ours_waits_da_08() {
        let shift =
            |held, professions, names, missing| RegisterShift { held, professions, names, missing };
        for (shift, expected) in [
            (shift(0, 0, 0, 0), None),
            (shift(10, 1, 1, 1), None),
            (shift(3_000, 6, 15, 60), None),
            (shift(3_000, 7, 0, 0), Some(RegisterBrake::Professions)),
            (shift(3_000, 0, 16, 0), Some(RegisterBrake::Names)),
            (shift(3_000, 0, 0, 61), Some(RegisterBrake::Missing)),
            (shift(3_000, 50, 50, 0), Some(RegisterBrake::Professions)),
            (shift(100, 5, 0, 0), Some(RegisterBrake::Professions)),
        ] {
            assert_eq!(shift.brake(), expected, "{shift:?}");
        }
    }
}
