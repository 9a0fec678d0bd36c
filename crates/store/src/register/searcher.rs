//! One version of the register as matching searches it: the index and each person's outline in memory, persons read only
//! when they may be somebody's.
use super::gather::practices_from;
use super::outlines::Outlined;
use super::places::at_places;
use super::postings::{Bearers, PARTS, Part};
use super::read::person;
use super::{Register, RegisterError, Tried};
use kernel::{Finess, IdNat};
use reconciliation::{
    BlockKey, Meeting, Practice, PracticeSet, RegisterPerson, RegisterSearch, SearchFault, Term,
};
use rusqlite::OptionalExtension;
use std::collections::BTreeSet;
use std::panic::resume_unwind;

/// Dropped when the run is over: its memory goes with it.
pub struct RegisterSearcher {
    register: Register,
    bearers: Bearers,
    outlined: Outlined,
}

impl RegisterSearcher {
    pub(super) fn open(register: Register) -> Result<Self, RegisterError> {
        let read = &|part| register.with(|database| Part::read(database, part));
        let (parts, outlined) = std::thread::scope(|scope| {
            let readers: Vec<_> = (0..PARTS).map(|part| scope.spawn(move || read(part))).collect();
            let outlined = register.with(Outlined::read);
            let parts: Result<Vec<Part>, RegisterError> = readers
                .into_iter()
                .map(|reader| reader.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect();
            (parts, outlined)
        });
        Ok(Self { bearers: Bearers::of_parts(parts?), outlined: outlined?, register })
    }
}

impl RegisterSearch for RegisterSearcher {
    fn persons(&self) -> u64 {
        self.register.version().persons
    }
    fn by_id_nat(&self, id_nat: &IdNat) -> Result<Option<RegisterPerson>, SearchFault> {
        self.register.find_by_id_nat(id_nat).map_err(fault)
    }
    fn by_keys(&self, keys: &[BlockKey], meeting: &mut dyn Meeting) -> Result<(), SearchFault> {
        let mut worthy = Vec::new();
        for seq in self.bearers.of(keys) {
            let outline = self.outlined.of(seq).ok_or_else(|| {
                let what = format!("person {seq} has no outline");
                fault(RegisterError::Unsound { what })
            })?;
            let worth = meeting.worth(&outline)?;
            if worth > meeting.least() {
                worthy.push((worth, seq));
            }
        }
        worthy.sort_unstable_by(|left, right| {
            right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1))
        });
        for (worth, seq) in worthy {
            if worth <= meeting.least() {
                break;
            }
            let found = self.register.with(|database| person(database, seq)).map_err(fault)?;
            if let Some(found) = found {
                meeting.meets(found)?;
            }
        }
        Ok(())
    }
    fn practices(&self, set: PracticeSet) -> Result<Vec<Practice>, SearchFault> {
        let text = self.outlined.sets.get(set.0 as usize).ok_or_else(|| {
            let what = format!("practices {} are missing", set.0);
            fault(RegisterError::Unsound { what })
        })?;
        Ok(practices_from(text).collect())
    }
    fn at_places(&self, places: &BTreeSet<Finess>) -> Result<Vec<RegisterPerson>, SearchFault> {
        self.register.with(|database| at_places(database, places)).map_err(fault)
    }
    fn frequency(&self, term: Term) -> Result<u64, SearchFault> {
        let found: Result<Option<i64>, RegisterError> = self.register.with(|database| {
            database
                .prepare_cached("SELECT persons FROM frequency WHERE term = ?1")
                .and_then(|mut select| {
                    select.query_row([term.0 as i64], |row| row.get(0)).optional()
                })
                .tried("read a frequency")
        });
        Ok(found.map_err(fault)?.unwrap_or_default().unsigned_abs())
    }
}

fn fault(error: RegisterError) -> SearchFault {
    SearchFault { cause: error.to_string() }
}
