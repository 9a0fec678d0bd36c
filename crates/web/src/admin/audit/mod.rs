//! The journal.
mod checkpoint;
mod entry;
mod export;
mod list;
mod rows;
mod verify;
pub mod views;

pub(crate) use rows::row;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(export::export))
        .routes(routes!(checkpoint::checkpoint))
        .routes(routes!(verify::verify))
        .routes(routes!(entry::entry))
}
