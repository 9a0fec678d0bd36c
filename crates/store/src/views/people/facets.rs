use super::{IdentityStanding, PeopleFilter, Standing};
use crate::entity::{account, means, person, post, source};
use crate::error::Attempted;
use crate::{Reader, StoreError};
use chrono::NaiveDate;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

/// One value to filter by, and how many people it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    pub value: String,
    pub label: String,
    pub count: u64,
}

/// What the list may be narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    pub units: Vec<Facet>,
    pub sites: Vec<Facet>,
    pub functions: Vec<Facet>,
    pub entities: Vec<Facet>,
    pub contracts: Vec<Facet>,
    pub states: Vec<Facet>,
    pub identities: Vec<Facet>,
    pub means: Vec<Facet>,
    pub sources: Vec<Facet>,
}

pub async fn facets(reader: &Reader<'_>, today: NaiveDate) -> Result<Facets, StoreError> {
    let everybody = PeopleFilter::everybody(today);
    let mut found = Facets {
        units: of_posts(reader, post::Column::UnitCode, post::Column::UnitLabel, today).await?,
        sites: of_posts(reader, post::Column::FinessEt, post::Column::FinessEt, today).await?,
        functions: of_posts(
            reader,
            post::Column::FunctionLabel,
            post::Column::FunctionLabel,
            today,
        )
        .await?,
        entities: of_posts(reader, post::Column::FinessEj, post::Column::FinessEj, today).await?,
        contracts: of_posts(reader, post::Column::ContractKind, post::Column::ContractKind, today)
            .await?,
        means: of_means(reader).await?,
        sources: of_sources(reader).await?,
        ..Facets::default()
    };
    for standing in Standing::ALL {
        let filter = PeopleFilter { standings: vec![standing], ..everybody.clone() };
        found.states.extend(counted(reader, standing.name(), &filter).await?);
    }
    for identity in IdentityStanding::ALL {
        let filter = PeopleFilter { identities: vec![identity], ..everybody.clone() };
        found.identities.extend(counted(reader, identity.name(), &filter).await?);
    }
    let none = PeopleFilter { means: vec![None], ..everybody };
    found.means.extend(counted(reader, "none", &none).await?);
    Ok(found)
}

async fn counted(
    reader: &Reader<'_>,
    name: &str,
    filter: &PeopleFilter,
) -> Result<Option<Facet>, StoreError> {
    let people = person::Entity::find().filter(filter.condition());
    let count = people.count(reader).await.attempted("count the people of a filter")?;
    let facet = || Facet { value: name.to_owned(), label: name.to_owned(), count };
    Ok((count > 0).then(facet))
}

#[derive(FromQueryResult)]
struct Counted {
    value: Option<String>,
    label: Option<String>,
    n: i64,
}

fn facet(Counted { value, label, n: count }: Counted) -> Option<Facet> {
    let value = value.filter(|value| !value.is_empty())?;
    let label = label.unwrap_or_else(|| value.clone());
    Some(Facet { value, label, count: u64::try_from(count).unwrap_or(0) })
}

async fn of_posts(
    reader: &Reader<'_>,
    value: post::Column,
    label: post::Column,
    today: NaiveDate,
) -> Result<Vec<Facet>, StoreError> {
    let rows: Vec<Counted> = post::Entity::find()
        .select_only()
        .column_as(value, "value")
        .column_as(label.max(), "label")
        .column_as(Expr::cust("COUNT(DISTINCT person_id)"), "n")
        .filter(
            Condition::any()
                .add(post::Column::EndsOn.is_null())
                .add(post::Column::EndsOn.gte(today)),
        )
        .group_by(value)
        .order_by_asc(value)
        .into_model::<Counted>()
        .all(reader)
        .await
        .attempted("count posts by a column")?;
    Ok(rows.into_iter().filter_map(facet).collect())
}

async fn of_means(reader: &Reader<'_>) -> Result<Vec<Facet>, StoreError> {
    let rows: Vec<Counted> = means::Entity::find()
        .select_only()
        .column_as(means::Column::Kind, "value")
        .column_as(means::Column::Kind, "label")
        .column_as(Expr::cust("COUNT(DISTINCT person_id)"), "n")
        .filter(means::Column::Status.eq("active"))
        .group_by(means::Column::Kind)
        .into_model::<Counted>()
        .all(reader)
        .await
        .attempted("count means by kind")?;
    Ok(rows.into_iter().filter_map(facet).collect())
}

async fn of_sources(reader: &Reader<'_>) -> Result<Vec<Facet>, StoreError> {
    let sources = source::Entity::find()
        .order_by_asc(source::Column::Name)
        .all(reader)
        .await
        .attempted("read sources")?;
    let mut found = Vec::new();
    for source in sources {
        let posts: Option<i64> = post::Entity::find()
            .select_only()
            .column_as(Expr::cust("COUNT(DISTINCT person_id)"), "n")
            .filter(post::Column::SourceId.eq(source.id))
            .into_tuple()
            .one(reader)
            .await
            .attempted("count the people of a source")?;
        let accounts: Option<i64> = account::Entity::find()
            .select_only()
            .column_as(Expr::cust("COUNT(DISTINCT person_id)"), "n")
            .filter(account::Column::SourceId.eq(source.id))
            .into_tuple()
            .one(reader)
            .await
            .attempted("count the accounts of a source")?;
        let count = posts.unwrap_or(0).max(accounts.unwrap_or(0));
        let (value, label) = (Some(source.id.to_string()), Some(source.name));
        found.extend(facet(Counted { value, label, n: count }));
    }
    Ok(found)
}
