//! What the listener of cards believes: authorities, and their lists of revoked certificates.
use crate::Workflows;
use audit::{AuditEvent, Code, Digest};
use authentication::{Holder, Means, Verifier};
use cards::{
    AuthorityLine, CardAuthorities, CardRules, ListFault, RevocationList, RevocationLists,
};
use kernel::{ActorId, MeansId};
use std::sync::{OnceLock, PoisonError, RwLock};
use store::StoreError;

/// Cards looked at in one read.
const LOOKED_AT_ONCE: u16 = 200;

/// Handed over once, at the start.
pub struct CardReader {
    /// `https://host[:port]` of the listener `card`.
    pub origin: String,
    pub authorities: CardAuthorities,
    pub rules: CardRules,
}

#[derive(Default)]
pub(crate) struct Cards {
    pub reader: OnceLock<CardReader>,
    pub lists: RwLock<RevocationLists>,
}

/// A list that is not there, or too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingList {
    pub authority: String,
    /// The place of lists that it is about; none: all cards of the authority.
    pub place: Option<String>,
}

/// Why a list of revoked certificates was not taken: what was held goes on.
#[derive(Debug, thiserror::Error)]
pub enum ListRefused {
    #[error("no card is taken here")]
    NoReader,
    #[error(transparent)]
    Fault(#[from] ListFault),
    #[error("reading the list was broken off")]
    BrokenOff,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ListRefused {
    /// Whether the same file may be taken later as it is.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Fault(fault) => *fault == ListFault::Dates,
            Self::BrokenOff | Self::Store(_) => true,
            Self::NoReader => false,
        }
    }
}

impl Workflows {
    /// Says that cards are taken, and by whom they are vouched for. The first word counts.
    pub fn connect_cards(&self, reader: CardReader) {
        let _already = self.0.cards.reader.set(reader);
    }

    pub fn card_origin(&self) -> Option<&str> {
        self.0.cards.reader.get().map(|reader| reader.origin.as_str())
    }

    /// Names (DER) of the authorities whose cards are believed: what a browser is asked for.
    pub fn card_authorities(&self) -> Vec<Vec<u8>> {
        self.0.cards.reader.get().map(|reader| reader.authorities.subjects()).unwrap_or_default()
    }

    /// What is not known now, so that no card that it is about is let in. Where a whole list is fresh, nothing is missing.
    pub fn missing_card_lists(&self) -> Vec<MissingList> {
        let Some(reader) = self.0.cards.reader.get() else { return Vec::new() };
        let lists = self.0.cards.lists.read().unwrap_or_else(PoisonError::into_inner).lines();
        let held_since = self.now() - reader.rules.revocation_grace;
        let mut missing = Vec::new();
        for AuthorityLine { fingerprint, name, .. } in reader.authorities.list() {
            let own = || lists.iter().filter(|list| list.authority == fingerprint);
            let fresh = || own().filter(|list| list.next_update >= held_since);
            let one = |place| MissingList { authority: name.clone(), place };
            if fresh().next().is_none() {
                missing.push(one(None));
            } else if fresh().all(|list| list.scope.is_some()) {
                let stale = own().filter(|list| list.next_update < held_since);
                missing.extend(stale.map(|list| one(list.scope.clone())));
            }
        }
        missing
    }

    /// Takes a list of revoked certificates (DER or PEM), if it is no older than any that was seen of its authority, by any
    /// node (threats CP-06).
    pub async fn take_revocation_list(&self, bytes: Vec<u8>) -> Result<(), ListRefused> {
        let (itself, now) = (self.clone(), self.now());
        // Some have hundreds of thousands of lines: no login waits for them.
        let read = tokio::task::spawn_blocking(move || {
            let reader = itself.0.cards.reader.get().ok_or(ListRefused::NoReader)?;
            Ok::<_, ListRefused>(RevocationList::read(&bytes, &reader.authorities, now)?)
        });
        let list = read.await.map_err(|_| ListRefused::BrokenOff)??;
        // An authority may have several, each about some of its cards.
        let scope = Digest::of(list.scope().unwrap_or_default().as_bytes());
        let key = format!("card.list.{}.{scope}", list.authority());
        let floor = self.store().read().counters().fact(&key).await?;
        let number = list.number().to_owned();
        let (until, lines) = (list.next_update(), list.len());
        let authority = list.authority().to_owned();
        {
            let mut lists = self.0.cards.lists.write().unwrap_or_else(PoisonError::into_inner);
            lists.take(list, floor.as_deref())?;
        }
        self.raise_floor(&key, floor, &number).await?;
        tracing::info!(%authority, %number, %until, lines, "a list of revoked cards was taken");
        Ok(())
    }

    /// The highest number that any node has seen. It never falls, whichever node writes last.
    async fn raise_floor(
        &self,
        key: &str,
        mut seen: Option<String>,
        number: &str,
    ) -> Result<(), StoreError> {
        let upkeep = self.store().upkeep();
        loop {
            let raised = match &seen {
                Some(seen) if !is_lower(seen, number) => return Ok(()),
                Some(seen) => upkeep.move_fact(key, seen, number).await?,
                None => upkeep.first_fact(key, number).await? == number,
            };
            if raised {
                return Ok(());
            }
            seen = self.store().read().counters().fact(key).await?;
        }
    }

    /// Suspends every card that a list names by now, and ends what leans on it; how many. The desk may lift it, should its
    /// authority have taken its word back.
    pub async fn withdraw_revoked_cards(&self) -> Result<u64, StoreError> {
        let (mut withdrawn, mut after, mut failed) = (0, None, None);
        loop {
            let read = self.store().read();
            let found = read.means().active_cards(after, LOOKED_AT_ONCE).await?;
            let named = found.iter().filter(|means| self.is_named(means));
            for means in named {
                match self.withdraw(means.id).await {
                    Ok(whether) => withdrawn += u64::from(whether),
                    // The others are withdrawn all the same.
                    Err(error) => {
                        tracing::error!(%error, means.id = %means.id, "a revoked card was not withdrawn");
                        failed = Some(error);
                    }
                }
            }
            if found.len() < usize::from(LOOKED_AT_ONCE) {
                return failed.map_or(Ok(withdrawn), Err);
            }
            after = found.last().map(|means| means.id);
        }
    }

    /// Whether a list names the certificate that this card bore when it was last used.
    pub(crate) fn is_named(&self, means: &Means) -> bool {
        match &means.verifier {
            Some(Verifier::Card(card)) => self.names(&card.authority, &card.serial),
            _ => false,
        }
    }

    /// Whether a list names this certificate.
    pub(crate) fn names(&self, authority: &str, serial: &str) -> bool {
        let lists = self.0.cards.lists.read().unwrap_or_else(PoisonError::into_inner);
        lists.names(authority, serial)
    }

    async fn withdraw(&self, id: MeansId) -> Result<bool, StoreError> {
        let tx = self.store().begin().await?;
        let Some(means) = tx.means().lock(id).await? else { return Ok(false) };
        // It may have been shown meanwhile, with a certificate that came after the one that was revoked.
        if !self.is_named(&means) {
            return Ok(false);
        }
        let (Some(person), Ok(suspended)) = (means.holder.map(Holder::person), means.suspend())
        else {
            return Ok(false);
        };
        tx.means().save(&suspended).await?;
        let by = ActorId::Job { name: "revoked_cards".to_owned() };
        let event = AuditEvent::MeansSuspended {
            by: by.clone(),
            person,
            means: id,
            reason: Code::of("card_revoked"),
            motive: None,
        };
        let closed = self.close_leaning_on(&tx, &by, person, id).await?;
        tx.commit((event, closed)).await?;
        Ok(true)
    }
}

/// Numbers in hexadecimal, without leading zeros.
fn is_lower(number: &str, than: &str) -> bool {
    (number.len(), number) < (than.len(), than)
}
