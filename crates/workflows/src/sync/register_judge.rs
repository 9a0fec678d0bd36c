//! Before a new version of the register is accepted: what it changes of the people we hold.
use super::SyncError;
use super::register_follow::standing_of;
use crate::accords::Begun;
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Code, Digest};
use chrono::Duration;
use directory::{
    NationalIdentity, RegisterChangeKind, RegisterShift, RegisterStanding, RegisterTold,
};
use kernel::{Actor, Capability, DateTime, IdNat, Utc};
use std::collections::HashMap;
use store::StoreError;
use store::register::{Register, RegisterError, RegisterVersion, WaitingRegister};

#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    #[error("no version of the register waits to be accepted")]
    Nothing,
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sync(#[from] SyncError),
}

/// What people said of a version that a brake held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Accepted,
    Dismissed,
}

impl Settled {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
        }
    }
    fn from_name(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Dismissed].into_iter().find(|settled| settled.name() == name)
    }
}

struct SettledVersion {
    settled: Settled,
    at: DateTime<Utc>,
    /// The fact, as it stands.
    text: String,
}

/// A fact of all nodes: the content that a brake held last, and what it changes of the people we hold.
const HELD: &str = "register.held";
/// An accord is for the content while it goes round the nodes, and not for whoever reads it again days later.
const AGREED_FOR: Duration = Duration::days(1);

/// A fact of all nodes: what people said first of this content. Of another content nothing is said by it.
fn settled_key(file: Digest) -> String {
    format!("register.settled/{file}")
}

impl Workflows {
    /// Accepts the version, or leaves it waiting beside the one in use when a brake holds it (DA-08).
    pub(super) async fn judge_register(
        &self,
        actor: &Actor,
        waiting: WaitingRegister,
    ) -> Result<String, SyncError> {
        let reader = self.store().read();
        let told = reader.register_follow().told_all().await?;
        let linked = reader.national_identities().all().await?;
        let in_use = self.register()?;
        let (waiting, shift) = tokio::task::spawn_blocking(move || {
            let known = known_standings(linked, told, in_use.as_ref())?;
            let shift = shift(&waiting.open()?, &known)?;
            Ok::<_, RegisterError>((waiting, shift))
        })
        .await
        .map_err(|_| SyncError::Unreadable("register"))??;
        let (file, read_at) = (content_of(waiting.version()), waiting.version().imported_at);
        let known = self.settled_version(file).await?;
        let agreed = known.as_ref().is_some_and(|known| {
            known.settled == Settled::Accepted && read_at <= known.at + AGREED_FOR
        });
        if let Some(brake) = shift.brake().filter(|_| !agreed) {
            let brake = Code::of(brake.name());
            self.store().upkeep().set_fact(HELD, &held_fact(file, &shift)).await?;
            // Held anew: what was said before it was read is to be said again. What somebody says meanwhile stays.
            if let Some(old) = known.filter(|known| known.at < read_at) {
                self.store().upkeep().forget_fact(&settled_key(file), &old.text).await?;
            }
            let count = shift.professions + shift.names + shift.missing;
            self.trace(AuditEvent::RegisterHeld { by: actor.id(), file, brake, count }).await?;
            return Ok(format!(
                "L’extraction attend un accord : sur {} personnes suivies, {} changent de profession, {} de nom, {} disparaissent. \
                 Celle d’avant reste en service.",
                shift.held, shift.professions, shift.names, shift.missing
            ));
        }
        let version = self.accept_waiting(actor, waiting).await?;
        Ok(format!("{} personnes, {} lignes.", version.persons, version.lines()))
    }

    /// The version that waits; `None` when nothing does.
    pub fn waiting_register(&self) -> Result<Option<RegisterVersion>, RegisterError> {
        RegisterVersion::waiting(&self.parts().register_folder)
    }

    /// A human looked at what the waiting version changes, and takes it.
    pub async fn accept_register(&self, actor: &Actor) -> Result<RegisterVersion, AcceptError> {
        self.must(actor, Capability::ReleaseBrakes, "accept_register").await?;
        self.accept_in(Begun::alone(self.store().begin().await?), actor).await
    }

    /// Said before it is done: a version that is in use was let go by somebody. Killed between, it is followed later.
    pub(crate) async fn accept_in(
        &self,
        begun: Begun,
        actor: &Actor,
    ) -> Result<RegisterVersion, AcceptError> {
        let waiting =
            WaitingRegister::find(&self.parts().register_folder)?.ok_or(AcceptError::Nothing)?;
        self.settle_in(begun, actor, content_of(waiting.version()), Settled::Accepted).await?;
        Ok(self.accept_waiting(actor, waiting).await?)
    }

    /// What people said of a version, for every node that holds it: the content that they said it of, and no number of
    /// one node's folder.
    pub(crate) async fn settle_in(
        &self,
        begun: Begun,
        actor: &Actor,
        file: Digest,
        settled: Settled,
    ) -> Result<(), AcceptError> {
        let told = format!("{} {}", settled.name(), self.now().to_rfc3339());
        if let Some(old) = self.outdated_word(file).await? {
            begun.tx.counters().delete_fact(&settled_key(file), &old.text).await?;
        }
        // Two people may say two things of it on two nodes within a minute: the first counts, the other is told.
        if !begun.tx.counters().insert_fact(&settled_key(file), &told).await? {
            return Err(AcceptError::Nothing);
        }
        let by = actor.id();
        let event = match settled {
            Settled::Accepted => AuditEvent::RegisterReleased { by, file },
            Settled::Dismissed => AuditEvent::RegisterDismissed { by, file },
        };
        Ok(begun.commit(event).await?)
    }

    async fn settled_version(&self, file: Digest) -> Result<Option<SettledVersion>, StoreError> {
        let told = self.store().read().counters().fact(&settled_key(file)).await?;
        Ok(told.and_then(|text| {
            let (settled, at) = text.split_once(' ')?;
            let settled = Settled::from_name(settled)?;
            let at = DateTime::parse_from_rfc3339(at).ok()?.to_utc();
            Some(SettledVersion { settled, at, text })
        }))
    }

    /// What was said of this content before the version that waits here was read: it settles that one no more, so that
    /// it may be said again (by whichever clock; a node may have been cut off between holding it and forgetting this).
    async fn outdated_word(&self, file: Digest) -> Result<Option<SettledVersion>, AcceptError> {
        let here = self.waiting_register()?.filter(|version| content_of(version) == file);
        let Some(here) = here else { return Ok(None) };
        let known = self.settled_version(file).await?;
        Ok(known.filter(|known| known.at < here.imported_at))
    }

    /// A version that waits here and was accepted, or dismissed, on another node: done here too. True: it was.
    pub async fn follow_settled_register(&self) -> Result<bool, AcceptError> {
        let Some(waiting) = WaitingRegister::find(&self.parts().register_folder)? else {
            return Ok(false);
        };
        // One that was read after that is judged anew.
        let concerned = |known: &SettledVersion| waiting.version().imported_at <= known.at;
        let file = content_of(waiting.version());
        let Some(known) = self.settled_version(file).await?.filter(concerned) else {
            return Ok(false);
        };
        match known.settled {
            Settled::Accepted => {
                let actor = Actor::job("register_settled", []);
                self.accept_waiting(&actor, waiting).await?;
            }
            Settled::Dismissed => {
                waiting.discard()?;
            }
        }
        Ok(true)
    }

    /// The content of the version that waits, and of which nobody said anything yet: here, or on the node whose brake held it
    /// last.
    pub(crate) async fn must_be_held(&self, file: Digest) -> Result<(), AcceptError> {
        let said = self.settled_version(file).await?.is_some();
        if said && self.outdated_word(file).await?.is_none() {
            return Err(AcceptError::Nothing);
        }
        let here = self.waiting_register()?.map(|version| content_of(&version));
        let elsewhere = self.store().read().counters().fact(HELD).await?;
        let elsewhere = elsewhere.as_deref().and_then(|fact| fact.split(' ').next());
        match here == Some(file) || elsewhere == Some(file.to_string().as_str()) {
            true => Ok(()),
            false => Err(AcceptError::Nothing),
        }
    }

    /// What a version that waits would change of the people we hold, as it was counted when a brake held it; `None` when
    /// another content was held since.
    pub async fn held_shift(
        &self,
        version: &RegisterVersion,
    ) -> Result<Option<RegisterShift>, StoreError> {
        let fact = self.store().read().counters().fact(HELD).await?;
        Ok(fact.and_then(|fact| shift_of(&fact, content_of(version))))
    }

    /// Forgets the waiting version; the one in use stays.
    pub async fn dismiss_register(&self, actor: &Actor) -> Result<RegisterVersion, AcceptError> {
        self.must(actor, Capability::ReleaseBrakes, "dismiss_register").await?;
        self.dismiss_in(Begun::alone(self.store().begin().await?), actor).await
    }

    pub(crate) async fn dismiss_in(
        &self,
        begun: Begun,
        actor: &Actor,
    ) -> Result<RegisterVersion, AcceptError> {
        let waiting =
            WaitingRegister::find(&self.parts().register_folder)?.ok_or(AcceptError::Nothing)?;
        self.settle_in(begun, actor, content_of(waiting.version()), Settled::Dismissed).await?;
        Ok(waiting.discard()?)
    }

    async fn accept_waiting(
        &self,
        actor: &Actor,
        waiting: WaitingRegister,
    ) -> Result<RegisterVersion, SyncError> {
        let version = waiting.accept()?;
        self.trace(imported_event(actor, &version, self.today())).await?;
        self.follow_register(actor).await?;
        Ok(version)
    }
}

/// What the register said last of each link in force, and whether it listed it: what was followed, else what the version
/// in use says. Links that ended count no more.
fn known_standings(
    linked: Vec<NationalIdentity>,
    told: Vec<RegisterTold>,
    in_use: Option<&Register>,
) -> Result<Vec<(IdNat, RegisterStanding, bool)>, RegisterError> {
    let mut told: HashMap<IdNat, RegisterTold> =
        told.into_iter().map(|told| (told.id_nat.clone(), told)).collect();
    let mut known = Vec::with_capacity(linked.len());
    for identity in linked {
        let (followed, id_nat) = (told.remove(&identity.id_nat), identity.id_nat);
        if let Some(told) = followed {
            known.push((id_nat, told.standing, told.absences == 0));
        } else if let Some(register) = in_use
            && let Some(person) = register.find_by_id_nat(&id_nat)?
        {
            known.push((id_nat, standing_of(&person), true));
        }
    }
    Ok(known)
}

fn held_fact(file: Digest, shift: &RegisterShift) -> String {
    let RegisterShift { held, professions, names, missing } = shift;
    format!("{file} {held} {professions} {names} {missing}")
}

/// Its other half; a fact that tells the content alone was written before an upgrade.
fn shift_of(fact: &str, file: Digest) -> Option<RegisterShift> {
    let counts = fact.strip_prefix(&format!("{file} "))?.split(' ').map(str::parse);
    let counts: Vec<u64> = counts.collect::<Result<_, _>>().ok()?;
    let [held, professions, names, missing] = counts[..] else { return None };
    Some(RegisterShift { held, professions, names, missing })
}

/// How many of the people we hold a version changes, against what the register said of them last.
fn shift(
    register: &Register,
    known: &[(IdNat, RegisterStanding, bool)],
) -> Result<RegisterShift, RegisterError> {
    let mut shift = RegisterShift { held: known.len() as u64, ..RegisterShift::default() };
    for (id_nat, standing, was_listed) in known {
        let Some(person) = register.find_by_id_nat(id_nat)? else {
            shift.missing += u64::from(*was_listed);
            continue;
        };
        for difference in standing.differences(&standing_of(&person)) {
            match difference.kind {
                RegisterChangeKind::Name => shift.names += 1,
                RegisterChangeKind::Profession => shift.professions += 1,
                RegisterChangeKind::ActivityEnded
                | RegisterChangeKind::ActivityBegun
                | RegisterChangeKind::Absent
                | RegisterChangeKind::Back
                | RegisterChangeKind::Merged => {}
            }
        }
    }
    Ok(shift)
}

/// All the extracts of a version, as one.
pub fn content_of(version: &RegisterVersion) -> Digest {
    let hashes: Vec<&str> = version.files.iter().map(|file| file.sha256.as_str()).collect();
    Digest::of(hashes.join("\n").as_bytes())
}

fn imported_event(
    actor: &Actor,
    version: &RegisterVersion,
    today: kernel::NaiveDate,
) -> AuditEvent {
    AuditEvent::RegisterImported {
        by: actor.id(),
        file: content_of(version),
        extracted_on: version.extracted_at.map_or(today, |at| at.date_naive()),
        lines: version.lines(),
        persons: version.persons,
        rejected: version.files.iter().map(|file| file.left_out).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_of_a_version_is_told_of_its_content_alone() {
        let (file, other) = (Digest::of(b"extract"), Digest::of(b"another"));
        let shift = RegisterShift { held: 2555, professions: 61, names: 14, missing: 0 };
        let fact = held_fact(file, &shift);
        assert_eq!(shift_of(&fact, file), Some(shift));
        assert_eq!(shift_of(&fact, other), None);
        assert_eq!(shift_of(&file.to_string(), file), None, "written before an upgrade");
        assert_eq!(shift_of(&format!("{file} 1 2 3"), file), None);
    }
}
