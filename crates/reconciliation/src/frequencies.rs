//! How common a word is in the register, asked once per word.
use crate::compare::Shares;
use crate::register::{ByTerm, RegisterSearch, SearchFault, Term};
use std::collections::HashMap;

pub(crate) struct Frequencies<'register> {
    register: &'register dyn RegisterSearch,
    persons: u64,
    known: HashMap<Term, f64, ByTerm>,
}

impl<'register> Frequencies<'register> {
    pub fn new(register: &'register dyn RegisterSearch) -> Self {
        Self { register, persons: register.persons(), known: HashMap::default() }
    }
}

impl Shares for Frequencies<'_> {
    fn share(&mut self, term: Term) -> Result<f64, SearchFault> {
        if let Some(share) = self.known.get(&term) {
            return Ok(*share);
        }
        // A word seen nowhere else is still one that could be: half a person more.
        let bearers = self.register.frequency(term)? as f64 + 0.5;
        let share = (bearers / self.persons.max(1) as f64).min(1.0);
        self.known.insert(term, share);
        Ok(share)
    }
    fn borne(&mut self, term: Term) -> Result<(f64, bool), SearchFault> {
        let share = self.share(term)?;
        Ok((share, share * self.persons as f64 >= 1.0))
    }
    fn is_unheard_of(&mut self, term: Term) -> Result<bool, SearchFault> {
        Ok(self.share(term)? * self.persons as f64 <= 3.0)
    }
}
