use crate::StoreError;
use crate::entity::{plan_item, run};
use crate::error::Attempted;
use crate::national_identities::to_json;
use chrono::{DateTime, Utc};
use directory::{Act, FieldChange, ItemKind, PlanItem, Release, Run, RunKind, RunState};
use identity::ExternalKey;
use kernel::{PersonId, RunId, SourceId};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

/// Where the applying of a plan was left off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOff {
    pub source: Option<SourceId>,
    /// Lines that were applied, of the chosen ones.
    pub count: u64,
    pub lines: u64,
}

/// Runs: one reading of one source each.
pub struct Runs<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Runs<'_, C> {
    pub async fn find(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        let row = run::Entity::find_by_id(id.uuid()).one(self.0).await.attempted("read a run")?;
        row.map(read).transpose()
    }

    /// The run as it is, held until the act ends: two that apply it take its lines one after the other.
    pub async fn lock(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        let row = run::Entity::find_by_id(id.uuid())
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("hold a run")?;
        row.map(read).transpose()
    }

    pub async fn insert(&self, run: &Run) -> Result<(), StoreError> {
        let insert = run::Entity::insert(row(run).into_active_model());
        insert.exec_without_returning(self.0).await.attempted("begin a run")?;
        Ok(())
    }

    pub async fn save(&self, run: &Run) -> Result<(), StoreError> {
        run::Entity::update_many()
            .set(row(run).into_active_model().reset_all())
            .filter(run::Column::Id.eq(run.id.uuid()))
            .exec(self.0)
            .await
            .attempted("save a run")?;
        Ok(())
    }

    /// A plan of which a part was applied is not applied any further: the next reading plans what is left. `None`: it was
    /// not being applied.
    pub async fn leave_off(
        &self,
        id: RunId,
        at: DateTime<Utc>,
    ) -> Result<Option<LeftOff>, StoreError> {
        let change = run::ActiveModel {
            state: Set(RunState::Stopped.name().to_owned()),
            ended_at: Set(Some(at)),
            ..Default::default()
        };
        let left = run::Entity::update_many()
            .set(change)
            .filter(run::Column::Id.eq(id.uuid()))
            .filter(run::Column::State.eq(RunState::Applying.name()))
            .exec(self.0)
            .await
            .attempted("leave a run off")?;
        if left.rows_affected == 0 {
            return Ok(None);
        }
        let chosen = plan_item::Entity::find()
            .filter(plan_item::Column::RunId.eq(id.uuid()))
            .filter(plan_item::Column::Selected.eq(true));
        let applied = chosen.clone().filter(plan_item::Column::AppliedAt.is_not_null());
        let count = applied.count(self.0).await.attempted("count the lines that were applied")?;
        let lines = chosen.count(self.0).await.attempted("count the lines of a plan")?;
        let source = self.find(id).await?.and_then(|run| run.source);
        Ok(Some(LeftOff { source, count, lines }))
    }

    /// Newest first. `source`: its own runs; `None`: all.
    pub async fn recent(
        &self,
        source: Option<SourceId>,
        limit: u64,
    ) -> Result<Vec<Run>, StoreError> {
        let mut query = run::Entity::find().order_by_desc(run::Column::Id).limit(limit);
        if let Some(source) = source {
            query = query.filter(run::Column::SourceId.eq(source.uuid()));
        }
        let rows = query.all(self.0).await.attempted("read runs")?;
        rows.into_iter().map(read).collect()
    }

    /// Runs in one state, oldest first.
    pub async fn in_state(&self, state: RunState) -> Result<Vec<Run>, StoreError> {
        let rows = run::Entity::find()
            .filter(run::Column::State.eq(state.name()))
            .order_by_asc(run::Column::Id)
            .all(self.0)
            .await
            .attempted("read runs by state")?;
        rows.into_iter().map(read).collect()
    }

    /// The last run of a source that was applied to its end, all of its plan or what was chosen of it.
    pub async fn last_applied(&self, source: SourceId) -> Result<Option<Run>, StoreError> {
        let row = run::Entity::find()
            .filter(run::Column::SourceId.eq(source.uuid()))
            .filter(run::Column::State.eq(RunState::Applied.name()))
            .order_by_desc(run::Column::Id)
            .one(self.0)
            .await
            .attempted("read the last applied run")?;
        row.map(read).transpose()
    }
}

/// Plans: the stored lines of a run.
pub struct Plans<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Plans<'_, C> {
    pub async fn insert_all(&self, items: &[PlanItem]) -> Result<(), StoreError> {
        for chunk in items.chunks(500) {
            let rows = chunk.iter().map(|item| item_row(item).into_active_model());
            let insert = plan_item::Entity::insert_many(rows);
            insert.exec_without_returning(self.0).await.attempted("store a plan")?;
        }
        Ok(())
    }

    /// Lines still to apply, in order, at most `limit`.
    pub async fn pending(&self, run: RunId, limit: u64) -> Result<Vec<PlanItem>, StoreError> {
        let rows = plan_item::Entity::find()
            .filter(plan_item::Column::RunId.eq(run.uuid()))
            .filter(plan_item::Column::Selected.eq(true))
            .filter(plan_item::Column::AppliedAt.is_null())
            .order_by_asc(plan_item::Column::Ordinal)
            .limit(limit)
            .all(self.0)
            .await
            .attempted("read the plan")?;
        rows.into_iter().map(read_item).collect()
    }

    /// Lines of one run from `after` (an ordinal) on, of one kind or all.
    pub async fn page(
        &self,
        run: RunId,
        kind: Option<ItemKind>,
        after: Option<u64>,
        limit: u64,
    ) -> Result<Vec<PlanItem>, StoreError> {
        let mut query = plan_item::Entity::find()
            .filter(plan_item::Column::RunId.eq(run.uuid()))
            .order_by_asc(plan_item::Column::Ordinal)
            .limit(limit);
        if let Some(kind) = kind {
            query = query.filter(plan_item::Column::Kind.eq(kind.name()));
        }
        if let Some(after) = after {
            query = query
                .filter(plan_item::Column::Ordinal.gt(i64::try_from(after).unwrap_or(i64::MAX)));
        }
        let rows = query.all(self.0).await.attempted("read the plan")?;
        rows.into_iter().map(read_item).collect()
    }

    /// Keeps only these lines (`Some`), or all but those (`None` with `except`).
    pub async fn select(
        &self,
        run: RunId,
        only: Option<&[kernel::PlanItemId]>,
        except: &[kernel::PlanItemId],
    ) -> Result<(), StoreError> {
        self.set_selected(run, None, only.is_none()).await?;
        for chunk in only.unwrap_or_default().chunks(500) {
            self.set_selected(run, Some(chunk), true).await?;
        }
        for chunk in except.chunks(500) {
            self.set_selected(run, Some(chunk), false).await?;
        }
        Ok(())
    }

    async fn set_selected(
        &self,
        run: RunId,
        items: Option<&[kernel::PlanItemId]>,
        selected: bool,
    ) -> Result<(), StoreError> {
        let change = plan_item::ActiveModel { selected: Set(selected), ..Default::default() };
        let mut update = plan_item::Entity::update_many()
            .set(change)
            .filter(plan_item::Column::RunId.eq(run.uuid()));
        if let Some(items) = items {
            update =
                update.filter(plan_item::Column::Id.is_in(items.iter().map(|item| item.uuid())));
        }
        update.exec(self.0).await.attempted("choose lines of a plan")?;
        Ok(())
    }

    /// Whether a line of this plan was acted on.
    pub async fn is_begun(&self, run: RunId) -> Result<bool, StoreError> {
        let applied = plan_item::Entity::find()
            .filter(plan_item::Column::RunId.eq(run.uuid()))
            .filter(plan_item::Column::AppliedAt.is_not_null())
            .limit(1)
            .one(self.0)
            .await
            .attempted("read the plan")?;
        Ok(applied.is_some())
    }

    /// Forgets the lines of a run that was cut off while it decided.
    pub async fn clear(&self, run: RunId) -> Result<(), StoreError> {
        plan_item::Entity::delete_many()
            .filter(plan_item::Column::RunId.eq(run.uuid()))
            .exec(self.0)
            .await
            .attempted("forget a plan")?;
        Ok(())
    }

    /// Marks lines as done, with what came of each.
    pub async fn mark(
        &self,
        done: &[(kernel::PlanItemId, &'static str)],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut by_outcome: std::collections::BTreeMap<&'static str, Vec<kernel::PlanItemId>> =
            std::collections::BTreeMap::new();
        for (item, outcome) in done {
            by_outcome.entry(outcome).or_default().push(*item);
        }
        for (outcome, items) in by_outcome {
            for chunk in items.chunks(500) {
                let change = plan_item::ActiveModel {
                    result: Set(Some(outcome.to_owned())),
                    applied_at: Set(Some(at)),
                    ..Default::default()
                };
                plan_item::Entity::update_many()
                    .set(change)
                    .filter(plan_item::Column::Id.is_in(chunk.iter().map(|item| item.uuid())))
                    .exec(self.0)
                    .await
                    .attempted("mark lines of a plan")?;
            }
        }
        Ok(())
    }
}

fn row(run: &Run) -> run::Model {
    run::Model {
        id: run.id.uuid(),
        source_id: run.source.map(SourceId::uuid),
        kind: run.kind.name().to_owned(),
        state: run.state.name().to_owned(),
        started_at: run.started_at,
        ended_at: run.ended_at,
        lines: i64::try_from(run.lines).unwrap_or(i64::MAX),
        counts: to_json(&run.counts),
        brakes: to_json(&run.brakes),
        faults: to_json(&run.faults),
        warnings: to_json(&run.warnings),
        data_version: run.data_version,
        error: run.error.clone(),
        by_actor: to_json(&run.by),
        released_by: run.released.as_ref().map(|release| to_json(&release.by)),
        released_at: run.released.as_ref().map(|release| release.at),
    }
}

pub(crate) fn read(row: run::Model) -> Result<Run, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "run", row: id.clone(), column };
    Ok(Run {
        id: row.id.into(),
        source: row.source_id.map(Into::into),
        kind: RunKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        state: RunState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        started_at: row.started_at,
        ended_at: row.ended_at,
        lines: u64::try_from(row.lines).map_err(|_| bad("lines"))?,
        counts: serde_json::from_str(&row.counts).map_err(|_| bad("counts"))?,
        brakes: serde_json::from_str(&row.brakes).map_err(|_| bad("brakes"))?,
        faults: serde_json::from_str(&row.faults).map_err(|_| bad("faults"))?,
        warnings: serde_json::from_str(&row.warnings).map_err(|_| bad("warnings"))?,
        data_version: row.data_version,
        error: row.error,
        by: serde_json::from_str(&row.by_actor).map_err(|_| bad("by_actor"))?,
        released: match (row.released_by, row.released_at) {
            (Some(by), Some(at)) => {
                let by = serde_json::from_str(&by).map_err(|_| bad("released_by"))?;
                Some(Release { by, at })
            }
            _ => None,
        },
    })
}

/// The part of a line that is only ever read whole.
#[derive(Serialize, Deserialize)]
struct ItemBody {
    act: Act,
    content_hash: Option<[u8; 32]>,
    changes: Vec<FieldChange>,
    reason: String,
    lines: Vec<u64>,
}

fn item_row(item: &PlanItem) -> plan_item::Model {
    let body = ItemBody {
        act: item.act.clone(),
        content_hash: item.content_hash,
        changes: item.changes.clone(),
        reason: item.reason.clone(),
        lines: item.lines.clone(),
    };
    plan_item::Model {
        id: item.id.uuid(),
        run_id: item.run.uuid(),
        ordinal: i64::try_from(item.ordinal).unwrap_or(i64::MAX),
        kind: item.kind.name().to_owned(),
        person_id: item.person.map(PersonId::uuid),
        external_key: item.external_key.0.clone(),
        pattern_key: item.pattern_key.clone(),
        sort_key: item.label.clone(),
        unit_code: item.unit.clone(),
        item: to_json(&body),
        selected: item.selected,
        result: item.outcome.clone(),
        applied_at: item.applied_at,
    }
}

pub(crate) fn read_item(row: plan_item::Model) -> Result<PlanItem, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "plan_item", row: id.clone(), column };
    let body: ItemBody = serde_json::from_str(&row.item).map_err(|_| bad("item"))?;
    Ok(PlanItem {
        id: row.id.into(),
        run: row.run_id.into(),
        ordinal: u64::try_from(row.ordinal).map_err(|_| bad("ordinal"))?,
        kind: ItemKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        person: row.person_id.map(Into::into),
        external_key: ExternalKey(row.external_key),
        pattern_key: row.pattern_key,
        label: row.sort_key,
        unit: row.unit_code,
        act: body.act,
        content_hash: body.content_hash,
        changes: body.changes,
        reason: body.reason,
        lines: body.lines,
        selected: row.selected,
        outcome: row.result,
        applied_at: row.applied_at,
    })
}
