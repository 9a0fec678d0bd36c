//! The list of people: filters, sort, pages, facets.
use crate::entity::{doubt, means, national_identity, person, post};
use crate::error::Attempted;
use crate::{Reader, StoreError};
use authentication::MeansKind;
use chrono::{DateTime, Days, NaiveDate, Utc};
use directory::{CaseKind, CaseState, NationalIdentity, Person, Post};
use kernel::{PersonId, SourceId};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use std::collections::{BTreeMap, BTreeSet};

mod facets;
mod filter;
mod more;
mod order;
#[cfg(test)]
mod tests;

pub use facets::{Facet, Facets, facets};
pub use filter::{IdentityStanding, PeopleFilter, Standing};
pub use more::{ListedAccount, MoreOfPerson, MoreWanted, more};
use order::{InOrder, place_of};

/// How many days before its end a national identity is to be checked again.
pub const RECHECK_DAYS: u64 = 60;

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleSort {
    Name,
    ContractEnd,
    State,
    Unit,
    Function,
    Matricule,
    /// Linked, by the next check; then to decide, declared, of a regulated profession, the others.
    Identity,
    LastLogin,
}

impl PeopleSort {
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::ContractEnd,
        Self::State,
        Self::Unit,
        Self::Function,
        Self::Matricule,
        Self::Identity,
        Self::LastLogin,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::ContractEnd => "contract_end",
            Self::State => "state",
            Self::Unit => "unit",
            Self::Function => "function",
            Self::Matricule => "matricule",
            Self::Identity => "identity",
            Self::LastLogin => "last_login",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
    /// The column that an index keeps in this order; the name needs none besides its own.
    fn column(self) -> Option<&'static str> {
        match self {
            Self::Name => None,
            Self::State => Some("state"),
            Self::ContractEnd => Some("listed_end"),
            Self::Unit => Some("listed_unit"),
            Self::Function => Some("listed_function"),
            Self::Matricule => Some("listed_matricule"),
            Self::Identity => Some("listed_identity"),
            Self::LastLogin => Some("listed_login"),
        }
    }
}

/// A line's place in the order: nothing that comes or goes between two pages moves the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeoplePlace {
    /// What the list is sorted by; `None` for a person who has no such value, and for the sort by name.
    pub value: Option<String>,
    pub key: String,
    pub id: PersonId,
}

/// What the first page counted, so that the next ones need not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeopleCounts {
    /// Who answers the filter.
    pub total: u64,
    pub total_all: u64,
    /// First letters that the filter's names have, `a` to `z`; only for the sort by name.
    pub letters: Vec<char>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleStart {
    First,
    After(PeoplePlace, PeopleCounts),
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    pub person: Person,
    pub sort_key: String,
    pub posts: Vec<Post>,
    pub identities: Vec<NationalIdentity>,
    /// Active means by kind.
    pub means: BTreeMap<&'static str, i64>,
    pub last_login: Option<DateTime<Utc>>,
    /// Somebody else bears the same names.
    pub homonym: bool,
    /// A question about the national identity is open.
    pub to_decide: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeoplePage {
    pub lines: Vec<PersonLine>,
    /// The last line's place, when others follow.
    pub next: Option<PeoplePlace>,
    pub counts: PeopleCounts,
}

/// One page of the people that answer the filter.
pub async fn page(
    reader: &Reader<'_>,
    filter: &PeopleFilter,
    (sort, descending): (PeopleSort, bool),
    start: &PeopleStart,
    limit: u64,
) -> Result<PeoplePage, StoreError> {
    let chosen = person::Entity::find().filter(filter.condition());
    let (after, counts) = match start {
        PeopleStart::First => (None, counted(reader, chosen.clone(), sort).await?),
        PeopleStart::After(place, counts) => (Some(place), counts.clone()),
    };
    let order = InOrder { sort, descending, after };
    let mut rows = order.rows(reader, chosen, limit + 1).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = match rows.last() {
        Some(last) if more => Some(place_of(reader, last, sort).await?),
        Some(_) | None => None,
    };
    Ok(PeoplePage { lines: lines(reader, rows).await?, next, counts })
}

/// How many answer the filter.
pub async fn count(reader: &Reader<'_>, filter: &PeopleFilter) -> Result<u64, StoreError> {
    let chosen = person::Entity::find().filter(filter.condition());
    chosen.count(reader).await.attempted("count the filtered people")
}

async fn counted(
    reader: &Reader<'_>,
    chosen: Select<person::Entity>,
    sort: PeopleSort,
) -> Result<PeopleCounts, StoreError> {
    let total_all = person::Entity::find().count(reader).await.attempted("count people")?;
    if sort == PeopleSort::Name {
        return by_letter(reader, chosen, total_all).await;
    }
    let total = chosen.count(reader).await.attempted("count the filtered people")?;
    Ok(PeopleCounts { total, total_all, letters: Vec::new() })
}

/// The first people that answer a search, and how many there are: no letters, no other counts.
pub async fn found(
    reader: &Reader<'_>,
    filter: &PeopleFilter,
    limit: u64,
) -> Result<(Vec<PersonLine>, u64), StoreError> {
    let chosen = person::Entity::find().filter(filter.condition());
    let order = InOrder { sort: PeopleSort::Name, descending: false, after: None };
    let rows = order.rows(reader, chosen.clone(), limit).await?;
    let total = match (rows.len() as u64) < limit {
        true => rows.len() as u64,
        false => chosen.count(reader).await.attempted("count who was found")?,
    };
    Ok((lines(reader, rows).await?, total))
}

/// These people as lines of a list, in this order; unknown ids are left out.
pub async fn by_ids(
    reader: &Reader<'_>,
    ids: &[PersonId],
) -> Result<BTreeMap<PersonId, PersonLine>, StoreError> {
    let rows = person::Entity::find()
        .filter(person::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .all(reader)
        .await
        .attempted("read people by id")?;
    Ok(lines(reader, rows).await?.into_iter().map(|line| (line.person.id, line)).collect())
}

/// Others who bear the same names.
pub async fn homonyms(reader: &Reader<'_>, person: &Person) -> Result<Vec<PersonLine>, StoreError> {
    let rows = person::Entity::find()
        .filter(person::Column::HomonymKey.eq(person.keys().homonym))
        .filter(person::Column::Id.ne(person.id.uuid()))
        .order_by_asc(person::Column::SortKey)
        .limit(20)
        .all(reader)
        .await
        .attempted("read the homonyms of a person")?;
    lines(reader, rows).await
}

#[derive(FromQueryResult)]
struct LetterRow {
    letter: Option<String>,
    n: i64,
}

/// One reading of those chosen gives their number and their first letters.
async fn by_letter(
    reader: &Reader<'_>,
    chosen: Select<person::Entity>,
    total_all: u64,
) -> Result<PeopleCounts, StoreError> {
    let first: SimpleExpr = Expr::cust("substr(person.sort_key, 1, 1)");
    let rows = chosen
        .select_only()
        .column_as(first.clone(), "letter")
        .column_as(Expr::cust("COUNT(*)"), "n")
        .group_by(first)
        .into_model::<LetterRow>()
        .all(reader)
        .await
        .attempted("count the filtered people by letter")?;
    let total = rows.iter().map(|row| u64::try_from(row.n).unwrap_or(0)).sum();
    let letters: BTreeSet<char> = rows
        .iter()
        .filter_map(|row| row.letter.as_deref()?.chars().next())
        .filter(char::is_ascii_lowercase)
        .collect();
    Ok(PeopleCounts { total, total_all, letters: letters.into_iter().collect() })
}

/// Gathers what the lines need, a query a table for the whole page.
async fn lines(
    reader: &Reader<'_>,
    rows: Vec<person::Model>,
) -> Result<Vec<PersonLine>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut posts = posts(reader, &ids).await?;
    let mut identities = identities(reader, &ids).await?;
    let (mut active, last) = active_means(reader, &ids).await?;
    let names = rows.iter().map(|row| row.homonym_key.clone());
    let homonyms = shared_names(reader, names.collect()).await?;
    let to_decide = open_identity_cases(reader, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let (sort_key, id) = (row.sort_key.clone(), row.id);
            let homonym = homonyms.contains(&row.homonym_key);
            Ok(PersonLine {
                person: crate::people::read(row)?,
                sort_key,
                posts: posts.remove(&id).unwrap_or_default(),
                identities: identities.remove(&id).unwrap_or_default(),
                means: active.remove(&id).unwrap_or_default(),
                last_login: last.get(&id).copied(),
                homonym,
                to_decide: to_decide.contains(&id),
            })
        })
        .collect()
}

async fn posts(reader: &Reader<'_>, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<Post>>, StoreError> {
    let rows = post::Entity::find()
        .filter(post::Column::PersonId.is_in(ids.iter().copied()))
        .order_by_asc(post::Column::Id)
        .all(reader)
        .await
        .attempted("read the posts of a page")?;
    let mut found: BTreeMap<Uuid, Vec<Post>> = BTreeMap::new();
    for row in rows {
        found.entry(row.person_id).or_default().push(crate::posts::read(row)?);
    }
    Ok(found)
}

async fn identities(
    reader: &Reader<'_>,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Vec<NationalIdentity>>, StoreError> {
    let rows = national_identity::Entity::find()
        .filter(national_identity::Column::PersonId.is_in(ids.iter().copied()))
        .filter(national_identity::Column::EndedAt.is_null())
        .all(reader)
        .await
        .attempted("read the national identities of a page")?;
    let mut found: BTreeMap<Uuid, Vec<NationalIdentity>> = BTreeMap::new();
    for row in rows {
        let person = row.person_id;
        found.entry(person).or_default().push(crate::national_identities::read(row)?);
    }
    Ok(found)
}

type ActiveMeans = BTreeMap<Uuid, BTreeMap<&'static str, i64>>;

// By name: columns of SQLite come in no order of their own.
#[derive(FromQueryResult)]
struct MeansRow {
    person_id: Uuid,
    kind: String,
    status: String,
    last_used_at: Option<DateTime<Utc>>,
}

async fn active_means(
    reader: &Reader<'_>,
    ids: &[Uuid],
) -> Result<(ActiveMeans, BTreeMap<Uuid, DateTime<Utc>>), StoreError> {
    let rows: Vec<MeansRow> = means::Entity::find()
        .select_only()
        .columns([
            means::Column::PersonId,
            means::Column::Kind,
            means::Column::Status,
            means::Column::LastUsedAt,
        ])
        .filter(means::Column::PersonId.is_in(ids.iter().copied()))
        .into_model::<MeansRow>()
        .all(reader)
        .await
        .attempted("read the means of a page")?;
    let (mut active, mut last) = (ActiveMeans::new(), BTreeMap::new());
    for MeansRow { person_id: person, kind, status, last_used_at: used } in rows {
        let kind = MeansKind::from_name(&kind).ok_or_else(|| StoreError::Corrupt {
            table: "means",
            row: format!("of the person {person}"),
            column: "kind",
        })?;
        if status == "active" {
            *active.entry(person).or_default().entry(kind.name()).or_default() += 1;
        }
        if let Some(used) = used {
            let latest = last.entry(person).or_insert(used);
            *latest = std::cmp::max(used, *latest);
        }
    }
    Ok((active, last))
}

/// Those of these people whose names somebody else bears too.
pub async fn with_homonyms(
    reader: &Reader<'_>,
    people: impl Iterator<Item = &Person>,
) -> Result<BTreeSet<PersonId>, StoreError> {
    let keys: Vec<(PersonId, String)> =
        people.map(|person| (person.id, person.keys().homonym)).collect();
    let shared = shared_names(reader, keys.iter().map(|(_, key)| key.clone()).collect()).await?;
    Ok(keys.into_iter().filter(|(_, key)| shared.contains(key)).map(|(id, _)| id).collect())
}

/// The names among these that several people bear.
async fn shared_names(
    reader: &Reader<'_>,
    names: BTreeSet<String>,
) -> Result<BTreeSet<String>, StoreError> {
    let shared: Vec<String> = person::Entity::find()
        .select_only()
        .column(person::Column::HomonymKey)
        .filter(person::Column::HomonymKey.is_in(names))
        .group_by(person::Column::HomonymKey)
        .having(Expr::expr(Func::count(Expr::col(person::Column::Id))).gt(1))
        .into_tuple()
        .all(reader)
        .await
        .attempted("read homonyms")?;
    Ok(shared.into_iter().collect())
}

async fn open_identity_cases(
    reader: &Reader<'_>,
    ids: &[Uuid],
) -> Result<BTreeSet<Uuid>, StoreError> {
    let found: Vec<Uuid> = doubt::Entity::find()
        .select_only()
        .column(doubt::Column::PersonId)
        .filter(doubt::Column::PersonId.is_in(ids.iter().copied()))
        .filter(doubt::Column::Kind.eq(CaseKind::NationalIdentity.name()))
        .filter(doubt::Column::State.ne(CaseState::Decided.name()))
        .into_tuple()
        .all(reader)
        .await
        .attempted("read the open cases of a page")?;
    Ok(found.into_iter().collect())
}

impl PersonLine {
    /// The post to show: the current one that lasts longest, else the next to come, else the last one.
    pub fn main_post(&self, today: NaiveDate) -> Option<&Post> {
        use directory::PostState::{Current, Over, Planned};
        let end = |post: &&Post| post.fields.ends_on.unwrap_or(NaiveDate::MAX);
        let of = |state| self.posts.iter().filter(move |post| post.state(today) == state);
        of(Current)
            .max_by_key(end)
            .or_else(|| of(Planned).min_by_key(|post| post.fields.starts_on))
            .or_else(|| of(Over).max_by_key(end))
    }

    pub fn standing(&self, today: NaiveDate) -> Standing {
        Standing::of(&self.person, &self.posts, today)
    }

    /// The day after which no post is left; `None` when one has no end, or there is none.
    pub fn contract_end(&self, today: NaiveDate) -> Option<NaiveDate> {
        let open: Vec<_> = self
            .posts
            .iter()
            .filter(|post| post.state(today) != directory::PostState::Over)
            .collect();
        let considered: Vec<_> = if open.is_empty() { self.posts.iter().collect() } else { open };
        let ends: Option<Vec<NaiveDate>> =
            considered.iter().map(|post| post.fields.ends_on).collect();
        ends?.into_iter().max()
    }

    pub fn identity_standing(&self, today: NaiveDate) -> IdentityStanding {
        let recheck = today + Days::new(RECHECK_DAYS);
        let next = self.identities.iter().map(|identity| identity.next_check).min();
        let regulated = self.posts.iter().any(|post| {
            post.fields.profession.is_some() && post.state(today) != directory::PostState::Over
        });
        match next {
            Some(next) if next <= recheck => IdentityStanding::ToRecheck,
            Some(_) => IdentityStanding::Verified,
            None if self.to_decide => IdentityStanding::ToDecide,
            None if self.person.declared_rpps.is_some() => IdentityStanding::Declared,
            None if regulated => IdentityStanding::Missing,
            None => IdentityStanding::NotApplicable,
        }
    }
}

/// The sources that a filter may name.
pub(crate) fn source_ids(sources: &[SourceId]) -> Vec<Uuid> {
    sources.iter().map(|source| source.uuid()).collect()
}
