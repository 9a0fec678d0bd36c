//! Sessions that time alone has ended: the last post is over, an account or a means has come to its date. Nobody writes
//! such an end, so a node looks for it, and applications hear of it as of any other.
use crate::Workflows;
use crate::issue::Ask;
use audit::{AccessKind, AuditEvent, Events};
use authentication::ProofOf;
use kernel::{ActorId, PersonId};
use sessions::{CloseReason, Grant, Refusal, Session};
use std::collections::BTreeSet;
use store::{StoreError, Transaction};

/// Sessions read at once.
const LOOKED_AT_ONCE: u16 = 200;

impl Workflows {
    /// Closes every open session that its person would not be let into now; how many. The choke point judges: what is
    /// looked for only says whom to ask it about.
    pub async fn end_what_is_over(&self) -> Result<u64, StoreError> {
        if self.is_clock_behind() {
            return Ok(0);
        }
        let (mut ended, mut after) = (0, None);
        loop {
            let (now, today) = (self.now(), self.today());
            let reader = self.store().read();
            let sessions = reader.sessions();
            let most = LOOKED_AT_ONCE;
            let found = sessions.may_be_over(now, today, after.as_ref(), most).await?;
            let people: BTreeSet<PersonId> = found.iter().map(|session| session.person).collect();
            for person in people {
                ended += self.end_over_of(person).await?;
            }
            if found.len() < usize::from(LOOKED_AT_ONCE) {
                return Ok(ended);
            }
            after = found.last().cloned();
        }
    }

    async fn end_over_of(&self, person: PersonId) -> Result<u64, StoreError> {
        let by = ActorId::Job { name: "ending".to_owned() };
        let tx = self.store().begin().await?;
        tx.people().hold(person).await?;
        let mut events: Vec<AuditEvent> = Vec::new();
        let unclosed = tx.sessions().unclosed_of(person).await?;
        // One that is over by its age has ended, and was told.
        for session in unclosed.into_iter().filter(|session| self.now() < session.expires_at) {
            if let Some(reason) = self.why_over(&tx, &session).await? {
                events.extend(self.close_one(&tx, &by, session, reason).await?);
            }
        }
        let ended = events.len() as u64;
        // Another node was first, or nothing was over.
        let Ok(events) = Events::try_from(events) else { return Ok(0) };
        tx.commit(events).await?;
        Ok(ended)
    }

    /// Why the login of this session would be refused if it were made now, by what ends with time.
    async fn why_over(
        &self,
        tx: &Transaction,
        session: &Session,
    ) -> Result<Option<CloseReason>, StoreError> {
        let grant = match session.listener {
            AccessKind::Public => Grant::Session,
            AccessKind::Admin => Grant::AdminSession,
        };
        let ask = Ask {
            grant,
            person: session.person,
            proofs: &session.proofs,
            session: None,
            client: None,
            operator: session.operator,
        };
        Ok(match self.may_issue(tx, &ask).await?.verdict {
            Err(Refusal::NoPost | Refusal::PostPlanned | Refusal::PostOver) => {
                Some(CloseReason::PostOver)
            }
            Err(Refusal::AccountExpired | Refusal::AccountDisabled | Refusal::AccountDeleted) => {
                Some(CloseReason::AccountOver)
            }
            Err(Refusal::PersonClosed) => Some(CloseReason::PersonClosed),
            Err(Refusal::MeansNotActive) if by_account(session) => Some(CloseReason::AccountOver),
            Err(Refusal::MeansNotActive) => Some(CloseReason::MeansWithdrawn),
            Ok(_) | Err(_) => None,
        })
    }
}

/// She logged in by the password of an account in the directory.
fn by_account(session: &Session) -> bool {
    session.proofs.iter().any(|proof| matches!(proof.of(), ProofOf::Account(_)))
}
