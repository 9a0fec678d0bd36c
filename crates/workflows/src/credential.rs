//! A card or Pro Santé Connect says whose number it is: the strongest channel, and the only one that asks no human. Called
//! by the authentication of a person, about that person alone; no operator and no file comes here.
use crate::Workflows;
use crate::sync::{SyncError, declared::Aliases};
use audit::{AuditEvent, Code, Digest, Events};
use authentication::{CredentialKind, CredentialProof};
use chrono::Duration;
use directory::{Case, CaseKind, CaseState, Channel, NationalIdentity, Person, PersonState};
use identity::Names;
use identity::names::{FamilyKey, is_slip, tokens};
use kernel::{ActorId, CaseId, IdNat, NationalIdentityId, PersonId};
use std::collections::BTreeSet;
use store::register::RegisterError;
use store::{Counter, StoreError, Transaction};

/// One trace a day says enough of somebody who shows the same card at each login.
const VERIFIED_AGAIN_AFTER: Duration = Duration::days(1);
/// Above every doubt: somebody is taken for another.
pub(crate) const URGENT: i64 = 50;
/// Questions that a credential put.
const ALARM: &str = "credential|";

#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    #[error("nobody bears this id")]
    Unknown(PersonId),
    #[error("this person is not in order: nothing is proved of her")]
    NotActive(PersonId),
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a credential changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialOutcome {
    /// The link was made, or made stronger; these questions are settled by it.
    Linked { link: NationalIdentityId, settled: Vec<CaseId> },
    /// It was proved so before.
    Known(NationalIdentityId),
    /// It says another than what is kept: nothing changed, a human is asked (once).
    Contradicts { reason: Contradiction, case: Option<CaseId> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contradiction {
    /// Another person bears this number here.
    BorneByAnother,
    /// She bears another RPPS number here.
    BearsAnother,
    /// A human said that this number is not hers.
    RefusedByHand,
    /// The register's bearer has another family name: a card lent, or a session of another.
    NamesDiffer,
}

impl Contradiction {
    pub const ALL: [Self; 4] =
        [Self::BorneByAnother, Self::BearsAnother, Self::RefusedByHand, Self::NamesDiffer];
    pub fn name(self) -> &'static str {
        match self {
            Self::BorneByAnother => "borne_by_another",
            Self::BearsAnother => "bears_another",
            Self::RefusedByHand => "refused_by_hand",
            Self::NamesDiffer => "names_differ",
        }
    }
    fn sentence(self) -> &'static str {
        match self {
            Self::BorneByAnother => "a prouvé un numéro qui est relié à une autre personne.",
            Self::BearsAnother => "a prouvé un autre numéro que celui qui est relié ici.",
            Self::RefusedByHand => "a prouvé un numéro qui avait été écarté ou délié à la main.",
            Self::NamesDiffer => "a prouvé un numéro dont le titulaire n’a aucun nom en commun.",
        }
    }
}

impl Workflows {
    /// What the verified credential of this person says of her national identity. To be called where a card or a login
    /// at Pro Santé Connect was verified, with the person who was proved there.
    pub async fn credential_proved(
        &self,
        person: PersonId,
        proof: &CredentialProof,
    ) -> Result<CredentialOutcome, CredentialError> {
        let mut tries = 0;
        loop {
            match self.prove(person, proof).await {
                // A human decided, or a run linked, at the same moment: it is read again.
                Err(CredentialError::Store(StoreError::Conflict(_) | StoreError::Stale { .. }))
                    if tries < 3 =>
                {
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }

    async fn prove(
        &self,
        person: PersonId,
        proof: &CredentialProof,
    ) -> Result<CredentialOutcome, CredentialError> {
        // A card is good for years: the number on it may have become another meanwhile.
        let aliases = Aliases::read(self).await?;
        let proved = aliases.current(proof.id_nat());
        let named_elsewhere = self.bearer_in_register(&proved)?;
        let tx = self.store().begin().await?;
        let Some(known) = tx.people().lock(person).await? else {
            drop(tx); // a refusal is an act of its own
            self.trace(self.alarm(person, proof, &proved, "unknown_person", None)).await?;
            return Err(CredentialError::Unknown(person));
        };
        if known.state_at(self.now()) != PersonState::Active {
            drop(tx);
            self.trace(self.alarm(person, proof, &proved, "not_active", None)).await?;
            return Err(CredentialError::NotActive(person));
        }
        let act = Act { workflows: self, tx, person: known, proof, proved, aliases };
        let held = act.tx.national_identities().of(person).await?;
        let cases = act.tx.cases().of(person).await?;
        let same = held.iter().find(|link| act.is_proved(&link.id_nat));
        let proved_before = |link: &&NationalIdentity| {
            link.channel == Channel::CredentialProved && link.id_nat == act.proved
        };
        if let Some(link) = same.filter(proved_before) {
            return act.known(link).await;
        }
        if let Some((reason, number)) =
            act.contradiction(&held, &cases, named_elsewhere.as_ref()).await?
        {
            return act.contradicts(reason, number, &cases).await;
        }
        act.link(same, cases).await
    }

    /// The names that the register gives to the bearer; `None` without a register, or without a bearer.
    fn bearer_in_register(&self, id_nat: &IdNat) -> Result<Option<Known>, CredentialError> {
        let Some(register) = self.register()? else { return Ok(None) };
        let Some(bearer) = register.find_by_id_nat(id_nat)? else { return Ok(None) };
        let born = bearer.birth.as_ref().map(|birth| birth.family.as_str());
        Ok(Some(Known::by([Some(bearer.family.as_str()), born], [Some(&bearer.given), None])))
    }

    /// What a credential proved and is not followed.
    fn alarm(
        &self,
        person: PersonId,
        proof: &CredentialProof,
        proved: &IdNat,
        reason: &'static str,
        case: Option<CaseId>,
    ) -> AuditEvent {
        let mac = self.keys().mac("audit-national", proved.as_str().as_bytes());
        AuditEvent::CredentialContradicted {
            by: ActorId::Person { person },
            person,
            kind: Code::of(proof.kind().name()),
            national: Digest::from_bytes(mac),
            reason: Code::of(reason),
            case,
        }
    }
}

/// The names that somebody is known by, taken apart: each family name with its particle.
struct Known {
    families: BTreeSet<String>,
    given: BTreeSet<String>,
}

impl Known {
    fn by(families: [Option<&str>; 2], given: [Option<&str>; 2]) -> Self {
        let parts = |name: &str| {
            let key = FamilyKey::of(name);
            key.parts.into_iter().chain([key.whole]).filter(|part| !part.is_empty())
        };
        Self {
            families: families.into_iter().flatten().flat_map(parts).collect(),
            given: given.into_iter().flatten().flat_map(tokens).collect(),
        }
    }

    /// A family name in common, with a slip of a letter where a given name agrees too. A given name alone tells nobody
    /// apart: two Maries lend each other their cards. Names that a source swapped agree the other way round.
    fn may_be(&self, other: &Self) -> bool {
        let meet = |ours: &BTreeSet<String>, theirs: &BTreeSet<String>| !ours.is_disjoint(theirs);
        let slip = || {
            let slips = |ours: &String| other.families.iter().any(|theirs| is_slip(ours, theirs));
            meet(&self.given, &other.given) && self.families.iter().any(slips)
        };
        meet(&self.families, &other.families)
            || slip()
            || (meet(&self.families, &other.given) && meet(&self.given, &other.families))
    }
}

/// Whether somebody of these names may be who a card names: a family name in common, or nearly.
pub(crate) fn may_be_named(names: &Names, family: &str, given: &str) -> bool {
    let ours = Known::by(
        [names.birth_family.as_deref(), names.usage_family.as_deref()],
        [names.given.as_deref(), names.usual_given.as_deref()],
    );
    ours.may_be(&Known::by([Some(family), None], [Some(given), None]))
}

/// One proof, with the row of its person held.
struct Act<'a> {
    workflows: &'a Workflows,
    tx: Transaction,
    person: Person,
    proof: &'a CredentialProof,
    /// The number that the credential's is now.
    proved: IdNat,
    aliases: Aliases,
}

impl Act<'_> {
    /// She did it herself.
    fn by(&self) -> ActorId {
        ActorId::Person { person: self.person.id }
    }
    fn kind(&self) -> Code {
        Code::of(self.proof.kind().name())
    }
    /// The proved number, or one that became it.
    fn is_proved(&self, id_nat: &IdNat) -> bool {
        self.aliases.current(id_nat) == self.proved
    }
    fn evidence(&self) -> Digest {
        Digest::from_bytes(*self.proof.evidence())
    }

    /// The same again: its next check moves on, and that is all.
    async fn known(self, link: &NationalIdentity) -> Result<CredentialOutcome, CredentialError> {
        let now = self.workflows.now();
        if now - link.verified_at >= VERIFIED_AGAIN_AFTER {
            let next = self.workflows.today() + crate::sync::RECHECK;
            self.tx.national_identities().verified(link.id, now, next).await?;
            self.tx.counters().raise(Counter::Directory).await?;
            let (by, evidence) = (self.by(), self.evidence());
            let (person, national_identity) = (self.person.id, link.id);
            let verified =
                AuditEvent::NationalIdentityVerified { by, person, national_identity, evidence };
            self.tx.commit(verified).await?;
        }
        Ok(CredentialOutcome::Known(link.id))
    }

    /// What contradicts, and the number that is claimed by it: as another bears it, where another does.
    async fn contradiction(
        &self,
        held: &[NationalIdentity],
        cases: &[Case],
        named: Option<&Known>,
    ) -> Result<Option<(Contradiction, IdNat)>, CredentialError> {
        let of_hers = |reason| Ok(Some((reason, self.proved.clone())));
        let proved = &self.proved;
        for number in self.aliases.formers(proved).chain([proved.clone()]) {
            let bearer = self.tx.national_identities().bearer(&number).await?;
            if bearer.is_some_and(|link| link.person != self.person.id) {
                return Ok(Some((Contradiction::BorneByAnother, number)));
            }
        }
        let other = |link: &&NationalIdentity| !self.is_proved(&link.id_nat);
        if proved.rpps().is_some()
            && held.iter().filter(other).any(|link| link.id_nat.rpps().is_some())
        {
            return of_hers(Contradiction::BearsAnother);
        }
        let names = &self.person.names;
        let ours = Known::by(
            [names.birth_family.as_deref(), names.usage_family.as_deref()],
            [names.given.as_deref(), names.usual_given.as_deref()],
        );
        // A human looked at her names, and said that it is she.
        let by_hand = held
            .iter()
            .any(|link| link.channel == Channel::HumanDecided && self.is_proved(&link.id_nat));
        let named = named.filter(|_| !by_hand);
        if named.is_some_and(|named| !ours.may_be(named)) {
            return of_hers(Contradiction::NamesDiffer);
        }
        // Said before she was linked to it after all: that is settled.
        let refused = |case: &&Case| case.decision.as_deref() == Some("none_fits");
        let linked = held.iter().any(|link| self.is_proved(&link.id_nat));
        for case in cases.iter().filter(|_| !linked).filter(refused) {
            if case.kind == CaseKind::NationalIdentity && candidates(case)?.contains(proved) {
                return of_hers(Contradiction::RefusedByHand);
            }
        }
        Ok(None)
    }

    /// Nothing is changed: a human looks, and the journal says it each time.
    async fn contradicts(
        self,
        reason: Contradiction,
        number: IdNat,
        cases: &[Case],
    ) -> Result<CredentialOutcome, CredentialError> {
        let (person, proved) = (self.person.id, &self.proved);
        let dedupe_key = format!("{ALARM}{person}|{proved}|{}", reason.name());
        let mut events = Vec::new();
        let mut case = cases.iter().find(|case| case.dedupe_key == dedupe_key).map(|case| case.id);
        if case.is_none() {
            let asked = self.question(reason, number, dedupe_key);
            if self.tx.cases().open(&asked).await? {
                self.tx.counters().raise(Counter::Directory).await?;
                let (by, kind) = (self.by(), Code::of(asked.kind.name()));
                let person = Some(person);
                events.push(AuditEvent::CaseOpened { by, person, case: asked.id, kind, run: None });
                case = Some(asked.id);
            }
        }
        let alarm = self.workflows.alarm(person, self.proof, proved, reason.name(), case);
        self.tx.commit((alarm, events)).await?;
        Ok(CredentialOutcome::Contradicts { reason, case })
    }

    fn question(&self, reason: Contradiction, number: IdNat, dedupe_key: String) -> Case {
        let shown = match self.proof.kind() {
            CredentialKind::Card => "Sa carte professionnelle",
            CredentialKind::ProSanteConnect => "Sa connexion Pro Santé Connect",
        };
        let payload = serde_json::json!({
            "sentence": format!("{shown} {}", reason.sentence()),
            "candidates": [{ "id_nat": self.proved.as_str() }],
            "contradiction": { "reason": reason.name(), "credential": self.proof.kind().name() },
        });
        Case {
            id: self.workflows.id(),
            kind: CaseKind::NationalIdentity,
            state: CaseState::Open,
            person: Some(self.person.id),
            source: None,
            external_key: None,
            dedupe_key,
            payload: payload.to_string(),
            priority: URGENT,
            opened_at: self.workflows.now(),
            decided_at: None,
            decided_by: None,
            decision: None,
            note: None,
            assigned_to: None,
            claims: Some(number),
            version: 1,
        }
    }

    /// The link by the strongest channel, and every question about her number settled by it.
    async fn link(
        self,
        weaker: Option<&NationalIdentity>,
        cases: Vec<Case>,
    ) -> Result<CredentialOutcome, CredentialError> {
        let (person, now) = (self.person.id, self.workflows.now());
        let kind = self.proof.kind().name();
        let mut events = Vec::new();
        if let Some(weaker) = weaker {
            self.tx.national_identities().end(weaker.id, now).await?;
            events.push(AuditEvent::NationalIdentityUnlinked {
                by: self.by(),
                person,
                national_identity: weaker.id,
                reason: Code::of("stronger_proof"),
            });
        }
        let evidence = serde_json::json!({ "evidence": kind, "digest": self.evidence() });
        let link = NationalIdentity {
            id: self.workflows.id(),
            person,
            id_nat: self.proved.clone(),
            channel: Channel::CredentialProved,
            evidence: evidence.to_string(),
            decided_by: self.by(),
            verified_at: now,
            next_check: self.workflows.today() + crate::sync::RECHECK,
        };
        self.tx.national_identities().insert(&link).await?;
        let settled = self.settle(cases, &mut events).await?;
        self.tx.counters().raise(Counter::Directory).await?;
        let linked = AuditEvent::NationalIdentityLinked {
            by: self.by(),
            person,
            national_identity: link.id,
            channel: Code::of(link.channel.name()),
            evidence: self.evidence(),
        };
        self.tx.commit(Events::from((linked, events))).await?;
        Ok(CredentialOutcome::Linked { link: link.id, settled })
    }

    /// Questions about who she is in the register that wait, whoever was asked: her RPPS answers them all.
    async fn settle(
        &self,
        cases: Vec<Case>,
        events: &mut Vec<AuditEvent>,
    ) -> Result<Vec<CaseId>, CredentialError> {
        let note = match self.proof.kind() {
            CredentialKind::Card => "Prouvé par sa carte professionnelle.",
            CredentialKind::ProSanteConnect => "Prouvé par Pro Santé Connect.",
        };
        let mut settled = Vec::new();
        for mut case in cases {
            let about = case.kind == CaseKind::NationalIdentity;
            if !about || case.state == CaseState::Decided || self.proved.rpps().is_none() {
                continue;
            }
            // That a card of somebody else was shown here is still for a human to look at.
            let alarm = case.dedupe_key.starts_with(ALARM);
            if alarm && !candidates(&case)?.contains(&self.proved) {
                continue;
            }
            case.state = CaseState::Decided;
            (case.decided_at, case.decided_by) = (Some(self.workflows.now()), Some(self.by()));
            case.decision = Some("link".to_owned());
            case.note = Some(note.to_owned());
            self.tx.cases().save(&case).await?;
            events.push(AuditEvent::CaseDecided {
                by: self.by(),
                person: case.person,
                case: case.id,
                decision: Code::of("proved"),
                evidence: Some(self.kind()),
                note: None,
            });
            settled.push(case.id);
        }
        let ended = self.workflows.end_accords_about(&self.tx, &self.by(), &settled).await?;
        events.extend(ended);
        Ok(settled)
    }
}

fn candidates(case: &Case) -> Result<Vec<IdNat>, SyncError> {
    let payload: serde_json::Value =
        serde_json::from_str(&case.payload).map_err(|_| SyncError::Unreadable("case"))?;
    let listed = payload["candidates"].as_array().into_iter().flatten();
    Ok(listed.filter_map(|one| one["id_nat"].as_str()?.parse().ok()).collect())
}

#[cfg(test)]
mod tests;
