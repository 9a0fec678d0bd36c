//! One version of the register as matching searches it, in memory: the index, each person's outline, what is written of
//! her (put together only when she may be somebody's), and how common each word is.
use super::frequencies::AllFrequencies;
use super::gather::practices_from;
use super::outlines::{Outlined, outline};
use super::places::at_places;
use super::postings::{Bearers, PARTS, Part};
use super::read::seq_of;
use super::written::AllWritten;
use super::{Register, RegisterError};
use kernel::{Finess, IdNat};
use reconciliation::{
    BirthRecord, BlockKey, Meeting, Outline, Practice, PracticeSet, RegisterPerson, RegisterSearch,
    SearchFault, Term,
};
use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::Arc;

/// Dropped when the run is over: its memory goes with it.
pub struct RegisterSearcher {
    register: Register,
    bearers: Bearers,
    outlined: Outlined,
    written: AllWritten,
    frequencies: AllFrequencies,
    /// By their number in an outline.
    practices: Vec<Arc<[Practice]>>,
}

impl RegisterSearcher {
    pub(super) fn open(register: Register) -> Result<Self, RegisterError> {
        let read = &|part| register.with(|database| Part::read(database, part));
        let (parts, others) = std::thread::scope(|scope| {
            let readers: Vec<_> = (0..PARTS).map(|part| scope.spawn(move || read(part))).collect();
            let others = register.with(|database| {
                let outlined = Outlined::read(database)?;
                Ok((outlined, AllWritten::read(database)?, AllFrequencies::read(database)?))
            });
            let parts: Result<Vec<Part>, RegisterError> = readers
                .into_iter()
                .map(|reader| reader.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect();
            (parts, others)
        });
        let (outlined, written, frequencies) = others?;
        let bearers = Bearers::of_parts(parts?);
        let practices = outlined.sets.iter().map(|text| practices_from(text).collect()).collect();
        Ok(Self { register, bearers, outlined, written, frequencies, practices })
    }

    fn outline(&self, seq: u32) -> Result<Outline, RegisterError> {
        self.outlined.of(seq).ok_or_else(|| without_outline(seq))
    }

    /// All that matching compares, from memory.
    fn person(&self, seq: u32, outline: &Outline) -> Result<RegisterPerson, RegisterError> {
        let written = self.written.of(seq);
        let written =
            written.ok_or_else(|| unsound(format!("nothing is written of person {seq}")))?;
        let id_nat = written
            .number
            .parse()
            .map_err(|_| unsound(format!("person {seq}: national id {:?}", written.number)))?;
        let birth = written.birth.map(|birth| BirthRecord {
            family: birth.family.to_owned(),
            given: birth.given.to_owned(),
            date: outline.born,
            place: birth.place.map(str::to_owned),
        });
        Ok(RegisterPerson {
            id_nat,
            sex: outline.sex,
            family: written.family.to_owned(),
            given: written.given.to_owned(),
            birth,
            practices: self.practices_of(outline.practices)?,
            places: BTreeSet::new(),
            practises_somewhere: outline.practises_somewhere,
        })
    }

    fn practices_of(&self, set: PracticeSet) -> Result<Arc<[Practice]>, RegisterError> {
        let practices = self.practices.get(set.0 as usize).cloned();
        practices.ok_or_else(|| unsound(format!("practices {} are missing", set.0)))
    }
}

impl RegisterSearch for RegisterSearcher {
    fn persons(&self) -> u64 {
        self.register.version().persons
    }
    fn by_id_nat(&self, id_nat: &IdNat) -> Result<Option<RegisterPerson>, SearchFault> {
        match self.register.with(|database| seq_of(database, id_nat)).map_err(fault)? {
            Some(seq) => {
                let person = self.outline(seq).and_then(|outline| self.person(seq, &outline));
                person.map(Some).map_err(fault)
            }
            None => Ok(None),
        }
    }
    fn by_keys(&self, keys: &[BlockKey], meeting: &mut dyn Meeting) -> Result<(), SearchFault> {
        let seqs = self.bearers.of(keys.iter().copied());
        // All outlines first: they stand anywhere, and memory then answers several questions at once.
        let mut kept = Vec::with_capacity(seqs.len());
        for seq in &seqs {
            kept.push(self.outlined.kept(*seq).ok_or_else(|| fault(without_outline(*seq)))?);
        }
        let mut worthy = Vec::new();
        for (seq, kept) in seqs.into_iter().zip(&kept) {
            let worth = meeting.worth(&outline(kept))?;
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
            let outline = self.outline(seq).map_err(fault)?;
            meeting.meets(self.person(seq, &outline).map_err(fault)?, &outline)?;
        }
        Ok(())
    }
    fn practices(&self, set: PracticeSet) -> Result<Arc<[Practice]>, SearchFault> {
        self.practices_of(set).map_err(fault)
    }
    fn at_places(&self, places: &BTreeSet<Finess>) -> Result<Vec<RegisterPerson>, SearchFault> {
        let person = |seq| self.person(seq, &self.outline(seq)?);
        let here =
            self.register.with(|database| at_places(database, places, &self.bearers, person));
        here.map_err(fault)
    }
    fn frequency(&self, term: Term) -> Result<u64, SearchFault> {
        Ok(self.frequencies.of(term))
    }
}

fn without_outline(seq: u32) -> RegisterError {
    unsound(format!("person {seq} has no outline"))
}

fn unsound(what: String) -> RegisterError {
    RegisterError::Unsound { what }
}

fn fault(error: RegisterError) -> SearchFault {
    SearchFault { cause: error.to_string() }
}
