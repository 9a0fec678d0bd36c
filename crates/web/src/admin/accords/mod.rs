//! Acts that wait for a second person.
mod answer;
mod list;
pub mod views;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(answer::give))
        .routes(routes!(answer::refuse))
}
