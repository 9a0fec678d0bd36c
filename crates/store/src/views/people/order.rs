//! Pages of people along an index, from a place on.
use super::{PeoplePlace, PeopleSort};
use crate::entity::person;
use crate::error::Attempted;
use crate::{Reader, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Order, SimpleExpr};
use sea_orm::{Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// An order of people, from a place on.
pub(super) struct InOrder<'a> {
    pub(super) sort: PeopleSort,
    pub(super) descending: bool,
    pub(super) after: Option<&'a PeoplePlace>,
}

impl InOrder<'_> {
    /// Those who have the value first, then those who have none: each part is read along an index.
    pub(super) async fn rows(
        &self,
        reader: &Reader<'_>,
        chosen: Select<person::Entity>,
        limit: u64,
    ) -> Result<Vec<person::Model>, StoreError> {
        let Some(column) = self.sort.column() else {
            let after = self.after.map(|place| self.after_name(place));
            return self.part(reader, chosen, None, after, limit).await;
        };
        let mut rows = Vec::new();
        let beyond = self.after.is_some_and(|place| place.value.is_none());
        if !beyond {
            let after = self.after.map(|place| self.after_value(column, place));
            let having = chosen.clone().filter(Expr::col(column).is_not_null());
            rows = self.part(reader, having, Some(column), after, limit).await?;
        }
        let left = limit.saturating_sub(rows.len() as u64);
        if left > 0 {
            let after = self.after.filter(|_| beyond).map(|place| self.after_name(place));
            let without = chosen.filter(Expr::col(column).is_null());
            rows.extend(self.part(reader, without, None, after, left).await?);
        }
        Ok(rows)
    }

    async fn part(
        &self,
        reader: &Reader<'_>,
        chosen: Select<person::Entity>,
        column: Option<&'static str>,
        after: Option<SimpleExpr>,
        limit: u64,
    ) -> Result<Vec<person::Model>, StoreError> {
        let order = || if self.descending { Order::Desc } else { Order::Asc };
        let mut chosen = chosen.filter(Condition::all().add_option(after));
        if let Some(column) = column {
            chosen = chosen.order_by(Expr::col(column), order());
        }
        chosen
            .order_by(person::Column::SortKey, order())
            .order_by(person::Column::Id, order())
            .limit(limit)
            .all(reader)
            .await
            .attempted("read a page of people")
    }

    fn after_name(&self, place: &PeoplePlace) -> SimpleExpr {
        use person::Column::{Id, SortKey};
        let here = [Expr::col(SortKey), Expr::col(Id)];
        let there = [Expr::val(place.key.as_str()), Expr::val(place.id.uuid())];
        self.beyond(here, there)
    }

    fn after_value(&self, column: &'static str, place: &PeoplePlace) -> SimpleExpr {
        use person::Column::{Id, SortKey};
        let value = place.value.clone().unwrap_or_default();
        let here = [Expr::col(column), Expr::col(SortKey), Expr::col(Id)];
        let there = [Expr::val(value), Expr::val(place.key.as_str()), Expr::val(place.id.uuid())];
        self.beyond(here, there)
    }

    // Compared as one, so that the index is entered at the place and not read up to it.
    fn beyond<const N: usize>(&self, here: [SimpleExpr; N], there: [SimpleExpr; N]) -> SimpleExpr {
        let (here, there) = (Expr::tuple(here), Expr::tuple(there));
        if self.descending { here.lt(there) } else { here.gt(there) }
    }
}

pub(super) async fn place_of(
    reader: &Reader<'_>,
    row: &person::Model,
    sort: PeopleSort,
) -> Result<PeoplePlace, StoreError> {
    let value = match sort.column() {
        None => None,
        Some(column) => person::Entity::find_by_id(row.id)
            .select_only()
            .column_as(Expr::col(column), "value")
            .into_tuple::<Option<String>>()
            .one(reader)
            .await
            .attempted("read a place in a list")?
            .flatten(),
    };
    Ok(PeoplePlace { value, key: row.sort_key.clone(), id: row.id.into() })
}
