//! Enrolment by a one-time code: the holder proves to hold the new means; the code dies with it (threats AU-11).
use super::key::credentials;
use super::state::{ENROLMENT, EnrolState, Underway, registration_ceremony};
use super::{House, LoginError, RefusalView, Visit};
use crate::Workflows;
use audit::{AccessKind, AuditEvent, Code};
use authentication::{
    CodeRefused, CodeText, EnrolmentCode, EnrolmentProof, Holder, Means, MeansKind, MeansStatus,
    Password, PasswordRules, PasswordVerifier, ThrottleScope, UserHandle, Verifier,
};
use directory::PersonState;
use kernel::{ActorId, Handle, HandleKind, PersonId};
use sessions::Refusal;
use store::StoreError;

/// The step of an enrolment page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrolStep {
    /// The code is still to be typed.
    Code,
    /// JSON for `navigator.credentials.create`.
    Key { options: String },
    /// Twice the same.
    Password { least_length: usize },
    /// Done; from here one logs in.
    Done { kind: MeansKind },
}

/// All that an enrolment page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolView {
    pub house: House,
    /// Empty while the code is still to be typed.
    pub handle: String,
    /// Told once the code was right: the holder checks that the desk meant her.
    pub holder: Option<String>,
    pub step: EnrolStep,
    pub refusal: Option<RefusalView>,
    /// A rule that the new password breaks; no refusal.
    pub advice: Option<&'static str>,
}

impl Workflows {
    /// The page that asks for the code.
    pub async fn show_enrolment(&self) -> Result<EnrolView, LoginError> {
        self.enrol_view(String::new(), None, EnrolStep::Code, None).await
    }

    /// A code was typed. Wrong, used and old ones look alike.
    pub async fn begin_enrolment(
        &self,
        visit: &Visit<'_>,
        typed: &str,
    ) -> Result<EnrolView, LoginError> {
        let hash = typed.parse::<CodeText>().ok().map(|code| code.hash(self.keys()));
        self.begin_with(visit, hash, false).await
    }

    /// The first administrator's link was opened and confirmed (threats AM-10).
    pub async fn begin_first_enrolment(
        &self,
        visit: &Visit<'_>,
        link: &str,
    ) -> Result<EnrolView, LoginError> {
        let handle = Handle::parse(HandleKind::AdminEnrolment, link).ok();
        self.begin_with(visit, handle.map(|handle| handle.hash().0), true).await
    }

    async fn begin_with(
        &self,
        visit: &Visit<'_>,
        hash: Option<[u8; 32]>,
        first: bool,
    ) -> Result<EnrolView, LoginError> {
        if self.is_clock_behind() {
            // A code that expired would serve again.
            return self.refuse_code(visit, None, Refusal::ClockBehind.code(), None).await;
        }
        let scopes = [ThrottleScope::Network { network: visit.network }];
        let counted = self.count_try(&scopes).await?;
        if counted.must_wait.is_some() {
            return self.refuse_code(visit, None, "too_many_tries", counted.must_wait).await;
        }
        let tried = match hash {
            None => Err((None, CodeRefused::Wrong)),
            Some(hash) => self.try_code(visit, &hash, first).await?,
        };
        match tried {
            Ok(code) => {
                self.give_try_back(&scopes, &counted).await?;
                self.enrolment_page(visit, &code, first).await
            }
            Err((person, refused)) => {
                self.refuse_code(visit, person, refused.code(), counted.wait_after).await
            }
        }
    }

    async fn try_code(
        &self,
        visit: &Visit<'_>,
        hash: &[u8; 32],
        first: bool,
    ) -> Result<Result<EnrolmentCode, (Option<PersonId>, CodeRefused)>, LoginError> {
        let reader = self.store().read();
        let Some(code) = reader.enrolment_codes().by_hash(hash).await? else {
            return Ok(Err((None, CodeRefused::Wrong)));
        };
        let person = code.holder.person();
        // A code of care opens nothing at the console's host, nor the link anything at the other.
        let of_operator = code.holder.operator().is_some();
        let here = of_operator == (visit.listener == AccessKind::Admin);
        if !here || (first && !of_operator) {
            return Ok(Err((Some(person), CodeRefused::Wrong)));
        }
        match code.try_with(hash, self.now()) {
            Ok(tried) => {
                self.store().upkeep().count_code_try(&tried).await?;
                Ok(Ok(tried))
            }
            Err(refused) => Ok(Err((Some(person), refused))),
        }
    }

    async fn enrolment_page(
        &self,
        visit: &Visit<'_>,
        code: &EnrolmentCode,
        first: bool,
    ) -> Result<EnrolView, LoginError> {
        let reader = self.store().read();
        let person = reader.people().find(code.holder.person()).await?;
        let Some(person) = person.filter(|person| person.state == PersonState::Active) else {
            let person = Some(code.holder.person());
            return self.refuse_code(visit, person, "person_closed", None).await;
        };
        let mut state = EnrolState {
            code: code.id,
            kind: code.kind.name().to_owned(),
            first,
            options: None,
            ceremony: None,
        };
        let name = person.display_name();
        let step = match code.kind {
            MeansKind::Fido2 => {
                let known = reader.means().of(person.id).await?;
                let known = credentials(known, |means| means.status != MeansStatus::Revoked);
                let fido2 = self.fido2(visit.listener).await?;
                let user = UserHandle::from(code.holder);
                let begun = fido2.begin_registration(user, &name, &name, &known, self.now())?;
                let (options, ceremony) = begun;
                state.options = Some(options.0.clone());
                state.ceremony = Some(ceremony.text()?);
                EnrolStep::Key { options: options.0 }
            }
            MeansKind::Password => {
                EnrolStep::Password { least_length: PasswordRules::default().least_length }
            }
            _ => return self.refuse_code(visit, Some(person.id), "means_not_offered", None).await,
        };
        let (handle, _) = self.begin_underway(visit, ENROLMENT, &state).await?;
        self.enrol_view(handle.expose().to_owned(), Some(name), step, None).await
    }

    /// The new key answered.
    pub async fn finish_key_enrolment(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        answer: &str,
    ) -> Result<EnrolView, LoginError> {
        let mut underway: Underway<EnrolState> = self.underway(visit, handle, ENROLMENT).await?;
        let ceremony = underway.state.ceremony.take().ok_or(LoginError::Over)?;
        let ceremony = registration_ceremony(&ceremony)?;
        self.move_on(&mut underway).await?;
        let fido2 = self.fido2(visit.listener).await?;
        match fido2.finish_registration(&ceremony, answer, self.now()) {
            Ok(credential) => {
                let verifier = Verifier::Fido2(Box::new(credential));
                self.activate(visit, underway, verifier).await
            }
            Err(refused) => {
                tracing::info!(reason = %refused, "a new key's answer does not hold");
                let code = self.code_of(&underway).await?;
                let person = Some(code.holder.person());
                self.refuse_code(visit, person, refused.code(), None).await
            }
        }
    }

    /// The new password, twice.
    pub async fn finish_password_enrolment(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        first: &str,
        second: &str,
    ) -> Result<EnrolView, LoginError> {
        let underway: Underway<EnrolState> = self.underway(visit, handle, ENROLMENT).await?;
        if underway.state.kind()? != MeansKind::Password {
            return Err(LoginError::Over);
        }
        let rules = PasswordRules::default();
        let advise = async |advice| {
            let step = EnrolStep::Password { least_length: rules.least_length };
            let mut view = self.enrol_view(handle.to_owned(), None, step, None).await?;
            view.advice = Some(advice);
            Ok(view)
        };
        if first != second {
            return advise("different").await;
        }
        let password = match Password::chosen(first, rules) {
            Ok(password) => password,
            Err(refused) => return advise(advice_of(refused)).await,
        };
        let made = self.hashing(move |workflows| {
            PasswordVerifier::make(&password, workflows.keys(), workflows.randomness())
        });
        let verifier = made.await?.map_err(|cause| LoginError::Hashing(cause.to_string()))?;
        self.activate(visit, underway, Verifier::Password(verifier)).await
    }

    async fn code_of(&self, underway: &Underway<EnrolState>) -> Result<EnrolmentCode, LoginError> {
        let reader = self.store().read();
        reader.enrolment_codes().find(underway.state.code).await?.ok_or(LoginError::Over)
    }

    async fn activate(
        &self,
        visit: &Visit<'_>,
        underway: Underway<EnrolState>,
        verifier: Verifier,
    ) -> Result<EnrolView, LoginError> {
        if self.is_clock_behind() {
            return self.refuse_code(visit, None, Refusal::ClockBehind.code(), None).await;
        }
        let now = self.now();
        let tx = self.store().begin().await?;
        let code = tx.enrolment_codes().find(underway.state.code).await?.ok_or(LoginError::Over)?;
        let person = code.holder.person();
        let alive = tx.people().lock(person).await?;
        let alive = alive.is_some_and(|person| person.state == PersonState::Active);
        let taken = match verifier.credential_id() {
            Some(id) => tx.means().by_credential(id).await?.is_some(),
            None => false,
        };
        let used = code.clone().use_up(now);
        let refused = match &used {
            _ if !alive => Some("person_closed"),
            _ if taken => Some("key_known_already"),
            Err(refused) => Some(refused.code()),
            Ok(_) => None,
        };
        let (Ok(used), None) = (used, refused) else {
            drop(tx);
            let reason = refused.unwrap_or("enrolment_code_used");
            return self.refuse_code(visit, Some(person), reason, None).await;
        };
        let proof = match underway.state.first {
            true => EnrolmentProof::FirstAdministrator,
            false => EnrolmentProof::DeskCode { given_by: code.given_by.clone() },
        };
        let word = Code::of(proof.code());
        let issued = Means::issue(self.id(), code.kind, code.holder, label(code.kind), now);
        let active = issued.activate(verifier, proof, now).expect("what was issued is activated");
        tx.means().insert(&active).await?;
        tx.enrolment_codes().save(&used).await?;
        tx.logins().end(&underway.login).await?;
        let mut events = self.retire_passwords(&tx, &active, code.holder).await?;
        let (by, kind) = (actor(code.holder), Code::of(code.kind.name()));
        let used = AuditEvent::EnrolmentCodeUsed { by: by.clone(), person, kind: kind.clone() };
        events.push(AuditEvent::MeansIssued {
            by: code.given_by.clone(),
            person,
            means: active.id,
            kind: kind.clone(),
        });
        let activated =
            AuditEvent::MeansActivated { by, person, means: active.id, kind, proof: word };
        events.push(activated);
        tx.commit((used, events)).await?;
        self.enrol_view(String::new(), None, EnrolStep::Done { kind: code.kind }, None).await
    }

    /// A holder has one password: the new one takes the place of the old.
    async fn retire_passwords(
        &self,
        tx: &store::Transaction,
        new: &Means,
        holder: Holder,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let mut events = Vec::new();
        if new.kind != MeansKind::Password {
            return Ok(events);
        }
        for old in tx.means().of(holder.person()).await? {
            let same = old.kind == MeansKind::Password && old.holder == Some(holder);
            let (id, revoked) = (old.id, old.revoke());
            if let (true, true, Ok(revoked)) = (same, id != new.id, revoked) {
                tx.means().save(&revoked).await?;
                events.push(AuditEvent::MeansRevoked {
                    by: actor(holder),
                    person: holder.person(),
                    means: id,
                    reason: Code::of("replaced"),
                    motive: None,
                });
            }
        }
        Ok(events)
    }

    async fn refuse_code(
        &self,
        visit: &Visit<'_>,
        person: Option<PersonId>,
        reason: &'static str,
        wait: Option<chrono::Duration>,
    ) -> Result<EnrolView, LoginError> {
        let reference = self.reference();
        let event = AuditEvent::EnrolmentCodeFailed {
            by: ActorId::Nobody,
            person,
            reason: Code::of(reason),
            place: Some(self.place(visit)),
            reference: reference.clone(),
        };
        self.trace_refusal_at(visit, reason, event).await?;
        tracing::info!(reason, reference = %reference, "an enrolment was refused");
        let refusal = Some(RefusalView { reference, wait });
        self.enrol_view(String::new(), None, EnrolStep::Code, refusal).await
    }

    async fn enrol_view(
        &self,
        handle: String,
        holder: Option<String>,
        step: EnrolStep,
        refusal: Option<RefusalView>,
    ) -> Result<EnrolView, LoginError> {
        let house = self.house().await?;
        Ok(EnrolView { house, handle, holder, step, refusal, advice: None })
    }
}

fn actor(holder: Holder) -> ActorId {
    super::finish::actor_of(holder)
}

fn label(kind: MeansKind) -> &'static str {
    match kind {
        MeansKind::Fido2 => "Clé",
        MeansKind::Password => "Mot de passe",
        MeansKind::Pin
        | MeansKind::Totp
        | MeansKind::CpsCard
        | MeansKind::DesfireBadge
        | MeansKind::PhoneApp
        | MeansKind::WorkstationTicket
        | MeansKind::ProSanteConnect
        | MeansKind::TemporaryBadge => "Moyen",
    }
}

fn advice_of(refused: authentication::PasswordRefused) -> &'static str {
    use authentication::PasswordRefused;
    match refused {
        PasswordRefused::Empty | PasswordRefused::TooShort { .. } => "too_short",
        PasswordRefused::TooLong => "too_long",
        PasswordRefused::ControlCharacter => "control_character",
        PasswordRefused::TooFewCharacters => "too_few_characters",
    }
}
