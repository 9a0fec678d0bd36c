use super::{PersonLine, source_ids};
use crate::entity::{account, source};
use crate::error::Attempted;
use crate::{Reader, StoreError};
use kernel::{PersonId, SourceId};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// What a list tells of somebody only when it is asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MoreWanted {
    pub sources: bool,
    pub accounts: bool,
}

/// A login in an outside system, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    pub login: String,
    pub enabled: bool,
}

/// What was asked of one person besides her line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoreOfPerson {
    /// Names of the sources of her posts and accounts (those that the filter by source means), in their order.
    pub sources: Vec<String>,
    /// Those that were not deleted, by login.
    pub accounts: Vec<ListedAccount>,
}

// By name: columns of SQLite come in no order of their own.
#[derive(FromQueryResult)]
struct AccountRow {
    person_id: Option<Uuid>,
    source_id: Uuid,
    login: String,
    enabled: bool,
    deleted: bool,
}

#[derive(FromQueryResult)]
struct SourceRow {
    id: Uuid,
    name: String,
}

/// For the people of a page: two queries at most, however many they are.
pub async fn more(
    reader: &Reader<'_>,
    lines: &[PersonLine],
    wanted: MoreWanted,
) -> Result<BTreeMap<PersonId, MoreOfPerson>, StoreError> {
    let mut found: BTreeMap<PersonId, MoreOfPerson> =
        lines.iter().map(|line| (line.person.id, MoreOfPerson::default())).collect();
    if !(wanted.sources || wanted.accounts) || lines.is_empty() {
        return Ok(found);
    }
    let mut told: BTreeMap<PersonId, BTreeSet<SourceId>> = lines
        .iter()
        .map(|line| (line.person.id, line.posts.iter().map(|post| post.source).collect()))
        .collect();
    for row in accounts(reader, lines).await? {
        let Some(person) = row.person_id.map(PersonId::from) else { continue };
        told.entry(person).or_default().insert(row.source_id.into());
        if wanted.accounts && !row.deleted {
            let account = ListedAccount { login: row.login, enabled: row.enabled };
            found.entry(person).or_default().accounts.push(account);
        }
    }
    if wanted.sources {
        let names = names(reader, told.values().flatten().copied().collect()).await?;
        for (person, sources) in told {
            let mut of_her: Vec<String> =
                sources.iter().filter_map(|source| names.get(source).cloned()).collect();
            of_her.sort();
            found.entry(person).or_default().sources = of_her;
        }
    }
    Ok(found)
}

async fn accounts(
    reader: &Reader<'_>,
    lines: &[PersonLine],
) -> Result<Vec<AccountRow>, StoreError> {
    use account::Column::{Deleted, Enabled, Id, Login, LoginKey, PersonId, SourceId};
    account::Entity::find()
        .select_only()
        .columns([PersonId, SourceId, Login, Enabled, Deleted])
        .filter(PersonId.is_in(lines.iter().map(|line| line.person.id.uuid())))
        .order_by_asc(LoginKey)
        .order_by_asc(Id)
        .into_model::<AccountRow>()
        .all(reader)
        .await
        .attempted("read the accounts of a page")
}

async fn names(
    reader: &Reader<'_>,
    sources: BTreeSet<SourceId>,
) -> Result<BTreeMap<SourceId, String>, StoreError> {
    let sources: Vec<SourceId> = sources.into_iter().collect();
    let rows = source::Entity::find()
        .select_only()
        .columns([source::Column::Id, source::Column::Name])
        .filter(source::Column::Id.is_in(source_ids(&sources)))
        .into_model::<SourceRow>()
        .all(reader)
        .await
        .attempted("read the names of sources")?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
}
