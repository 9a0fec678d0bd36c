//! The lines of a plan, equal ones folded into one.
use crate::entity::{plan_item, run, session};
use crate::error::Attempted;
use crate::runs::read_item;
use crate::{Reader, StoreError};
use chrono::{DateTime, Utc};
use directory::{ItemKind, PlanItem, Run};
use kernel::{PersonId, PlanItemId, RunId, SourceId};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use std::collections::BTreeMap;

/// A line to read: one item, or many that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    pub item: PlanItem,
    /// How many items it stands for.
    pub count: u64,
    /// Of a folded line: a few of its items, the first ones.
    pub sample: Vec<PlanItem>,
}

/// Items that speak for a folded line.
const SAMPLE: u64 = 3;
/// They are looked for among so many lines from the first one on: a plan may have fifty thousand.
const NEAR: i64 = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPage {
    pub lines: Vec<PlanLine>,
    pub more: bool,
    pub total: u64,
}

// What is counted comes by name: columns of SQLite come in no order of their own.
#[derive(FromQueryResult)]
struct GroupRow {
    first: Option<i64>,
    n: i64,
}
#[derive(FromQueryResult)]
struct OutcomeRow {
    result: Option<String>,
    n: i64,
}
#[derive(FromQueryResult)]
struct PatternRow {
    pattern_key: String,
    id: Uuid,
}
#[derive(FromQueryResult)]
struct ChosenRow {
    kind: String,
    selected: bool,
    n: i64,
}
#[derive(FromQueryResult)]
struct SessionRow {
    person_id: Uuid,
    n: i64,
}

/// Lines of these kinds (all, when empty). With a pattern: its members, unfolded.
pub async fn page(
    reader: &Reader<'_>,
    run: RunId,
    kinds: &[ItemKind],
    pattern: Option<&str>,
    offset: u64,
    limit: u64,
) -> Result<PlanPage, StoreError> {
    let mut chosen = plan_item::Entity::find().filter(plan_item::Column::RunId.eq(run.uuid()));
    if !kinds.is_empty() {
        let names = kinds.iter().map(|kind| kind.name());
        chosen = chosen.filter(plan_item::Column::Kind.is_in(names));
    }
    let groups = match pattern {
        Some(pattern) => {
            let members = chosen.clone().filter(plan_item::Column::PatternKey.eq(pattern));
            groups(reader, members, Expr::col(plan_item::Column::Ordinal)).await?
        }
        // Lines without a pattern are never folded: each is its own group.
        None => {
            let key = "CASE WHEN pattern_key = '' THEN CAST(ordinal AS TEXT) ELSE pattern_key END";
            groups(reader, chosen.clone(), Expr::cust(key)).await?
        }
    };
    let total = groups.len() as u64;
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let shown: BTreeMap<i64, u64> = groups.into_iter().skip(skipped).take(size).collect();
    let rows = chosen
        .clone()
        .filter(plan_item::Column::Ordinal.is_in(shown.keys().copied()))
        .order_by_asc(plan_item::Column::Ordinal)
        .all(reader)
        .await
        .attempted("read the lines of a plan")?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let count = shown.get(&row.ordinal).copied().unwrap_or(1);
        let sample =
            if count > 1 { first_of(reader, chosen.clone(), &row).await? } else { Vec::new() };
        lines.push(PlanLine { item: read_item(row)?, count, sample });
    }
    Ok(PlanPage { more: offset + (lines.len() as u64) < total, lines, total })
}

/// The first items of a folded line, this one and those that follow it closely.
async fn first_of(
    reader: &Reader<'_>,
    chosen: Select<plan_item::Entity>,
    first: &plan_item::Model,
) -> Result<Vec<PlanItem>, StoreError> {
    let last = first.ordinal.saturating_add(NEAR);
    let rows = chosen
        .filter(plan_item::Column::Ordinal.between(first.ordinal, last))
        .filter(plan_item::Column::PatternKey.eq(&first.pattern_key))
        .order_by_asc(plan_item::Column::Ordinal)
        .limit(SAMPLE)
        .all(reader)
        .await
        .attempted("read a few of a folded line")?;
    rows.into_iter().map(read_item).collect()
}

async fn groups(
    reader: &Reader<'_>,
    chosen: Select<plan_item::Entity>,
    key: SimpleExpr,
) -> Result<Vec<(i64, u64)>, StoreError> {
    let rows: Vec<GroupRow> = chosen
        .select_only()
        .column_as(plan_item::Column::Ordinal.min(), "first")
        .column_as(plan_item::Column::Ordinal.count(), "n")
        .group_by(key)
        .order_by_asc(plan_item::Column::Ordinal.min())
        .into_model::<GroupRow>()
        .all(reader)
        .await
        .attempted("fold the lines of a plan")?;
    let known = |row: GroupRow| Some((row.first?, u64::try_from(row.n).ok()?));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// What came of the lines: how many bear each outcome; unmarked ones are not counted.
pub async fn outcomes(
    reader: &Reader<'_>,
    run: RunId,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let rows: Vec<OutcomeRow> = plan_item::Entity::find()
        .select_only()
        .column(plan_item::Column::Result)
        .column_as(plan_item::Column::Ordinal.count(), "n")
        .filter(plan_item::Column::RunId.eq(run.uuid()))
        .filter(plan_item::Column::Result.is_not_null())
        .group_by(plan_item::Column::Result)
        .into_model::<OutcomeRow>()
        .all(reader)
        .await
        .attempted("count what came of a plan")?;
    let counted = |row: OutcomeRow| Some((row.result?, u64::try_from(row.n).ok()?));
    Ok(rows.into_iter().filter_map(counted).collect())
}

/// How many lines of each kind the plan keeps, and how many it leaves aside.
pub async fn chosen(
    reader: &Reader<'_>,
    run: RunId,
) -> Result<BTreeMap<(String, bool), u64>, StoreError> {
    let rows: Vec<ChosenRow> = plan_item::Entity::find()
        .select_only()
        .columns([plan_item::Column::Kind, plan_item::Column::Selected])
        .column_as(plan_item::Column::Ordinal.count(), "n")
        .filter(plan_item::Column::RunId.eq(run.uuid()))
        .group_by(plan_item::Column::Kind)
        .group_by(plan_item::Column::Selected)
        .into_model::<ChosenRow>()
        .all(reader)
        .await
        .attempted("count the lines of a plan")?;
    let counted = |row: ChosenRow| Some(((row.kind, row.selected), u64::try_from(row.n).ok()?));
    Ok(rows.into_iter().filter_map(counted).collect())
}

/// The patterns of a plan, each with its lines.
pub async fn patterns(
    reader: &Reader<'_>,
    run: RunId,
) -> Result<BTreeMap<String, Vec<PlanItemId>>, StoreError> {
    let rows: Vec<PatternRow> = plan_item::Entity::find()
        .select_only()
        .columns([plan_item::Column::PatternKey, plan_item::Column::Id])
        .filter(plan_item::Column::RunId.eq(run.uuid()))
        .filter(plan_item::Column::PatternKey.ne(""))
        .order_by_asc(plan_item::Column::Ordinal)
        .into_model::<PatternRow>()
        .all(reader)
        .await
        .attempted("read the patterns of a plan")?;
    let mut patterns: BTreeMap<String, Vec<PlanItemId>> = BTreeMap::new();
    for row in rows {
        patterns.entry(row.pattern_key).or_default().push(row.id.into());
    }
    Ok(patterns)
}

/// Runs of one source, newest first, and how many there are.
pub async fn runs_of(
    reader: &Reader<'_>,
    source: SourceId,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Run>, u64), StoreError> {
    let chosen = run::Entity::find().filter(run::Column::SourceId.eq(source.uuid()));
    let total = chosen.clone().count(reader).await.attempted("count the runs of a source")?;
    let rows = chosen
        .order_by_desc(run::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(reader)
        .await
        .attempted("read the runs of a source")?;
    let runs = rows.into_iter().map(crate::runs::read).collect::<Result<_, _>>()?;
    Ok((runs, total))
}

/// How many sessions each of these people has open now.
pub async fn open_sessions(
    reader: &Reader<'_>,
    people: &[PersonId],
    now: DateTime<Utc>,
) -> Result<BTreeMap<PersonId, u64>, StoreError> {
    let rows: Vec<SessionRow> = session::Entity::find()
        .select_only()
        .column(session::Column::PersonId)
        .column_as(session::Column::Id.count(), "n")
        .filter(session::Column::PersonId.is_in(people.iter().map(|person| person.uuid())))
        .filter(session::Column::ClosedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .group_by(session::Column::PersonId)
        .into_model::<SessionRow>()
        .all(reader)
        .await
        .attempted("count open sessions")?;
    let counted = |row: SessionRow| Some((row.person_id.into(), u64::try_from(row.n).ok()?));
    Ok(rows.into_iter().filter_map(counted).collect())
}
