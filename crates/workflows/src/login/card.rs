//! Cards (CPS, CPF). A listener of their own asks each browser for a certificate and judges it; what it read reaches the
//! login that waits by a code of 256 bits that serves once, within half a minute, in the browser of that login (threats
//! WB-09). Nothing is decided there: whose card it is, and what it opens, is looked at in the act of the login.
use super::refuse::Cause;
use super::state::{LOGIN, LoginState, Step, Underway};
use super::{House, LoginAnswer, LoginError, LoginStep, LoginView, RefusalView, Visit};
use crate::Workflows;
use crate::credential::may_be_named;
use crate::sync::declared::Aliases;
use audit::{AccessKind, AuditEvent, Code};
use authentication::{
    CardVerifier, EnrolmentProof, Holder, Means, MeansKind, MeansStatus, Place, Proof, Verifier,
};
use cards::{CardKind, VerifiedCard, judge_card};
use chrono::{DateTime, Duration, Utc};
use directory::{Channel, PersonState};
use kernel::{ActorId, Handle, HandleKind, IdNat, PersonId};
use std::collections::BTreeSet;
use std::sync::PoisonError;
use store::{CardHandOver, StoreError, Transaction};

/// From the card's listener back to the login.
const HAND_OVER: Duration = Duration::seconds(30);

/// Who was closed gets no new means, whatever she shows.
const PERSON_CLOSED: &str = "person_closed";

/// A certificate (DER) that a connection showed, and how long ago.
#[derive(Clone, Copy)]
pub struct ShownCertificate<'a> {
    pub der: &'a [u8],
    pub age: Duration,
}

/// What the listener of cards answers.
pub enum CardAnswer {
    /// Where the browser goes with what was read.
    HandedOver {
        to: String,
    },
    /// No certificate came: `again` reads once more, `back` leads to the other means.
    NoCard {
        house: House,
        back: String,
    },
    Refused {
        house: House,
        refusal: RefusalView,
        back: String,
    },
}

impl Workflows {
    /// « Carte CPS »: this login waits for a card.
    pub async fn begin_card(
        &self,
        visit: &Visit<'_>,
        handle: &str,
    ) -> Result<LoginView, LoginError> {
        let mut underway: Underway<LoginState> = self.underway(visit, handle, LOGIN).await?;
        let origin = self.card_origin().filter(|_| visit.listener == AccessKind::Public);
        let Some(origin) = origin else { return self.view(handle, &underway, None).await };
        // The page of this login goes on offering the other means: there one comes back from the listener of cards.
        underway.state.step = Step::Choice;
        underway.state.awaits_card = true;
        self.move_on(&mut underway).await?;
        let step = LoginStep::Card { at: format!("{origin}/card?t={handle}") };
        Ok(LoginView { step, ..self.view(handle, &underway, None).await? })
    }

    /// A browser came to the listener of cards for this login, with the certificate that its connection showed (DER).
    /// Whose browser it is cannot be told there, and nothing that it is given serves another than the login's own.
    pub async fn present_card(
        &self,
        network: &str,
        handle: &str,
        shown: Option<ShownCertificate<'_>>,
    ) -> Result<CardAnswer, LoginError> {
        let handle = Handle::parse(HandleKind::Login, handle).map_err(|_| LoginError::Over)?;
        let found = self.store().read().logins().find(&handle.hash()).await?;
        let login = found.ok_or(LoginError::Over)?;
        let waits = login.listener == AccessKind::Public
            && login.purpose == LOGIN
            && login.expires_at > self.now();
        let state: Option<LoginState> = serde_json::from_str(&login.state).ok();
        let state = state.filter(|state| waits && state.awaits_card);
        let state = state.ok_or(LoginError::Over)?;
        let origin = &self.parts().public_origin;
        let back = format!("{origin}/login?t={}", handle.expose());
        // A connection that was kept says nothing of where the card is now (threats CP-05).
        let Some(shown) = shown.filter(|shown| shown.age < HAND_OVER) else {
            return Ok(CardAnswer::NoCard { house: self.house().await?, back });
        };
        let read_at = self.now() - shown.age;
        match self.judge_shown(shown.der) {
            Ok(card) => {
                let code = Handle::new(HandleKind::CardHandOver, self.randomness());
                let kept = CardHandOver {
                    login: handle.hash(),
                    card: card.text(),
                    read_at,
                    expires_at: self.now() + HAND_OVER,
                };
                self.store().upkeep().hand_card_over(&code.hash(), &kept).await?;
                let to = format!(
                    "{origin}/login/card/back?t={}&code={}",
                    handle.expose(),
                    code.expose()
                );
                Ok(CardAnswer::HandedOver { to })
            }
            Err(reason) => {
                let nobody = Handle::new(HandleKind::Browser, self.randomness());
                let visit = Visit { listener: AccessKind::Public, browser: &nobody, network };
                let cause = Cause { client: state.client, ..Cause::of(reason) };
                let refusal = self.refuse(&visit, cause, None).await?;
                Ok(CardAnswer::Refused { house: self.house().await?, refusal, back })
            }
        }
    }

    fn judge_shown(&self, shown: &[u8]) -> Result<VerifiedCard, &'static str> {
        let reader = self.0.cards.reader.get().ok_or("cards_not_taken")?;
        let lists = self.0.cards.lists.read().unwrap_or_else(PoisonError::into_inner);
        judge_card(shown, &reader.authorities, &lists, &reader.rules, self.now())
            .map_err(|fault| fault.code())
    }

    /// The browser comes back with the code of what was read. It serves no second time, whatever comes of it.
    pub async fn take_card(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        code: &str,
    ) -> Result<LoginAnswer, LoginError> {
        let code = Handle::parse(HandleKind::CardHandOver, code).map_err(|_| LoginError::Over)?;
        let kept = self.store().upkeep().take_card(&code.hash()).await?;
        let underway = self.underway::<LoginState>(visit, handle, LOGIN).await;
        let (kept, underway) = match (kept, underway) {
            (Some(kept), Ok(underway)) if kept.login == underway.login.handle => (kept, underway),
            (Some(_), Ok(_) | Err(LoginError::Over)) => {
                self.refuse(visit, Cause::of("card_for_another_login"), None).await?;
                return Err(LoginError::Over);
            }
            // Taken already, a moment ago perhaps, by the same browser: the login itself is left as it is.
            (None, Ok(_)) => {
                self.refuse(visit, Cause::of("card_code_unknown"), None).await?;
                return Err(LoginError::Over);
            }
            (_, Err(error)) => return Err(error),
        };
        let reason = match underway.state.awaits_card {
            true if kept.expires_at <= self.now() => Some("card_code_too_old"),
            true => None,
            false => Some("card_not_awaited"),
        };
        if let Some(reason) = reason {
            return self.refuse_card(visit, handle, underway, Cause::of(reason)).await;
        }
        let card = VerifiedCard::from_text(&kept.card).map_err(|_| StoreError::Corrupt {
            table: "card_hand_over",
            row: "of one login".to_owned(),
            column: "card",
        })?;
        let numbers = self.numbers_of(&card).await;
        let tx = self.store().begin().await?;
        let claimed = match self.claimed_card(&tx, &underway, (&card, &numbers)).await? {
            Ok(claimed) => claimed,
            Err(cause) => {
                drop(tx);
                return self.refuse_card(visit, handle, underway, cause).await;
            }
        };
        self.after_card(visit, handle, underway, tx, Shown { card, at: kept.read_at }, claimed)
            .await
    }

    /// Whose card this is: hers to whom its number belongs, by a link that stands. Never by a name; but who has none in
    /// common with the card is not let in by a link that neither a human nor a credential of hers has confirmed.
    async fn claimed_card(
        &self,
        tx: &Transaction,
        underway: &Underway<LoginState>,
        (card, numbers): (&VerifiedCard, &[IdNat]),
    ) -> Result<Result<Claimed, Cause>, LoginError> {
        // Revoked since it was read, a moment ago.
        if self.names(card.authority(), card.serial()) {
            return Ok(Err(Cause::of("card_revoked")));
        }
        let mut bearers = Vec::new();
        for number in numbers {
            bearers.extend(tx.national_identities().bearer(number).await?);
        }
        let Some(bearer) = bearers.first().cloned() else {
            return Ok(Err(Cause::of("card_of_nobody")));
        };
        let person = bearer.person;
        if bearers.iter().any(|other| other.person != person) {
            return Ok(Err(Cause::of("card_number_contested")));
        }
        tx.people().hold(person).await?;
        let cause = |reason| Cause { person: Some(person), ..Cause::of(reason) };
        let told = tx.national_identities().to_tell(person).await?;
        if !told.iter().any(|identity| identity.id == bearer.id) {
            return Ok(Err(cause("card_number_contested")));
        }
        let known = tx.people().find(person).await?;
        let known = known.filter(|known| known.state_at(self.now()) == PersonState::Active);
        let Some(known) = known else { return Ok(Err(cause(PERSON_CLOSED))) };
        let confirmed = matches!(bearer.channel, Channel::CredentialProved | Channel::HumanDecided);
        if !confirmed && !may_be_named(&known.names, card.family(), card.given()) {
            return Ok(Err(cause("card_names_differ")));
        }
        if underway.login.person.is_some_and(|named| named != person) {
            return Ok(Err(cause("card_of_somebody_else")));
        }
        let hers = |means: &Means| {
            means.kind == MeansKind::CpsCard
                && means.holder == Some(Holder::Person(person))
                && means.serial.as_deref() == Some(card.card_number())
        };
        // Her row is held: nobody makes or withdraws a means of hers meanwhile.
        let rows = tx.means().of(person).await?;
        let (withdrawn, kept): (Vec<Means>, Vec<Means>) = rows
            .into_iter()
            .filter(hers)
            .filter(|means| means.status != MeansStatus::Expired)
            // Suspended with a certificate that a list named; this one came after it.
            .filter(|means| means.status != MeansStatus::Suspended || !self.is_named(means))
            .partition(|means| means.status != MeansStatus::Active);
        if let Some(means) = withdrawn.first() {
            return Ok(Err(Cause { means: Some(means.id), ..cause("means_not_active") }));
        }
        let means = kept.into_iter().next_back();
        Ok(Ok(Claimed { person, number: bearer.id_nat, means }))
    }

    /// A card is good for years: the number on it may have become another meanwhile, or a new card may bear what ours became.
    async fn numbers_of(&self, card: &VerifiedCard) -> Vec<IdNat> {
        let mut numbers = vec![card.id_nat().clone()];
        match Aliases::read(self).await {
            Ok(aliases) => {
                let current = aliases.current(card.id_nat());
                numbers.extend(aliases.formers(&current));
                numbers.push(current);
                let mut seen = BTreeSet::new();
                numbers.retain(|number| seen.insert(number.clone()));
            }
            Err(error) => {
                tracing::error!(%error, "what became of the number of a card could not be looked at");
            }
        }
        numbers
    }

    async fn after_card(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        mut underway: Underway<LoginState>,
        tx: Transaction,
        Shown { card, at }: Shown,
        Claimed { person, number, means }: Claimed,
    ) -> Result<LoginAnswer, LoginError> {
        let mut changes = Vec::new();
        let verifier = Verifier::Card(CardVerifier::of(&card));
        let thumbprint = card.thumbprint().to_owned();
        let enrolment = EnrolmentProof::Certificate { id_nat: number, thumbprint };
        let means = match means {
            // Its certificate, and with it its end, may be another than last time.
            Some(mut means) => {
                means.last_used_at = Some(self.now());
                means.expires_at = Some(card.until());
                means.verifier = Some(verifier);
                means.enrolment = Some(enrolment);
                tx.means().save(&means).await?;
                means.id
            }
            None => {
                let means = self.new_card(person, &card, (verifier, enrolment));
                let kind = Code::of(MeansKind::CpsCard.name());
                let (by, id) = (ActorId::Person { person }, means.id);
                let proof = means.enrolment.as_ref().map_or("certificate", EnrolmentProof::code);
                changes = vec![
                    AuditEvent::MeansIssued {
                        by: by.clone(),
                        person,
                        means: id,
                        kind: kind.clone(),
                    },
                    AuditEvent::MeansActivated {
                        by,
                        person,
                        means: id,
                        kind,
                        proof: Code::of(proof),
                    },
                ];
                tx.means().insert(&means).await?;
                id
            }
        };
        let place = Place { network: visit.network.to_owned(), zone: "outside".to_owned() };
        underway.state.add(Proof::by_card(&card, means, at, place))?;
        underway.login.person = Some(person);
        self.conclude(visit, handle, underway, tx, Holder::Person(person), changes).await
    }

    /// A card of hers that was never shown here (sheet of cards, section 7, step 7: any valid card of her number).
    fn new_card(
        &self,
        person: PersonId,
        card: &VerifiedCard,
        (verifier, enrolment): (Verifier, EnrolmentProof),
    ) -> Means {
        let now = self.now();
        let last: String = card.card_number().chars().rev().take(4).collect();
        let last: String = last.chars().rev().collect();
        let kind = match card.kind() {
            CardKind::Cps => "CPS",
            CardKind::Cpf => "CPF",
        };
        let label = format!("{kind} …{last}");
        let holder = Holder::Person(person);
        let mut means = Means::issue(self.id(), MeansKind::CpsCard, holder, &label, now);
        means.serial = Some(card.card_number().to_owned());
        means.expires_at = Some(card.until());
        means.last_used_at = Some(now);
        means.activate(verifier, enrolment, now).expect("what was just issued becomes active")
    }

    async fn refuse_card(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        mut underway: Underway<LoginState>,
        cause: Cause,
    ) -> Result<LoginAnswer, LoginError> {
        underway.state.step = Step::Choice;
        underway.state.awaits_card = false;
        underway.state.proofs = "[]".to_owned();
        underway.login.person = None;
        self.move_on(&mut underway).await?;
        // There is nothing to guess, so no try is counted: a morning of refused cards stops nobody's password (AU-02).
        let cause = Cause { client: underway.state.client, ..cause };
        let refusal = self.refuse(visit, cause, None).await?;
        let view = self.view(handle, &underway, Some(refusal)).await?;
        Ok(LoginAnswer::Page(Box::new(view)))
    }
}

/// A card, and when its listener read it.
struct Shown {
    card: VerifiedCard,
    at: DateTime<Utc>,
}

/// Whose it is, by which number, and the means that it is here.
struct Claimed {
    person: PersonId,
    number: IdNat,
    means: Option<Means>,
}
