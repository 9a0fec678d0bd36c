//! Lists that an operator keeps under a name.
mod change;
mod create;
mod list;
mod remove;
pub mod views;

use super::AdminState;
use crate::call::etag;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::{SavedView, SavedViewDraft};
use workflows::ViewDraft;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(change::change, remove::remove))
}

fn view(saved: &workflows::SavedView, mine: bool, owner: Option<String>) -> SavedView {
    SavedView {
        id: saved.id.uuid(),
        etag: etag(saved.version),
        page: saved.page.clone(),
        name: saved.name.clone(),
        query: saved.query.clone(),
        columns: saved.columns.clone(),
        shared: saved.shared,
        mine,
        owner,
    }
}

impl From<SavedViewDraft> for ViewDraft {
    fn from(draft: SavedViewDraft) -> Self {
        Self {
            page: draft.page,
            name: draft.name,
            query: draft.query,
            columns: draft.columns.unwrap_or_default(),
            shared: draft.shared.unwrap_or(false),
        }
    }
}
