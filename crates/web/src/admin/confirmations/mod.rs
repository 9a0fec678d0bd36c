//! « C’est bien vous ? »: the key again, before acts that are wide or hard to take back.
mod answer;
mod ask;
pub mod views;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new().routes(routes!(ask::ask)).routes(routes!(answer::answer))
}
