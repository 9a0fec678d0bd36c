use super::{SyncError, audit_counts};
use crate::{JobContext, Workflows};
use audit::{AuditEvent, Code};
use directory::planning::{ReadRecord, Reading};
use directory::{FeedFault, Run, RunState};
use identity::mapping::Mapping;
use identity::{Fault, Staged, Stager, normalise};
use kernel::{Actor, RunId, SourceId};
use store::SourceDefinition;

/// Records staged in one upkeep transaction.
const STAGED_AT_ONCE: usize = 1_000;

impl Workflows {
    /// The job of a sync. Taken up again after a crash, it starts at the step that was not finished.
    pub(crate) async fn run_sync(
        &self,
        actor: &Actor,
        source: SourceId,
        run: RunId,
        apply: bool,
        context: &JobContext,
    ) -> Result<String, SyncError> {
        let mut run =
            self.store().read().runs().find(run).await?.ok_or(SyncError::UnknownRun(run))?;
        if matches!(run.state, RunState::Reading | RunState::Deciding)
            && let Err(error) = self.read_and_plan(actor, source, &mut run, context).await
        {
            self.end_badly(actor, source, &mut run, &error).await?;
            return Err(error);
        }
        match run.state {
            RunState::Planned | RunState::Applying if apply => {
                self.run_apply(actor, run.id, context).await
            }
            RunState::Waiting => Ok("Un frein retient le plan : il attend un accord.".to_owned()),
            _ => Ok(format!("{} lignes au plan.", run.counts.items())),
        }
    }

    async fn end_badly(
        &self,
        actor: &Actor,
        source: SourceId,
        run: &mut Run,
        error: &SyncError,
    ) -> Result<(), SyncError> {
        run.state =
            if matches!(error, SyncError::Stopped) { RunState::Stopped } else { RunState::Failed };
        run.ended_at = Some(self.now());
        run.error = Some(error.french());
        let tx = self.store().begin().await?;
        tx.runs().save(run).await?;
        let reason = Code::of(error.code());
        tx.commit(AuditEvent::RunFailed { by: actor.id(), source, run: run.id, reason }).await?;
        Ok(())
    }

    async fn read_and_plan(
        &self,
        actor: &Actor,
        source: SourceId,
        run: &mut Run,
        context: &JobContext,
    ) -> Result<(), SyncError> {
        let known = self.store().read().sources().find(source).await?;
        let definition = known.ok_or(SyncError::UnknownSource(source))?;
        let mapping = Mapping::parse(&definition.definition).map_err(|_| SyncError::Definition)?;
        let staged = self.read_source(&definition, &mapping, run, context).await?;
        run.state = RunState::Deciding;
        run.lines = staged.lines;
        self.store().upkeep().save_run(run).await?;
        self.keep_staged(source, run.id, &staged, context).await?;
        let reading = self.normalised(&mapping, staged, run);
        self.plan(actor, source, &mapping, reading, run).await
    }

    async fn read_source(
        &self,
        definition: &SourceDefinition,
        mapping: &Mapping,
        run: &mut Run,
        context: &JobContext,
    ) -> Result<Staged, SyncError> {
        let source = self.parts().sources.open(&definition.definition)?;
        let mut reading = source.read().await?;
        let mut stager = Stager::new(mapping);
        let usual = self
            .store()
            .read()
            .runs()
            .last_applied(definition.id)
            .await?
            .map_or(0, |run| run.lines);
        let mut lines = 0;
        while let Some(batch) = reading.next_batch().await? {
            if context.is_stopped() {
                return Err(SyncError::Stopped);
            }
            lines += batch.len() as u64;
            context.set(lines, usual.max(lines));
            stager.push(batch);
        }
        run.warnings = reading.warnings();
        Ok(stager.finish())
    }

    async fn keep_staged(
        &self,
        source: SourceId,
        run: RunId,
        staged: &Staged,
        context: &JobContext,
    ) -> Result<(), SyncError> {
        let at = self.now();
        for chunk in staged.records.chunks(STAGED_AT_ONCE) {
            if context.is_stopped() {
                return Err(SyncError::Stopped);
            }
            let rows: Vec<store::Staged> = chunk
                .iter()
                .map(|record| store::Staged {
                    id: self.id(),
                    source,
                    run,
                    key: record.key.clone(),
                    hash: record.hash,
                    lines: json(&record.lines.iter().map(|line| line.number).collect::<Vec<_>>()),
                    columns: json(
                        &record.lines.iter().map(|line| &line.columns).collect::<Vec<_>>(),
                    ),
                    at,
                })
                .collect();
            self.store().upkeep().stage(&rows).await?;
        }
        Ok(())
    }

    fn normalised(&self, mapping: &Mapping, staged: Staged, run: &mut Run) -> Reading {
        let today = self.today();
        let mut reading = Reading { has_strays: !staged.faults.is_empty(), ..Reading::default() };
        let mut faults: Vec<FeedFault> = staged.faults.iter().map(shown).collect();
        for record in &staged.records {
            match normalise(mapping, record, today) {
                Ok(normalised) => {
                    faults.extend(normalised.warnings.iter().map(shown));
                    reading
                        .records
                        .push(ReadRecord { identity: normalised.identity, hash: record.hash });
                }
                Err(wrong) => {
                    faults.extend(wrong.iter().map(shown));
                    reading.faulty.insert(record.key.clone());
                }
            }
        }
        if faults.len() > Run::FAULTS_KEPT {
            run.warnings.push(format!(
                "{} anomalies de lignes, les {} premières sont montrées.",
                faults.len(),
                Run::FAULTS_KEPT
            ));
            faults.truncate(Run::FAULTS_KEPT);
        }
        if reading.has_strays {
            run.warnings.push(
                "Des lignes ne sont rattachables à personne : aucune absence n’est comptée dans cette lecture.".to_owned(),
            );
        }
        run.faults = faults;
        reading
    }

    pub(super) async fn planned_event(
        &self,
        actor: &Actor,
        source: SourceId,
        run: &Run,
    ) -> AuditEvent {
        let counts = audit_counts(run);
        match run.brakes.iter().find(|brake| brake.passed) {
            Some(brake) => AuditEvent::RunWaiting {
                by: actor.id(),
                source,
                run: run.id,
                brake: super::words::brake(&brake.name),
                counts,
            },
            None => AuditEvent::RunPlanned { by: actor.id(), source, run: run.id, counts },
        }
    }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers serialise")
}

fn shown(fault: &Fault) -> FeedFault {
    FeedFault {
        line: Some(fault.line),
        column: Some(fault.column.clone()),
        found: Some(fault.found.shown()),
        expected: Some(fault.expected.code().to_owned()),
        message: fault.message_fr(),
    }
}
