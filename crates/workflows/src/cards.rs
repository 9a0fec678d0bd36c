//! What the listener of cards believes: authorities, and their lists of revoked certificates.
use crate::Workflows;
use audit::Digest;
use cards::{
    AuthorityLine, CardAuthorities, CardRules, ListFault, RevocationList, RevocationLists,
};
use std::sync::{OnceLock, PoisonError, RwLock};
use store::StoreError;

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

    /// Names of the authorities of whose cards nothing is known now, so that none is let in.
    pub fn authorities_without_list(&self) -> Vec<String> {
        let Some(reader) = self.0.cards.reader.get() else { return Vec::new() };
        let lists = self.0.cards.lists.read().unwrap_or_else(PoisonError::into_inner).lines();
        let held_since = self.now() - reader.rules.revocation_grace;
        let is_known = |authority: &AuthorityLine| {
            lists.iter().any(|list| {
                list.authority == authority.fingerprint && list.next_update >= held_since
            })
        };
        let authorities = reader.authorities.list().into_iter();
        authorities.filter(|one| !is_known(one)).map(|one| one.name).collect()
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
        if floor.as_deref() != Some(number.as_str()) {
            self.store().upkeep().set_fact(&key, &number).await?;
        }
        tracing::info!(%authority, %number, %until, lines, "a list of revoked cards was taken");
        Ok(())
    }
}
