//! Two records of one person: made one, and back.
mod merge;
mod split;
mod views;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new().routes(routes!(merge::merge)).routes(routes!(split::split))
}
