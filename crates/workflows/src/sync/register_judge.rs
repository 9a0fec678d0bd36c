//! Before a new version of the register is accepted: what it changes of the people we hold.
use super::SyncError;
use super::register_follow::standing_of;
use crate::accords::Begun;
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Code, Digest};
use directory::{
    NationalIdentity, RegisterChangeKind, RegisterShift, RegisterStanding, RegisterTold,
};
use kernel::{Actor, Capability, IdNat};
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
        if let Some(brake) = shift.brake() {
            let (file, brake) = (digest(waiting.version()), Code::of(brake.name()));
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

    /// Said before it is done: a version that is in use was let go by somebody. Killed between, it waits as before.
    pub(crate) async fn accept_in(
        &self,
        begun: Begun,
        actor: &Actor,
    ) -> Result<RegisterVersion, AcceptError> {
        let waiting =
            WaitingRegister::find(&self.parts().register_folder)?.ok_or(AcceptError::Nothing)?;
        let file = digest(waiting.version());
        begun.commit(AuditEvent::RegisterReleased { by: actor.id(), file }).await?;
        Ok(self.accept_waiting(actor, waiting).await?)
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
        let file = digest(waiting.version());
        begun.commit(AuditEvent::RegisterDismissed { by: actor.id(), file }).await?;
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
fn digest(version: &RegisterVersion) -> Digest {
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
        file: digest(version),
        extracted_on: version.extracted_at.map_or(today, |at| at.date_naive()),
        lines: version.lines(),
        persons: version.persons,
        rejected: version.files.iter().map(|file| file.left_out).sum(),
    }
}
