//! What the register says of the people we hold, version after version: names, professions, activities ended,
//! numbers merged. It tells; it never changes a person or a link by itself.
use super::SyncError;
use crate::Workflows;
use audit::{AuditEvent, Code, Digest};
use chrono::{DateTime, Utc};
use directory::{
    AliasOrigin, NationalAlias, NationalIdentity, Person, RegisterChange, RegisterChangeKind,
    RegisterDifference, RegisterStanding, RegisterTold, ToldBy,
};
use kernel::{Actor, Capability, IdNat, PersonId, RegisterChangeId};
use reconciliation::RegisterPerson;
use std::collections::{BTreeMap, HashMap};
use store::register::{Register, RegisterError};

/// People in one transaction.
const CHUNK: usize = 500;

/// What one version says of one national identity.
pub(super) struct Heard {
    pub identity: NationalIdentity,
    pub standing: Option<RegisterStanding>,
    /// The number that the register gives to its bearer now.
    pub became: Option<IdNat>,
}

pub(super) fn standing_of(person: &RegisterPerson) -> RegisterStanding {
    let told = |code: &String| (!code.is_empty()).then(|| code.clone());
    RegisterStanding {
        family: person.family.clone(),
        given: person.given.clone(),
        professions: person.practices.iter().filter_map(|one| told(&one.profession)).collect(),
        roles: person.practices.iter().filter_map(|one| told(&one.role)).collect(),
        practises: person.practises_somewhere,
    }
}

impl Workflows {
    /// Hears what the register in use says of everybody linked. Run again on the same version, it changes nothing;
    /// killed, the next one finishes.
    pub(crate) async fn follow_register(&self, actor: &Actor) -> Result<u64, SyncError> {
        let Some(register) = self.register()? else { return Ok(0) };
        let version = register.version();
        let as_of = version.extracted_at.unwrap_or(version.imported_at);
        let identities = self.store().read().national_identities().all().await?;
        let heard = tokio::task::spawn_blocking(move || hear_all(&register, identities))
            .await
            .map_err(|_| SyncError::Unreadable("register"))??;
        self.keep_heard(actor, heard, ToldBy::Extract, as_of).await
    }

    /// Changes and aliases are kept with their events; what is only heard again is upkeep.
    pub(super) async fn keep_heard(
        &self,
        actor: &Actor,
        heard: Vec<Heard>,
        by: ToldBy,
        as_of: DateTime<Utc>,
    ) -> Result<u64, SyncError> {
        let reader = self.store().read();
        let known: HashMap<IdNat, RegisterTold> = reader
            .register_follow()
            .told_all()
            .await?
            .into_iter()
            .map(|told| (told.id_nat.clone(), told))
            .collect();
        let mut seen = 0;
        for chunk in heard.chunks(CHUNK) {
            let (mut told, mut changes, mut aliases) = (Vec::new(), Vec::new(), Vec::new());
            for one in chunk {
                let (differences, after) = match known.get(&one.identity.id_nat) {
                    Some(known) => match known.hear(one.standing.as_ref(), by, as_of) {
                        Some(heard) => heard,
                        None => continue,
                    },
                    None => (Vec::new(), first_told(one, by, as_of)),
                };
                told.push(after);
                changes.extend(differences.into_iter().map(|it| self.change(one, it, by)));
                if let Some((change, alias)) = self.merged(one, by).await? {
                    changes.push(change);
                    aliases.push(alias);
                }
            }
            seen += changes.len() as u64;
            self.keep_chunk(actor, &told, &changes, &aliases).await?;
        }
        Ok(seen)
    }

    async fn keep_chunk(
        &self,
        actor: &Actor,
        told: &[RegisterTold],
        changes: &[RegisterChange],
        aliases: &[NationalAlias],
    ) -> Result<(), SyncError> {
        let seen = changes.iter().map(|change| AuditEvent::RegisterChangeSeen {
            by: actor.id(),
            person: change.person,
            national_identity: change.national_identity,
            kind: Code::of(change.kind.name()),
        });
        let kept = aliases.iter().map(|alias| self.alias_event(actor, alias));
        let mut events = seen.chain(kept);
        let Some(first) = events.next() else {
            return Ok(self.store().upkeep().keep_told(told).await?);
        };
        let events: (AuditEvent, Vec<AuditEvent>) = (first, events.collect());
        let tx = self.store().begin().await?;
        tx.register_follow().keep_told(told).await?;
        tx.register_follow().insert_changes(changes).await?;
        for alias in aliases {
            // A reconciliation may have kept it meanwhile: it is said once more, and is one.
            tx.register_follow().insert_alias(alias).await?;
        }
        tx.commit(events).await?;
        Ok(())
    }

    fn change(&self, heard: &Heard, difference: RegisterDifference, by: ToldBy) -> RegisterChange {
        RegisterChange {
            id: self.id(),
            person: heard.identity.person,
            national_identity: heard.identity.id,
            kind: difference.kind,
            was: difference.before,
            became: difference.after,
            by,
            seen_at: self.now(),
            settled_at: None,
            settled_by: None,
        }
    }

    /// The number we hold became another one: told once, and kept for ever; the link itself waits for a human.
    async fn merged(
        &self,
        heard: &Heard,
        by: ToldBy,
    ) -> Result<Option<(RegisterChange, NationalAlias)>, SyncError> {
        let Some(became) = &heard.became else { return Ok(None) };
        let former = &heard.identity.id_nat;
        if self.store().read().register_follow().alias_of(former).await?.is_some() {
            return Ok(None);
        }
        let difference = RegisterDifference {
            kind: RegisterChangeKind::Merged,
            before: former.to_string(),
            after: became.to_string(),
        };
        let alias = NationalAlias {
            former: former.clone(),
            id_nat: became.clone(),
            origin: AliasOrigin::Register,
            seen_at: self.now(),
        };
        Ok(Some((self.change(heard, difference, by), alias)))
    }

    pub(super) fn alias_event(&self, actor: &Actor, alias: &NationalAlias) -> AuditEvent {
        AuditEvent::NationalAliasKept {
            by: actor.id(),
            from: self.mac_of_number(&alias.former),
            to: self.mac_of_number(&alias.id_nat),
        }
    }

    fn mac_of_number(&self, number: &IdNat) -> Digest {
        Digest::from_bytes(self.keys().mac("audit-national", number.as_str().as_bytes()))
    }

    /// The number that this one leads to, itself when it leads nowhere.
    pub async fn current_number(&self, id_nat: &IdNat) -> Result<IdNat, SyncError> {
        let mut current = id_nat.clone();
        // Aliases never lead round, and a chain of many is none.
        for _ in 0..8 {
            match self.store().read().register_follow().alias_of(&current).await? {
                Some(next) => current = next,
                None => break,
            }
        }
        Ok(current)
    }

    /// A human knows, on this evidence, that two numbers are one person's. The one that stands is in the register in use.
    pub async fn keep_alias(
        &self,
        actor: &Actor,
        former: IdNat,
        id_nat: IdNat,
        evidence: &str,
    ) -> Result<(), SyncError> {
        self.must(actor, Capability::DecideCases, "keep_alias").await?;
        if evidence.trim().is_empty() {
            return Err(SyncError::NoEvidence);
        }
        if let Some(register) = self.register()?
            && register.find_by_id_nat(&id_nat)?.is_none()
        {
            return Err(SyncError::NotListed);
        }
        let follow = self.store().read();
        let known = follow.register_follow().alias_of(&former).await?;
        // A number never leads to itself, nor round to where it came from.
        let back = follow.register_follow().alias_of(&id_nat).await?;
        if former == id_nat || known.is_some() || back.is_some() {
            return Err(SyncError::Alias);
        }
        let alias =
            NationalAlias { former, id_nat, origin: AliasOrigin::Human, seen_at: self.now() };
        let tx = self.store().begin().await?;
        if !tx.register_follow().insert_alias(&alias).await? {
            return Err(SyncError::Alias);
        }
        let (by, to) = (actor.id(), self.mac_of_number(&alias.id_nat));
        let evidence = Digest::from_bytes(self.keys().mac("audit-evidence", evidence.as_bytes()));
        let proved = AuditEvent::NationalAliasProved { by, to, evidence };
        tx.commit((self.alias_event(actor, &alias), vec![proved])).await?;
        Ok(())
    }

    /// Changes that nobody looked at yet, the newest first.
    pub async fn register_changes(
        &self,
        actor: &Actor,
        limit: u64,
    ) -> Result<Vec<RegisterChange>, SyncError> {
        self.must(actor, Capability::ReadCases, "register_changes").await?;
        Ok(self.store().read().register_follow().open_changes(limit).await?)
    }

    /// Those that somebody looked at, the newest first.
    pub async fn settled_changes(
        &self,
        actor: &Actor,
        limit: u64,
    ) -> Result<Vec<RegisterChange>, SyncError> {
        self.must(actor, Capability::ReadCases, "register_changes").await?;
        Ok(self.store().read().register_follow().settled_changes(limit).await?)
    }

    /// The people whom these changes are about, and those who settled them.
    pub async fn people_of_changes(
        &self,
        changes: &[RegisterChange],
    ) -> Result<BTreeMap<PersonId, Person>, SyncError> {
        let settlers = changes.iter().filter_map(|change| change.settled_by.as_ref()?.person());
        let ids: Vec<PersonId> =
            changes.iter().map(|change| change.person).chain(settlers).collect();
        Ok(store::views::person::named(&self.store().read(), &ids).await?)
    }

    /// Somebody looked at the change; false when another did before.
    pub async fn settle_change(
        &self,
        actor: &Actor,
        id: RegisterChangeId,
    ) -> Result<bool, SyncError> {
        self.must(actor, Capability::DecideCases, "settle_change").await?;
        let tx = self.store().begin().await?;
        let Some(change) = tx.register_follow().find_change(id).await? else {
            return Err(SyncError::UnknownChange(id));
        };
        if !tx.register_follow().settle_change(id, &actor.id(), self.now()).await? {
            return Ok(false);
        }
        tx.commit(AuditEvent::RegisterChangeSettled {
            by: actor.id(),
            person: change.person,
            national_identity: change.national_identity,
            kind: Code::of(change.kind.name()),
        })
        .await?;
        Ok(true)
    }
}

fn first_told(heard: &Heard, by: ToldBy, as_of: DateTime<Utc>) -> RegisterTold {
    let missed = heard.standing.is_none();
    RegisterTold {
        id_nat: heard.identity.id_nat.clone(),
        standing: heard.standing.clone().unwrap_or_default(),
        by,
        as_of,
        absences: u32::from(missed),
        missed_at: missed.then_some(as_of),
    }
}

fn hear_all(
    register: &Register,
    identities: Vec<NationalIdentity>,
) -> Result<Vec<Heard>, RegisterError> {
    let mut heard = Vec::with_capacity(identities.len());
    for identity in identities {
        let person = register.find_by_id_nat(&identity.id_nat)?;
        let became = match person {
            Some(_) => None,
            None => register.bearer_of_former(&identity.id_nat)?,
        };
        heard.push(Heard { identity, standing: person.as_ref().map(standing_of), became });
    }
    Ok(heard)
}
