//! Lists that operators keep under a name: a page, its filters, its columns.
use crate::StoreError;
use crate::entity::saved_view;
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use kernel::{OperatorId, SavedViewId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder,
};

/// A list kept under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub id: SavedViewId,
    pub operator: OperatorId,
    /// The page it belongs to: `people`, `cases`, `audit`…
    pub page: String,
    pub name: String,
    /// The page's own query, as the address bar holds it.
    pub query: String,
    /// Names of columns, in their order; empty: the page's own.
    pub columns: Vec<String>,
    /// Every operator sees it; only its owner changes it.
    pub shared: bool,
    pub created_at: DateTime<Utc>,
    /// The version that was read; the store raises it at each change.
    pub version: i64,
}

pub struct SavedViews<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> SavedViews<'_, C> {
    /// Those of one operator and those shared with her, by name.
    pub async fn seen_by(
        &self,
        operator: OperatorId,
        page: Option<&str>,
    ) -> Result<Vec<SavedView>, StoreError> {
        let seen = Condition::any()
            .add(saved_view::Column::OperatorId.eq(operator.uuid()))
            .add(saved_view::Column::Shared.eq(true));
        let of_page = page.map(|page| saved_view::Column::Page.eq(page));
        let rows = saved_view::Entity::find()
            .filter(Condition::all().add(seen).add_option(of_page))
            .order_by_asc(saved_view::Column::Name)
            .order_by_asc(saved_view::Column::Id)
            .all(self.0)
            .await
            .attempted("read saved views")?;
        rows.into_iter().map(read).collect()
    }

    pub async fn find(&self, id: SavedViewId) -> Result<Option<SavedView>, StoreError> {
        let row = saved_view::Entity::find_by_id(id.uuid());
        row.one(self.0).await.attempted("read a saved view")?.map(read).transpose()
    }

    pub async fn count_of(&self, operator: OperatorId) -> Result<u64, StoreError> {
        saved_view::Entity::find()
            .filter(saved_view::Column::OperatorId.eq(operator.uuid()))
            .count(self.0)
            .await
            .attempted("count saved views")
    }

    pub async fn insert(&self, view: &SavedView) -> Result<(), StoreError> {
        saved_view::Entity::insert(row(view).into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("save a view")?;
        Ok(())
    }

    /// Saves what was read at `view.version`.
    pub async fn save(&self, view: &SavedView) -> Result<(), StoreError> {
        let mut next = row(view);
        next.version += 1;
        let result = saved_view::Entity::update_many()
            .set(next.into_active_model().reset_all())
            .filter(saved_view::Column::Id.eq(view.id.uuid()))
            .filter(saved_view::Column::Version.eq(view.version))
            .exec(self.0)
            .await
            .attempted("save a view")?;
        match result.rows_affected {
            1 => Ok(()),
            _ => Err(StoreError::Stale { table: "saved_view" }),
        }
    }

    pub async fn remove(&self, id: SavedViewId) -> Result<(), StoreError> {
        saved_view::Entity::delete_by_id(id.uuid())
            .exec(self.0)
            .await
            .attempted("remove a saved view")?;
        Ok(())
    }
}

fn row(view: &SavedView) -> saved_view::Model {
    saved_view::Model {
        id: view.id.uuid(),
        operator_id: view.operator.uuid(),
        page: view.page.clone(),
        name: view.name.clone(),
        query: view.query.clone(),
        columns: serde_json::json!(view.columns).to_string(),
        shared: view.shared,
        created_at: view.created_at,
        version: view.version,
    }
}

fn read(row: saved_view::Model) -> Result<SavedView, StoreError> {
    let columns = serde_json::from_str(&row.columns).map_err(|_| StoreError::Corrupt {
        table: "saved_view",
        row: row.id.to_string(),
        column: "columns",
    })?;
    Ok(SavedView {
        id: row.id.into(),
        operator: row.operator_id.into(),
        page: row.page,
        name: row.name,
        query: row.query,
        columns,
        shared: row.shared,
        created_at: row.created_at,
        version: row.version,
    })
}
