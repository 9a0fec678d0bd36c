//! A run: read everything, stage, decide, plan, check brakes, apply. A dry run is the same code without the last step.
mod act;
mod apply;
pub(crate) mod declared;
mod plan;
mod read;
mod reconcile;
mod register;
mod register_check;
mod register_coverage;
mod register_follow;
mod register_judge;
mod register_remote;
mod release;
mod resolve;
mod schedule;
mod words;

pub(crate) use act::Chunk;
pub use register::ImportLimits;
pub use register_check::{
    Due, Indicator, IndicatorFeed, IndicatorProof, Indicators, RECHECK, ToRegister,
};
pub use register_coverage::Coverage;
pub(crate) use register_judge::Settled;
pub use register_judge::{AcceptError, content_of};
pub use register_remote::RefreshStanding;
pub use release::ReleaseError;
pub use schedule::SCHEDULE;

use crate::{JobParams, WorkflowError, Workflows};
use audit::AuditEvent;
use directory::{FourEyes, Run, RunCounts, RunKind, RunState};
use kernel::{Actor, Capability, PlanItemId, RunId, SourceId};
use store::register::RegisterError;
use store::{Job, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("no source bears this id")]
    UnknownSource(SourceId),
    #[error("no run bears this id")]
    UnknownRun(RunId),
    /// The plan is not there to be applied (state in words).
    #[error("the run is {0}: there is nothing to apply")]
    NotPlanned(&'static str),
    #[error("the data moved since this plan was made; nothing was applied")]
    Moved,
    #[error(transparent)]
    FourEyes(#[from] FourEyes),
    #[error("the source could not be read: {0}")]
    Read(#[from] identity::SourceError),
    #[error("the definition of the source does not hold any more")]
    Definition,
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error("no register was imported yet")]
    NoRegister,
    #[error("the register could not be searched: {0}")]
    Search(String),
    #[error("no change of the register bears this id")]
    UnknownChange(kernel::RegisterChangeId),
    #[error("a number leads to one other, and never round")]
    Alias,
    #[error("this act says on what evidence it is done")]
    NoEvidence,
    #[error("this number is not in the register in use")]
    NotListed,
    #[error("nobody here bears this number")]
    NoLink,
    #[error("the register's publisher: {0}")]
    Remote(String),
    #[error("the last changes heard are more than thirty days old: import a whole extract first")]
    DeltaTooOld,
    #[error("stopped before its end")]
    Stopped,
    #[error("another job works on this plan")]
    UnderWay,
    /// What was applied stays applied; the plan goes on from there.
    #[error("{cause} (after {applied} lines were applied)")]
    CutOff { applied: u64, cause: Box<SyncError> },
    #[error("the {0} does not parse")]
    Unreadable(&'static str),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SyncError {
    /// What happened, what is safe, what to do: as the console shows it.
    pub fn french(&self) -> String {
        let safe = match self {
            Self::Stopped => return self.what_in_french(),
            Self::CutOff { applied: 1, .. } => "Une ligne est appliquée".to_owned(),
            Self::CutOff { applied, .. } if *applied > 0 => {
                format!("{applied} lignes sont appliquées")
            }
            _ => return format!("{} Rien n’a été modifié.", self.what_in_french()),
        };
        format!("{} {safe} ; reprenez la tâche pour les suivantes.", self.what_in_french())
    }

    fn what_in_french(&self) -> String {
        match self {
            Self::UnknownSource(_) => "La source n’existe pas.".to_owned(),
            Self::UnknownRun(_) => "Cette lecture n’existe pas.".to_owned(),
            Self::NotPlanned(_) => "Il n’y a pas de plan à appliquer.".to_owned(),
            Self::Moved => "Les données ont changé depuis cet aperçu. Recalculez.".to_owned(),
            Self::FourEyes(FourEyes::SamePerson) => {
                "Le second accord doit venir d’une autre personne que celle qui applique."
                    .to_owned()
            }
            Self::FourEyes(FourEyes::NoAccord | FourEyes::NoPerson | FourEyes::NotHeld(_)) => {
                "Un frein retient ce plan : un second accord est requis.".to_owned()
            }
            Self::Read(cause) => format!("La source n’a pas pu être lue. {}", french_read(cause)),
            Self::Definition => "La définition de la source ne tient plus. Corrigez-la.".to_owned(),
            Self::Register(cause) => format!("Le registre n’a pas été repris. {cause}"),
            Self::NoRegister => "Aucun extrait de l’Annuaire Santé n’a été importé.".to_owned(),
            Self::Search(_) => "Le registre n’a pas pu être consulté.".to_owned(),
            Self::UnknownChange(_) => "Ce changement n’existe pas.".to_owned(),
            Self::Alias => "Un ancien numéro mène à un seul autre, jamais à lui-même.".to_owned(),
            Self::Remote(cause) => format!("L’Annuaire Santé n’a pas répondu comme attendu : {cause}."),
            Self::DeltaTooOld => {
                "Les dernières nouveautés reçues ont plus de trente jours : importez une extraction entière.".to_owned()
            }
            Self::NoEvidence => "Indiquez la preuve qui a été vue.".to_owned(),
            Self::NotListed => "Ce numéro ne figure pas dans l’Annuaire Santé en service.".to_owned(),
            Self::NoLink => "Personne ici ne porte ce numéro.".to_owned(),
            Self::Stopped => "Arrêté avant la fin.".to_owned(),
            Self::UnderWay => "Une autre tâche applique déjà ce plan.".to_owned(),
            Self::CutOff { cause, .. } => cause.what_in_french(),
            Self::Store(cause) | Self::Workflow(WorkflowError::Store(cause)) => {
                french_store(cause).to_owned()
            }
            Self::Unreadable(_) | Self::Workflow(WorkflowError::Forbidden { .. }) => {
                "La base n’a pas répondu comme attendu. Voir les traces.".to_owned()
            }
        }
    }

    /// For the traces: what a feed said stays out of them. An export without a header has a person on its first line.
    pub(crate) fn traced(&self) -> String {
        match self {
            Self::Read(identity::SourceError::Malformed { place, expected, .. }) => {
                format!("the source could not be read: {place}: expected {expected}")
            }
            other => other.to_string(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownSource(_) => "unknown_source",
            Self::UnknownRun(_) => "unknown_run",
            Self::NotPlanned(_) => "not_planned",
            Self::Moved => "data_moved",
            Self::FourEyes(_) => "held",
            Self::Read(cause) => match cause {
                identity::SourceError::Unreachable { .. } => "unreachable",
                identity::SourceError::Refused { .. } => "account_refused",
                identity::SourceError::Malformed { .. } => "malformed",
                identity::SourceError::Truncated { .. } => "truncated",
                identity::SourceError::Settings { .. } => "settings",
            },
            Self::Definition => "definition",
            Self::Register(_) => "register",
            Self::NoRegister => "no_register",
            Self::Search(_) => "search",
            Self::UnknownChange(_) => "unknown_change",
            Self::Alias => "alias",
            Self::NoEvidence => "no_evidence",
            Self::NotListed => "not_listed",
            Self::NoLink => "no_link",
            Self::Remote(_) => "remote",
            Self::DeltaTooOld => "delta_too_old",
            Self::Stopped => "stopped",
            Self::UnderWay => "under_way",
            Self::CutOff { cause, .. } => cause.code(),
            Self::Unreadable(_) => "unreadable",
            Self::Workflow(_) => "workflow",
            Self::Store(_) => "store",
        }
    }
}

fn french_store(cause: &StoreError) -> &'static str {
    match cause {
        StoreError::Full(_) => {
            "Le disque de la base est plein. Faites de la place, puis recommencez."
        }
        StoreError::ReadOnly(_) => {
            "La base est en lecture seule. Rendez-la inscriptible, puis recommencez."
        }
        StoreError::Locked { .. } => "La base est occupée par un autre programme. Recommencez.",
        _ => "La base n’a pas répondu comme attendu. Voir les traces.",
    }
}

fn french_read(cause: &identity::SourceError) -> String {
    use identity::SourceError as Read;
    match cause {
        Read::Unreachable { name, cause } => format!("« {name} » est injoignable : {cause}."),
        Read::Refused { name, cause } => {
            format!("« {name} » refuse le compte de lecture : {cause}.")
        }
        Read::Malformed { place, expected, found } => {
            format!("{place} : attendu {expected} ; trouvé {found}.")
        }
        Read::Truncated { name, cause } => format!("« {name} » s’arrête avant la fin : {cause}."),
        Read::Settings { name, cause } => format!("Réglages de « {name} » : {cause}."),
    }
}

/// Which lines of a plan to apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    AllBut(Vec<PlanItemId>),
    Only(Vec<PlanItemId>),
}

impl Workflows {
    /// Begins a reading of a source, as a job. `apply`: also applies the plan when no brake holds it.
    pub async fn start_sync(
        &self,
        actor: &Actor,
        source: SourceId,
        apply: bool,
    ) -> Result<(Run, Job), SyncError> {
        self.must(actor, Capability::RunSources, "start_sync").await?;
        if apply {
            self.must(actor, Capability::ApplyPlans, "start_sync").await?;
        }
        let known = self.store().read().sources().find(source).await?;
        known.ok_or(SyncError::UnknownSource(source))?;
        let run = self.new_run(Some(source), RunKind::Sync, actor);
        self.store().upkeep().save_run(&run).await?;
        let job = self.queue(&JobParams::Sync { source, run: run.id, apply }, actor.id()).await?;
        Ok((run, job))
    }

    /// Applies chosen lines of a plan, as a job. One that a brake holds must have been let go by somebody else.
    pub async fn start_apply(
        &self,
        actor: &Actor,
        run: RunId,
        selection: &Selection,
    ) -> Result<Job, SyncError> {
        self.must(actor, Capability::ApplyPlans, "apply_plan").await?;
        let known =
            self.store().read().runs().find(run).await?.ok_or(SyncError::UnknownRun(run))?;
        if !matches!(known.state, RunState::Planned | RunState::Waiting) {
            return Err(SyncError::NotPlanned(known.state.name()));
        }
        known.let_go_for(&actor.id(), self.now())?;
        if self.works_on(run).await? {
            return Err(SyncError::UnderWay);
        }
        self.store().upkeep().select_items(run, selection_parts(selection)).await?;
        Ok(self.queue(&JobParams::Apply { run }, actor.id()).await?)
    }

    /// Sets a plan aside: nothing of it is applied.
    pub async fn dismiss_run(&self, actor: &Actor, run: RunId) -> Result<(), SyncError> {
        self.must(actor, Capability::ApplyPlans, "dismiss_run").await?;
        let tx = self.store().begin().await?;
        let mut known = tx.runs().lock(run).await?.ok_or(SyncError::UnknownRun(run))?;
        if !matches!(known.state, RunState::Planned | RunState::Waiting) {
            return Err(SyncError::NotPlanned(known.state.name()));
        }
        known.state = RunState::Refused;
        known.error = Some("Écarté par un opérateur.".to_owned());
        known.ended_at = Some(self.now());
        tx.runs().save(&known).await?;
        let Some(source) = known.source else { return Err(SyncError::UnknownRun(run)) };
        tx.commit(AuditEvent::RunDismissed { by: actor.id(), source, run }).await?;
        Ok(())
    }

    /// Begins a comparison of everybody with the register, as a job.
    pub async fn start_reconcile(&self, actor: &Actor) -> Result<(Run, Job), SyncError> {
        self.must(actor, Capability::RunSources, "start_reconcile").await?;
        let run = self.new_run(None, RunKind::Reconcile, actor);
        self.store().upkeep().save_run(&run).await?;
        let job = self.queue(&JobParams::Reconcile { run: run.id }, actor.id()).await?;
        Ok((run, job))
    }

    /// Begins an import of extracts, as a job.
    pub async fn start_register_import(
        &self,
        actor: &Actor,
        files: Vec<std::path::PathBuf>,
        limits: ImportLimits,
    ) -> Result<Job, SyncError> {
        self.must(actor, Capability::ImportRegister, "import_register").await?;
        Ok(self.queue(&JobParams::RegisterImport { files, limits }, actor.id()).await?)
    }

    pub(crate) fn new_run(&self, source: Option<SourceId>, kind: RunKind, actor: &Actor) -> Run {
        Run {
            id: self.id(),
            source,
            kind,
            state: RunState::Reading,
            started_at: self.now(),
            ended_at: None,
            lines: 0,
            counts: RunCounts::default(),
            brakes: Vec::new(),
            faults: Vec::new(),
            warnings: Vec::new(),
            data_version: 0,
            error: None,
            by: actor.id(),
            released: None,
        }
    }
}

fn selection_parts(selection: &Selection) -> (Option<&[PlanItemId]>, &[PlanItemId]) {
    match selection {
        Selection::AllBut(except) => (None, except),
        Selection::Only(only) => (Some(only), &[]),
    }
}

/// Counts as the audit keeps them.
fn audit_counts(run: &Run) -> audit::RunCounts {
    audit::RunCounts {
        lines: run.lines,
        created: run.counts.create,
        changed: run.counts.change + run.counts.link,
        closed: run.counts.close,
        reopened: run.counts.reopen,
        conflicts: run.counts.conflict,
        doubts: run.counts.doubt,
        faults: run.counts.faulty,
    }
}

#[cfg(test)]
mod tests {
    use super::SyncError;

    #[test]
    fn what_a_feed_said_never_reaches_the_traces() {
        let error = SyncError::Read(identity::SourceError::Malformed {
            place: "rh.csv, en-tête".to_owned(),
            expected: "la colonne « MATRICULE »".to_owned(),
            found: "« MARTIN », « 14/02/1988 »".to_owned(),
        });
        assert!(error.french().contains("MARTIN"), "the operator sees it");
        let traced = error.traced();
        assert!(
            traced.contains("MATRICULE") && !traced.contains("MARTIN") && !traced.contains("1988"),
            "{traced}"
        );
    }
}
