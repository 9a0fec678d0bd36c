//! The queue of questions for a human.
use super::people::{PersonLine, by_ids};
use crate::cases::read;
use crate::entity::doubt;
use crate::error::Attempted;
use crate::{Reader, StoreError};
use directory::{Case, CaseKind, CaseState};
use kernel::{CaseId, PersonId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::BTreeMap;

/// What the queue is narrowed to; empty lists narrow nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFilter {
    pub kinds: Vec<CaseKind>,
    pub states: Vec<CaseState>,
    /// Whose they are; `Some(None)`: nobody's.
    pub assigned: Option<Option<PersonId>>,
}

impl CaseFilter {
    fn condition(&self) -> Condition {
        let kinds = self.kinds.iter().map(|kind| kind.name());
        let states = self.states.iter().map(|state| state.name());
        Condition::all()
            .add_option((!self.kinds.is_empty()).then(|| doubt::Column::Kind.is_in(kinds)))
            .add_option((!self.states.is_empty()).then(|| doubt::Column::State.is_in(states)))
            .add_option(self.assigned.map(|to| match to {
                Some(person) => doubt::Column::AssignedTo.eq(person.uuid()),
                None => doubt::Column::AssignedTo.is_null(),
            }))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePage {
    pub cases: Vec<Case>,
    pub people: BTreeMap<PersonId, PersonLine>,
    pub more: bool,
    pub total: u64,
    /// The last case that somebody decided.
    pub last_decided: Option<Case>,
}

/// Whoever waits at the desk first, then the longest waiting.
pub async fn page(
    reader: &Reader<'_>,
    filter: &CaseFilter,
    offset: u64,
    limit: u64,
) -> Result<CasePage, StoreError> {
    let chosen = doubt::Entity::find().filter(filter.condition());
    let total = chosen.clone().count(reader).await.attempted("count the queue")?;
    let rows = chosen
        .order_by_desc(doubt::Column::Priority)
        .order_by_asc(doubt::Column::OpenedAt)
        .order_by_asc(doubt::Column::Id)
        .offset(offset)
        .limit(limit + 1)
        .all(reader)
        .await
        .attempted("read the queue")?;
    let more = rows.len() as u64 > limit;
    let kept = rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
    let cases: Vec<Case> = kept.map(read).collect::<Result<_, _>>()?;
    let ids: Vec<PersonId> = cases.iter().filter_map(|case| case.person).collect();
    let people = by_ids(reader, &ids).await?;
    let last_decided = doubt::Entity::find()
        .filter(doubt::Column::DecidedAt.is_not_null())
        .order_by_desc(doubt::Column::DecidedAt)
        .one(reader)
        .await
        .attempted("read the last decided case")?;
    let last_decided = last_decided.map(read).transpose()?;
    Ok(CasePage { cases, people, more, total, last_decided })
}

/// Those after this one, in the same order, uncounted: nothing that is decided or opened meanwhile moves the others.
pub async fn after(
    reader: &Reader<'_>,
    filter: &CaseFilter,
    last: Option<&Case>,
    limit: u64,
) -> Result<CasePage, StoreError> {
    use doubt::Column;
    let beyond = last.map(|last| {
        let older = Condition::any().add(Column::OpenedAt.gt(last.opened_at)).add(
            Condition::all()
                .add(Column::OpenedAt.eq(last.opened_at))
                .add(Column::Id.gt(last.id.uuid())),
        );
        Condition::any()
            .add(Column::Priority.lt(last.priority))
            .add(Condition::all().add(Column::Priority.eq(last.priority)).add(older))
    });
    let rows = doubt::Entity::find()
        .filter(filter.condition())
        .filter(Condition::all().add_option(beyond))
        .order_by_desc(Column::Priority)
        .order_by_asc(Column::OpenedAt)
        .order_by_asc(Column::Id)
        .limit(limit + 1)
        .all(reader)
        .await
        .attempted("read the queue")?;
    let more = rows.len() as u64 > limit;
    let kept = rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
    let cases: Vec<Case> = kept.map(read).collect::<Result<_, _>>()?;
    let ids: Vec<PersonId> = cases.iter().filter_map(|case| case.person).collect();
    let people = by_ids(reader, &ids).await?;
    Ok(CasePage { cases, people, more, total: 0, last_decided: None })
}

/// The questions that these keys make one, whatever became of them; the newest of each.
pub async fn by_question(
    reader: &Reader<'_>,
    keys: &[&str],
) -> Result<BTreeMap<String, CaseId>, StoreError> {
    let rows = doubt::Entity::find()
        .filter(doubt::Column::DedupeKey.is_in(keys.iter().copied()))
        .order_by_asc(doubt::Column::OpenedAt)
        .all(reader)
        .await
        .attempted("find the questions of a plan")?;
    Ok(rows.into_iter().map(|row| (row.dedupe_key, row.id.into())).collect())
}

/// How many wait, and since when the oldest does, by kind.
pub async fn waiting(
    reader: &Reader<'_>,
    kind: CaseKind,
) -> Result<(u64, Option<Case>), StoreError> {
    let filter =
        CaseFilter { kinds: vec![kind], states: vec![CaseState::Open], ..CaseFilter::default() };
    let chosen = doubt::Entity::find().filter(filter.condition());
    let count = chosen.clone().count(reader).await.attempted("count open cases")?;
    let oldest = chosen
        .order_by_asc(doubt::Column::OpenedAt)
        .one(reader)
        .await
        .attempted("read the oldest open case")?;
    Ok((count, oldest.map(read).transpose()?))
}
