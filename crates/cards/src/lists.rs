//! The lists that are held, the newest of each authority.
use crate::list::Serial;
use crate::{CardFault, ListFault, RevocationList};
use chrono::{DateTime, Duration, Utc};

/// One list, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLine {
    pub authority: String,
    pub scope: Option<String>,
    pub number: String,
    pub this_update: DateTime<Utc>,
    pub next_update: DateTime<Utc>,
    pub len: usize,
}

/// The newest list of each authority, and of each of its scopes.
#[derive(Debug, Clone, Default)]
pub struct RevocationLists(Vec<RevocationList>);

/// What is asked of the lists about one certificate.
pub(crate) struct Asked<'a> {
    pub authority: &'a str,
    pub serial: &'a Serial,
    /// The places of lists that the certificate names.
    pub points: &'a [&'a [u8]],
}

impl RevocationLists {
    /// Refuses a list whose number is lower than that of the one held, or than `floor`: what was seen of this authority and
    /// scope before a restart (CP-06).
    pub fn take(&mut self, list: RevocationList, floor: Option<&str>) -> Result<(), ListFault> {
        if floor.is_some_and(|floor| list.is_older_than(floor)) {
            return Err(ListFault::Older);
        }
        let same = |held: &&mut RevocationList| {
            held.authority() == list.authority() && held.scope() == list.scope()
        };
        match self.0.iter_mut().find(same) {
            None => self.0.push(list),
            Some(held) if list.is_older_than(held.number()) => return Err(ListFault::Older),
            // The number says which is newer; where it stayed, the date does.
            Some(held)
                if !held.is_older_than(list.number())
                    && list.this_update() < held.this_update() =>
            {
                return Err(ListFault::Older);
            }
            Some(held) => *held = list,
        }
        Ok(())
    }

    pub fn lines(&self) -> Vec<ListLine> {
        let line = |list: &RevocationList| ListLine {
            authority: list.authority().to_owned(),
            scope: list.scope().map(str::to_owned),
            number: list.number().to_owned(),
            this_update: list.this_update(),
            next_update: list.next_update(),
            len: list.len(),
        };
        self.0.iter().map(line).collect()
    }

    /// Whether any list of this authority (fingerprint) names this certificate (serial, in hexadecimal).
    pub fn names(&self, authority: &str, serial: &str) -> bool {
        let Some(serial) = hex::decode(serial).ok().and_then(|bytes| Serial::read(&bytes)) else {
            return false;
        };
        self.0.iter().any(|list| list.authority() == authority && list.names(&serial))
    }

    /// Unknown is refused. A list that is too old still refuses whom it names: nobody comes off a list by waiting.
    pub(crate) fn judge(
        &self,
        asked: &Asked<'_>,
        grace: Duration,
        now: DateTime<Utc>,
    ) -> Result<(), CardFault> {
        let of_authority = || self.0.iter().filter(|list| list.authority() == asked.authority);
        if of_authority().any(|list| list.names(asked.serial)) {
            return Err(CardFault::Revoked);
        }
        let mut covering = of_authority().filter(|list| list.covers(asked.points)).peekable();
        if covering.peek().is_none() {
            return Err(CardFault::RevocationUnknown);
        }
        let until = |list: &RevocationList| list.next_update().checked_add_signed(grace);
        let fresh = covering.any(|list| until(list).is_none_or(|until| now <= until));
        fresh.then_some(()).ok_or(CardFault::RevocationTooOld)
    }
}
